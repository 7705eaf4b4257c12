//! `cargo xtask demo`: the main job. Published retail receipts become vouchers with reasons.
//!
//! Nothing is drawn: a lucky digit is that of the receipt's own second, a slot that of its time, and points,
//! purchases, counters and budgets run on through all receipts. Then what comes after the award: refunds, quotes, the
//! digits of a day under its key, and the first days of all shops and households as one network.
//! `cargo xtask demo quarter`: the network for a quarter, period by period.
//! `cargo xtask demo goods`: the same receipts by their real lines, under offers for some goods.
//! `cargo xtask demo plan`: what the plan of a small stall comes to.
//! `cargo xtask demo network`: territories and a campaign.

mod ask;
mod draws;
mod goods;
mod network;
mod plan;
mod quarter;
mod quotes;
mod rating;
mod receipts;
mod refunds;
mod report;

use std::collections::HashSet;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use self::rating::{Case, Tally, rate};
use self::receipts::{RUPIAH_A_CENT, Receipt, UTC_OFFSET_HOURS};
use self::refunds::Refunds;
use self::report::{Sum, number, print, print_draws, print_quote, print_refunds, prove, sums};
use crate::USAGE;
use crate::sh::Outcome;

pub fn run(arguments: &[String]) -> Outcome {
    match arguments {
        [] => receipts(),
        [plan] if plan == "plan" => plan::run(),
        [network] if network == "network" => network::run(),
        [quarter] if quarter == "quarter" => quarter::whole(),
        [goods] if goods == "goods" => goods::run(),
        _ => Err(format!("{USAGE}cargo xtask demo [goods|plan|network|quarter]")),
    }
}

fn receipts() -> Outcome {
    let start = Instant::now();
    let receipts = receipts::load()?;
    let refused = |error: loyalty_rules::Error| error.to_string();
    let cases = [
        Case::new("stopwatch/below_15/plus", 1_200).map_err(refused)?,
        Case::new("time_auction/recommended/from_15/gold", 1_500).map_err(refused)?,
    ];
    heading(&receipts.source, &receipts.all);

    let rating = Instant::now();
    let tallies = rate_all(&cases, &receipts.all)?;
    let rated = rating.elapsed();
    let [stopwatch, _] = &cases;
    let draws = draws::draw(&receipts.all, &stopwatch.window)?;

    let mut proved = Vec::new();
    for (case, tally) in cases.iter().zip(&tallies) {
        print(case, tally, &receipts.all);
        let refunds = Refunds::of(case, &receipts.all, &tally.tenth)?;
        print_refunds(&refunds);
        let mut proofs = sums(case, tally, receipts.all.len());
        proofs.extend(refunds.sums(receipts.all.len()));
        proofs.push(quotes(case, tally, &receipts.all)?);
        proved.push((case.table.to_string(), proofs));
    }
    print_draws(&draws, receipts.all.len());
    let network = quarter::run(&receipts.all, stopwatch.window, quarter::SHORT)?;
    say!("━━ proved {}", "━".repeat(90));
    proved.push(("hardened draws".into(), draws.sums(receipts.all.len()).to_vec()));
    proved.push(("the network".into(), network));
    for (of, sums) in &proved {
        prove(of, sums)?;
    }
    let decisions = u128::try_from(receipts.all.len() * cases.len()).unwrap_or_default();
    let a_second = decisions * 1_000_000 / rated.as_micros().max(1);
    say!(
        "\n   {} receipts under {} programs on two threads: rated, split and tallied\n   in {} ms, {} a second in this {} build; {} s in all.",
        number(i64::try_from(receipts.all.len()).unwrap_or_default()),
        cases.len(),
        number(i64::try_from(rated.as_millis()).unwrap_or_default()),
        number(i128::try_from(a_second).unwrap_or_default()),
        if cfg!(debug_assertions) { "development" } else { "release" },
        start.elapsed().as_secs(),
    );
    Ok(())
}

fn heading(source: &str, receipts: &[Receipt]) {
    let distinct = |of: fn(&Receipt) -> u32| i64::try_from(receipts.iter().map(of).collect::<HashSet<_>>().len()).unwrap_or_default();
    say!("{source}");
    say!(
        "{} receipts of {} households in {} shops; Rp{RUPIAH_A_CENT} a cent, local time UTC{UTC_OFFSET_HOURS}.",
        number(i64::try_from(receipts.len()).unwrap_or_default()),
        number(distinct(|receipt| receipt.household)),
        number(distinct(|receipt| receipt.shop)),
    );
    say!("The selling day is 07:00 to 22:00, ten slots of 90 minutes. What coupons paid earns nothing.");
    say!("Numbers are written the Indonesian way: Rp15.000, 5,25 %.\n");
}

/// Shows one quote, and follows those of every tenth receipt.
fn quotes(case: &Case, tally: &Tally, receipts: &[Receipt]) -> Outcome<Sum> {
    let missed = tally.missed.and_then(|missed| Some((receipts.get(missed.index)?, missed)));
    let told = missed.map(|(receipt, missed)| Ok::<_, String>((receipt, quotes::tell(case, receipt, &missed)?))).transpose()?;
    let mut is_so = false;
    if let Some((receipt, Some(told))) = told {
        is_so = told.is_so;
        print_quote(case, &told, receipt);
    }
    let (followed, wrong) = quotes::follow_all(case, receipts, &tally.tenth)?;
    say!("      as told  so it came out for {} of {} quoted receipts, of every tenth\n", number(followed - wrong), number(followed));
    Ok(("who adds what the quote says is given what it says; a rupiah less is not yet full", is_so && followed > 0 && wrong == 0))
}

/// Each program on its own thread; more than a second shows its progress.
fn rate_all(cases: &[Case], receipts: &[Receipt]) -> Outcome<Vec<Tally>> {
    let done = AtomicUsize::new(0);
    let all = receipts.len() * cases.len();
    std::thread::scope(|scope| {
        let threads: Vec<_> = cases.iter().map(|case| scope.spawn(|| rate(case, receipts, &done))).collect();
        let start = Instant::now();
        while !threads.iter().all(|thread| thread.is_finished()) {
            std::thread::sleep(Duration::from_millis(5));
            if start.elapsed().as_secs() >= 1 && std::io::stderr().is_terminal() {
                eprint!("\rrating {} %", done.load(Ordering::Relaxed) * 100 / all.max(1));
            }
        }
        if start.elapsed().as_secs() >= 1 && std::io::stderr().is_terminal() {
            eprint!("\r              \r");
        }
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".to_owned()).flatten()).collect()
    })
}
