//! Rate tables, and what picks their columns.

pub mod draws;
pub mod stopwatch;
pub mod table;
