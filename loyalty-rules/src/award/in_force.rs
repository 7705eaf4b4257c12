use alloc::vec::Vec;

use super::program::Program;
use crate::calendar::CivilTime;
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
/// assert_eq!(list.in_force(&"2025-03-31T23:59:59+07:00".parse()?), Some(0));
/// assert_eq!(list.in_force(&"2025-04-01T00:00:00+07:00".parse()?), Some(1));
/// assert_eq!(list.in_force(&"2025-02-28T12:00:00+07:00".parse()?), None);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProgramList<'a> {
    programs: &'a [Program],
    /// Places in `programs`, by `from`.
    order: Vec<usize>,
}

impl<'a> ProgramList<'a> {
    /// A list of programs in any order.
    ///
    /// # Errors
    /// `missing_field` for a program without `from`; `bad_config` for none at all, and where a program does not
    /// begin as the one before it ends.
    pub fn new(programs: &'a [Program]) -> Result<Self, Error> {
        if programs.is_empty() {
            return Err(Fault::NoPrograms.error().at("programs"));
        }
        if let Some(index) = programs.iter().position(|program| program.terms().from.is_none()) {
            return Err(Fault::Missing.error().at(Field::within("programs", index, "from")));
        }
        let mut order: Vec<usize> = (0..programs.len()).collect();
        let terms = |index: &usize| programs.get(*index).map(Program::terms);
        order.sort_by_key(|index| terms(index).and_then(|terms| terms.from));
        for (before, later) in order.iter().zip(order.iter().skip(1)) {
            let (until, from) = (terms(before).and_then(|terms| terms.until), terms(later).and_then(|terms| terms.from));
            if until != from {
                return Err(Fault::NotConsecutive.error().at(Field::within("programs", *later, "from")));
            }
        }
        Ok(Self { programs, order })
    }

    /// The place of the program in force at an instant; `None` outside all. Each program reads the instant at its own
    /// offset (CV-5).
    pub fn in_force(&self, at: &CivilTime) -> Option<usize> {
        self.order.iter().rev().copied().find(|index| {
            let terms = self.programs.get(*index).map(Program::terms);
            terms.is_some_and(|terms| terms.local(at).is_ok_and(|local| terms.is_in_force(&local)))
        })
    }
}
