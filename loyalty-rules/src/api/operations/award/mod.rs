//! Awards: decided, quoted, made up, taken back, in many.

pub mod batch;
pub mod decide;
pub mod make_up;
pub mod mixed;
pub mod quote;
pub mod reverse;
pub mod tills;
