//! Perishable stock: the library against the second model, against every plan that there is, and against the simulator.

mod common;

use common::model::{compare, inject};
use common::{Tape, ask, ensure, for_tapes, kind, law, maybe, sum, whole};
use serde_json::{Value, json};

/// A small shop: a few people in the last slots.
fn request(tape: &mut Tape) -> Value {
    let from = tape.of(&[9, 8, 10, 1, 7]);
    let people: Vec<usize> = (1..=10).map(|slot| if slot >= 8 || tape.once_in(12) { tape.pick(6) } else { 0 }).collect();
    let price = tape.of(&[10_000, 9_999, 1, 2_500]);
    let count = 1 + tape.pick(3);
    let baskets: Vec<usize> = (0..count).map(|_| tape.pick(4 * price + 2)).collect();
    let mut conversion = vec![json!({ "rate_bp": 0, "conversion_bp": tape.of(&[2000, 0, 5000, 3333]) })];
    for rate in [300, 450, 1000, 5000].iter().skip(tape.pick(3)).take(tape.pick(4)) {
        let before = whole(&conversion.last().unwrap()["conversion_bp"]);
        conversion.push(json!({ "rate_bp": rate, "conversion_bp": (before + tape.of(&[1500, 0, 777, 5000])).min(10_000) }));
    }
    let stock = json!({ "units": 1 + tape.pick(9), "price": price, "cost": tape.pick(price + 3) });
    let mut r = json!({
        "stock": stock,
        "footfall_by_slot": people,
        "baskets": baskets,
        "conversion": conversion,
        "seed": tape.pick(1000),
        "days": tape.of(&[3, 1, 4]),
        "percentile": tape.of(&[50, 34, 100, 1]),
    });
    let r_ = &mut r;
    maybe(tape, r_, 2, "from_slot", |_| json!(from));
    maybe(tape, r_, 2, "stretch_bp", |t| json!(t.of(&[5000, 2000, 10_000, 1])));
    if tape.flag() {
        r_["rates"] = json!("free");
    } else {
        maybe(tape, r_, 2, "edition", |t| json!(t.of(&["one", "two", "recommended"])));
    }
    maybe(tape, r_, 4, "ceiling_bp", |t| json!(t.of(&[450, 449, 1000, 0])));
    maybe(tape, r_, 3, "min_margin_bp", |t| json!(t.of(&[500, -2000, 1900, 9999])));
    maybe(tape, r_, 3, "fund_free", |t| json!(t.of(&[2_400, 10_000, 0, 300])));
    maybe(tape, r_, 4, "given", |t| json!(t.everyday()));
    maybe(tape, r_, 4, "prior_points_milli", |t| json!(t.of(&[300_000, 50_000, 49_999])));
    maybe(tape, r_, 6, "window", |_| json!({ "open": "07:00" }));
    maybe(tape, r_, 4, "waits_bp", |t| json!(t.of(&[3000, 10_000])));
    maybe(tape, r_, 4, "gives_up_bp", |t| json!(t.of(&[3000, 10_000])));
    r
}

#[test]
fn plan_sell_out() {
    for_tapes(|tape| {
        let mut request = request(tape);
        let sound = loyalty_naive::call("plan.sell_out", &request).is_ok();
        compare("plan.sell_out", &request, false)?;
        if tape.once_in(4) {
            inject(tape, &mut request);
            compare("plan.sell_out", &request, sound)?;
        }
        Ok(())
    });
}
