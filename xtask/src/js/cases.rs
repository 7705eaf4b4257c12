//! Generated programs and receipts with the answers that the naive model gives, for the tests of the npm package.

use std::fmt::Write as _;

use loyalty_naive::generate::{self, Numbers};
use serde_json::{Value, json};

use crate::sh::Outcome;

const PROGRAMS: usize = 400;
/// Two blocks that a column decides side by side, and three rows that it decides one by one.
const ROWS: usize = 27;

/// A program, receipts before and after each other, and one receipt with all that a receipt may have; one case a line.
pub fn lines() -> Outcome<String> {
    let mut next = Numbers::new(20_250_301);
    let mut lines = String::new();
    for _ in 0..PROGRAMS {
        let _ = writeln!(lines, "{}", case(&mut next)?);
    }
    Ok(lines)
}

fn decide(program: &Value, [receipt, shopper]: &[Value; 2], before: &Value) -> Outcome<Value> {
    let mut request = json!({ "program": program, "receipt": receipt, "shopper": shopper });
    for (name, state) in before.as_object().into_iter().flatten() {
        request[name] = state.clone();
    }
    loyalty_naive::call("award.decide", &request).map_err(|kind| format!("the model refuses a generated request, {kind}: {request}"))
}

fn case(next: &mut Numbers) -> Outcome<Value> {
    let (mut program, mut merchant) = (generate::program(next), generate::merchant(next));
    let first = generate::receipt(next, &program);
    if next.once_in(2) {
        generate::set_limit(next, &mut program, &mut merchant, &first);
    }
    if next.once_in(12) {
        generate::pause(next, &mut program, &mut merchant);
    }
    let (mut rows, mut counters) = (Vec::new(), json!({}));
    for row in 0..ROWS {
        let asked = if row == 0 { first.clone() } else { generate::receipt(next, &program) };
        let award = decide(&program, &asked, &json!({ "merchant": merchant, "counters": counters }))?;
        let alone = decide(&program, &asked, &json!({}))?;
        counters = award["counters"].clone();
        let [receipt, shopper] = asked;
        rows.push(json!({ "receipt": receipt, "shopper": shopper, "award": award, "alone": alone }));
    }
    let [timed, receipt, shopper] = generate::with_instant(next, &program);
    let award = decide(&timed, &[receipt.clone(), shopper.clone()], &json!({ "merchant": merchant }))?;
    let timed = json!({ "program": timed, "receipt": receipt, "shopper": shopper, "award": award });
    Ok(json!({ "program": program, "merchant": merchant, "rows": rows, "timed": timed }))
}
