pub fn run(_: &[String]) -> crate::sh::Outcome { Ok(()) }
