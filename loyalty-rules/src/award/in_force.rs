use alloc::vec::Vec;

use super::program::Program;
use super::terms::Terms;
use crate::calendar::{CivilTime, LocalTime};
use crate::error::{Error, Fault, Field};

/// Programs that follow each other without overlap or gap (AW-11).
///
/// ```
/// use loyalty_rules::award::{Program, ProgramList, Terms};
/// use loyalty_rules::tables::TableName;
///
/// let mut march = Terms::new(TableName::parse("stopwatch/below_15/basic")?);
/// (march.from, march.until) = (Some("2025-03-01".parse()?), Some("2025-04-01".parse()?));
/// let mut after = Terms::new(TableName::parse("stopwatch/below_15/plus")?);
/// after.from = march.until;
/// let programs = [Program::new(march)?, Program::new(after)?];
///
/// let list = ProgramList::new(&programs)?;
/// assert_eq!(list.in_force(&"2025-03-31T23:59:59+07:00".parse()?)?, Some(0));
/// assert_eq!(list.in_force(&"2025-04-01T00:00:00+07:00".parse()?)?, Some(1));
/// assert_eq!(list.in_force(&"2025-02-28T12:00:00+07:00".parse()?)?, None);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProgramList<'a> {
    programs: &'a [Program],
    /// Places in `programs`, by the instant of `from`.
    order: Vec<usize>,
}

impl<'a> ProgramList<'a> {
    /// A list of programs in any order.
    ///
    /// # Errors
    /// `missing_field` for a program without `from`; `bad_config` for none at all, where a program does not begin as the
    /// one before it ends, and where some programs state their offset from UTC and others do not.
    pub fn new(programs: &'a [Program]) -> Result<Self, Error> {
        if programs.is_empty() {
            return Err(Fault::NoPrograms.error().at("programs"));
        }
        if let Some(index) = programs.iter().position(|program| program.terms().from.is_none()) {
            return Err(Fault::Missing.error().at(Field::within("programs", index, "from")));
        }
        let states_offset = |program: &Program| program.terms().utc_offset.is_some();
        if let Some(index) = programs.iter().position(|program| Some(states_offset(program)) != programs.first().map(states_offset)) {
            return Err(Fault::OffsetsDiffer.error().at(Field::within("programs", index, "utc_offset")));
        }
        let mut order: Vec<usize> = (0..programs.len()).collect();
        // Instants, because programs of two offsets read one time of day at two of them (CV-5).
        let instant = |terms: &Terms, local: Option<LocalTime>| local.map(|local| local.instant(terms.utc_offset));
        let terms = |index: &usize| programs.get(*index).map(Program::terms);
        let from = |index: &usize| terms(index).and_then(|terms| instant(terms, terms.from));
        let until = |index: &usize| terms(index).and_then(|terms| instant(terms, terms.until));
        order.sort_by_key(from);
        for (before, later) in order.iter().zip(order.iter().skip(1)) {
            if until(before) != from(later) {
                return Err(Fault::NotConsecutive.error().at(Field::within("programs", *later, "from")));
            }
        }
        Ok(Self { programs, order })
    }

    /// The place of the program in force at an instant; `None` outside all. Each program reads the instant at its own
    /// offset (CV-5).
    ///
    /// # Errors
    /// `out_of_range` for an instant that lies outside the years 0000 … 9999 at a program's offset.
    pub fn in_force(&self, at: &CivilTime) -> Result<Option<usize>, Error> {
        for index in self.order.iter().rev().copied() {
            let Some(terms) = self.programs.get(index).map(Program::terms) else { continue };
            let local = terms.local(at).map_err(|refused| refused.at("at"))?;
            if terms.is_in_force(&local) {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }
}
