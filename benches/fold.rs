//! Speed of a sale in the fold of the network, as ratios inside one process.
//!
//! In every round each variant runs over the same sales, one after the other; a ratio is taken per round and the median of the
//! rounds is shown.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use loyalty_api::call;
use loyalty_network::fold::{Event, NetworkProgram, NetworkTerms, States, apply, keys, read_event};
use loyalty_rules::api::{self, Refusal};
use loyalty_rules::award::{Counters, Merchant, Play, Receipt, Shopper, decide};
use loyalty_rules::quantity::Rupiah;
use loyalty_rules::tables::Digit;
use serde_json::{Value, json};

const SALES: usize = 512;
const ROUNDS: usize = 60;

fn sale(number: usize) -> Value {
    json!({"event": {
        "specversion": "1.0", "type": "loyalty.sale", "source": "/A/1", "id": format!("s{number}"), "subject": "shop/A",
        "time": format!("2025-03-03T{:02}:{:02}:00+07:00", 8 + number / 60 % 12, number % 60),
        "data": {"day": "2025-03-03", "total": 60_000 + 137 * number, "member": format!("M{}", number % 97), "play": {"digit": number % 10}}
    }})
}

fn program() -> Value {
    json!({
        "mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 50_000, "funding": {"preset": "BN-2"},
        "validity": {"days": 30}
    })
}

/// Nanoseconds a sale.
fn time<T>(sales: &[T], mut step: impl FnMut(&T)) -> f64 {
    let start = Instant::now();
    for sale in sales {
        step(black_box(sale));
    }
    start.elapsed().as_secs_f64() * 1e9 / sales.len() as f64
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Sales one after the other at one shop, whose state and day are carried; each sale is new.
fn fold(events: &[Event], terms: &NetworkTerms) -> f64 {
    let mut carried = States::default();
    time(events, |event| {
        let states = States { shop: carried.shop.take(), day: carried.day.take(), ..States::default() };
        carried = apply(event, None, states, terms).ok().and_then(|applied| applied.states).unwrap_or_default();
        black_box(keys(event));
    })
}

fn measure() -> Result<Vec<[f64; 5]>, Refusal> {
    let requests: Vec<Vec<u8>> = (0..SALES).map(|number| sale(number).to_string().into_bytes()).collect();
    let events = requests.iter().map(|request| read_event(request)).collect::<Result<Vec<_>, _>>()?;
    let document = program().to_string();
    let terms = NetworkTerms { programs: vec![NetworkProgram::from_json(document.as_bytes())?], ..NetworkTerms::default() };
    let Some(rich) = terms.programs.first().map(|program| &program.program) else { return Ok(Vec::new()) };
    let digit = Digit::new(5)?;
    let receipt =
        |number: usize| Ok(Receipt::new(Rupiah::new(60_000 + 137 * i64::try_from(number).unwrap_or(0))?).with(Play::Digit(digit)));
    let receipts = (0..SALES).map(receipt).collect::<Result<Vec<_>, loyalty_rules::Error>>()?;
    let canonical: Vec<String> =
        requests.iter().map(|request| Ok(api::canonical::bytes(&api::json::parse(request)?))).collect::<Result<_, Refusal>>()?;
    let by_name: Vec<[Vec<u8>; 2]> = (0..SALES).map(named).collect();
    let (merchant, shopper, counters) = (Merchant::default(), Shopper::default(), Counters::default());
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push([
            time(&receipts, |receipt| _ = black_box(decide(rich, receipt, &shopper, &merchant, &counters))),
            time(&canonical, |text| _ = black_box(api::canonical::sha256(text.as_bytes()))),
            fold(&events, &terms),
            time(&by_name, |[award, _]| drop(black_box(call("award.decide", award)))),
            time(&by_name, |[_, step]| drop(black_box(call("network.apply", step)))),
        ]);
    }
    Ok(rounds)
}

/// The award of a sale by name, and the sale in the fold by name.
fn named(number: usize) -> [Vec<u8>; 2] {
    let event = sale(number)["event"].clone();
    let receipt = json!({"total": event["data"]["total"], "digit": event["data"]["play"]["digit"]});
    let award = json!({"program": program(), "receipt": receipt});
    let id = event["id"].as_str().unwrap_or_default();
    let shop = json!({
        "v": 1, "fund": {"balance": 900_000}, "reserved": 60_000, "owed": {"B": 5_000},
        "books": {"cash": -900_000, "guarantee_fund": 900_000, "network_payable": -5_000, "partner:operator": 13_000,
            "partner:producer": 29_250, "voucher_expense": 22_750, "voucher_liability": -60_000}
    });
    let states = json!({
        "shop/A": shop, "day/A/2025-03-03": {"v": 1, "released": 0}, format!("sale/A/{id}"): null, format!("voucher/A~{id}"): null,
        format!("seen/%2FA%2F1|{id}"): null
    });
    let step = json!({"event": event, "states": states, "programs": [program()]});
    [award, step].map(|request| request.to_string().into_bytes())
}

fn main() -> ExitCode {
    let rounds = match measure() {
        Ok(rounds) => rounds,
        Err(refused) => {
            eprintln!("{}", refused.to_json());
            return ExitCode::FAILURE;
        }
    };
    let of = |number: &dyn Fn(&[f64; 5]) -> f64| median(rounds.iter().map(number).collect());
    println!("{SALES} sales of members at one shop, medians of {ROUNDS} rounds\n");
    let nanos = |place: usize| of(&|round| round.get(place).copied().unwrap_or(f64::NAN));
    println!("{:<44} {:>9.0} ns", "rich award (award::decide)", nanos(0));
    println!("{:<44} {:>9.0} ns", "SHA-256 of the event's canonical bytes", nanos(1));
    let ratio = of(&|[award, hash, fold, ..]| fold / (award + hash));
    println!(
        "{:<44} {:>9.0} ns {ratio:>6.2} x both, target 3; {:.0} sales a second",
        "fold::keys and fold::apply",
        nanos(2),
        1e9 / nanos(2)
    );
    println!("{:<44} {:>9.0} ns", "award.decide by name", nanos(3));
    let ratio = of(&|[.., award, fold]| fold / award);
    println!("{:<44} {:>9.0} ns {ratio:>6.2} x that, target 8", "network.apply by name", nanos(4));
    ExitCode::SUCCESS
}
