//! An account that is stored and loaded between its entries stays the account that is folded at once (LG-3).

use loyalty_rules::api;
use loyalty_rules::calendar::{CivilTime, Offset};
use loyalty_rules::ledger::{Account, Applied, Entry, EntryKind};
use loyalty_rules::quantity::{Count, Points};
use serde_json::{Value, json};

/// SplitMix64, so that every machine folds the same entries.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn points(&mut self, bound: u64) -> Points {
        Points::from_milli(i64::try_from(self.below(bound)).expect("small")).expect("in the domain")
    }
}

fn at(second: u64) -> CivilTime {
    CivilTime::from_epoch(1_740_000_000 + i64::try_from(second).expect("small"), Offset::default()).expect("a time")
}

/// The entry of a number; reservations, their ends and reversals speak of an entry shortly before.
fn apply(account: &mut Account, number: u64, draws: &mut Draws) -> Applied {
    let (id, of) = (format!("e{number:07}"), format!("e{:07}", number.saturating_sub(draws.below(20))));
    let version = if draws.below(20) == 0 { Count::ZERO } else { account.version() };
    let kind = match draws.below(16) {
        0..=5 => EntryKind::Earn { points: draws.points(100), expires: (draws.below(8) > 0).then(|| at(number + draws.below(2_000))) },
        6..=8 => EntryKind::Redeem { points: draws.points(150) },
        9 if draws.below(2) == 0 => EntryKind::Send { of: &of, points: draws.points(20) },
        9 => EntryKind::Reverse { of: &of, points: draws.points(100) },
        10 => EntryKind::Expire { of: &of },
        11 => EntryKind::Adjust { points: Points::from_milli(draws.points(100).milli() - 50).expect("in the domain") },
        12 | 13 => EntryKind::Reserve { points: draws.points(120), version },
        14 => EntryKind::Commit { of: &of, version },
        _ => EntryKind::Release { of: &of, version },
    };
    account.apply(&Entry { id: &id, account: "M1", shop: "A", time: at(number), kind }).expect("an entry")
}

#[test]
fn a_hundred_thousand_entries_leave_one_state_however_often_it_is_stored() {
    // A million take a minute: `LEDGER_ENTRIES=1000000 cargo test --release -p loyalty-conformance --test account`.
    let entries: u64 = std::env::var("LEDGER_ENTRIES").map_or(100_000, |entries| entries.parse().expect("a number"));
    let (mut at_once, mut stored) = (Account::default(), Account::default());
    let (mut draws, mut same_draws) = (Draws(7), Draws(7));
    let mut sum = 0_i64;
    for number in 0..entries {
        let applied = apply(&mut at_once, number, &mut draws);
        assert_eq!(apply(&mut stored, number, &mut same_draws), applied, "entry {number}");
        if let Applied::Counted(milli) = applied {
            sum += milli;
        }
        for (_, applied) in at_once.resolved() {
            if let Applied::Counted(milli) = applied {
                sum += milli;
            }
        }
        // At every entry in the beginning, then ever more rarely: a state has every earning.
        if number < 300 || number % 25_000 == 0 {
            let state = at_once.state();
            assert_eq!(stored.state(), state, "entry {number}");
            stored = Account::from_state(&state).expect("a state of its own");
        }
    }
    assert_eq!(stored.state(), at_once.state());
    // LG-7, with what reservations hold counted as taken.
    let lots: i64 = at_once.lots().map(|lot| lot.points.milli()).sum();
    assert_eq!(lots - at_once.debt().milli(), sum);
}

#[test]
fn a_state_is_the_same_through_serde_and_through_the_operation() {
    let (mut account, mut draws) = (Account::default(), Draws(11));
    for number in 0..400 {
        apply(&mut account, number, &mut draws);
        let stored = serde_json::to_string(&account).expect("it is stored");
        let request =
            json!({"state": serde_json::from_str::<Value>(&stored).expect("JSON"), "entries": [], "as_of": at(number).to_string()});
        let answer: Value = serde_json::from_slice(&api::call("ledger.apply", request.to_string().as_bytes())).expect("an answer");
        assert_eq!(answer["state"], request["state"]);
        account = serde_json::from_str(&stored).expect("it is loaded");
    }
}

#[test]
fn what_no_fold_leaves_is_refused_at_its_field() {
    let lot = json!({"id": "a", "shop": "A", "time": "2025-03-01T10:00:00+07:00", "points_milli": 2, "earned_milli": 12, "reversed_milli": 0, "spent_milli": 5, "held_milli": 5, "redeemed_milli": 5, "forgiven_milli": 0});
    let held = json!({"id": "h", "parts": [{"lot": "a", "points_milli": 5}]});
    let redemption = json!({"id": "r", "time": "2025-03-01T11:00:00+07:00", "undone_milli": 1, "parts": [{"lot": "a", "points_milli": 6, "back_milli": 1}]});
    let waiting = json!({"id": "w", "time": "2025-03-01T12:00:00+07:00", "of": "x", "points_milli": 3});
    let other = json!({"id": "o", "time": "2025-03-01T13:00:00+07:00"});
    let last = json!({"time": "2025-03-02T10:00:00+07:00", "id": "h"});
    let state = json!({"account": "M1", "version": 3, "debt_milli": 0, "last": last, "lots": [lot], "reservations": [held], "redemptions": [redemption], "waiting": [waiting], "others": [other], "received": [{"id": "t", "time": "2025-03-01T10:00:00+07:00"}]});
    let call = |state: &Value| -> Value {
        let request = json!({"state": state, "entries": [], "as_of": "2025-03-03T10:00:00+07:00"});
        serde_json::from_slice(&api::call("ledger.apply", request.to_string().as_bytes())).expect("an answer")
    };
    assert_eq!(call(&state)["held_milli"], 5);
    for (pointer, forged, path) in [
        ("/account", Value::Null, "state.account"),
        ("/version", json!(-1), "state.version"),
        ("/version", json!(2), "state.version"),
        ("/debt_milli", json!(-1), "state.debt_milli"),
        ("/last/time", json!("2025-03-01T09:00:00+07:00"), "state.lots[0]"),
        ("/lots/0/points_milli", json!(-1), "state.lots[0].points_milli"),
        ("/lots/0/points_milli", json!(8), "state.lots[0].points_milli"),
        ("/lots/0/reversed_milli", json!(13), "state.lots[0].reversed_milli"),
        ("/lots/0/spent_milli", json!(11), "state.lots[0].spent_milli"),
        ("/lots/0/held_milli", json!(6), "state.lots[0].held_milli"),
        ("/lots/0/redeemed_milli", json!(4), "state.lots[0].redeemed_milli"),
        ("/lots/0/redeemed_milli", json!(6), "state.lots[0].redeemed_milli"),
        ("/lots/0/forgiven_milli", json!(1), "state.lots[0].forgiven_milli"),
        ("/redemptions/0/time", json!("2025-03-03T11:00:00+07:00"), "state.redemptions[0]"),
        ("/redemptions/0/id", json!("a"), "state.redemptions[0].id"),
        ("/redemptions/0/undone_milli", json!(0), "state.redemptions[0].undone_milli"),
        ("/redemptions/0/parts/0/back_milli", json!(7), "state.redemptions[0].parts"),
        ("/waiting/0/of", json!("a"), "state.waiting[0]"),
        ("/waiting/0/points_milli", json!(-1), "state.waiting[0]"),
        ("/others/0/id", json!("r"), "state.others[0]"),
        ("/received/0/time", json!("2025-03-03T11:00:00+07:00"), "state.received[0]"),
        ("/reservations/0/id", json!("a"), "state.reservations[0].id"),
        ("/reservations/0/parts/0/lot", json!("b"), "state.lots[0].held_milli"),
        ("/reservations/0/parts/0/points_milli", json!(0), "state.reservations[0].parts"),
    ] {
        let mut forged_state = state.clone();
        *forged_state.pointer_mut(pointer).expect("a field") = forged;
        let refused = call(&forged_state);
        assert_eq!((refused["error"].as_str(), refused["path"].as_str()), (Some("bad_config"), Some(path)), "{pointer}: {refused}");
    }
}
