extern crate std;

use std::time::Instant;

use super::*;
use loyalty_rules::award::{Counters, Merchant, Play, Receipt, Shopper, Terms, decide};
use loyalty_rules::funding::FundTerms;
use loyalty_rules::tables::{Digit, TableName};

fn program(table: &str) -> Result<Program, Error> {
    Program::new(Terms::new(TableName::parse(table)?))
}

/// A week of four shoppers an hour who want Rp3,000 … 60,000 of 100 kg at Rp10,000.
fn week(program: &Program) -> Result<Simulation<'_>, Error> {
    Ok(Simulation {
        seed: Count::new(7)?,
        runs: Count::new(40)?,
        days: Count::new(7)?,
        program,
        shoppers_by_slot: [Count::new(4)?; 10],
        baskets: Baskets::Between { from: Rupiah::new(3_000)?, to: Rupiah::new(60_000)? },
        mix: Mix { indifferent: Count::new(5)?, waits: Count::new(3)?, forces: Count::new(2)? },
        gives_up: Rate::from_bp(2_500)?,
        prior_points: Points::from_milli(150_000)?,
        stock: Some(DayStock { units: Count::new(100)?, price: Rupiah::new(10_000)?, lost: Rate::WHOLE }),
        margin: Ratio::from_bp(1_500)?,
        backing: Some(Backing { requirement: Rupiah::new(120_000)?, balance: Rupiah::new(120_000)?, top_up: false }),
        min_cover_bp: Count::new(10_000)?,
    })
}

#[test]
fn nothing_is_made_or_lost() -> Result<(), Error> {
    for table in ["time_auction/recommended/from_15/gold", "stopwatch/from_15/elite"] {
        let program = program(table)?;
        let week = week(&program)?;
        let simulated = week.run()?;
        let totals = simulated.totals;
        let sum = |of: fn(&SlotTotals) -> i64| simulated.slots.iter().map(of).sum::<i64>();

        let opened = 40 * 7 * 100;
        assert_eq!(sum(|slot| slot.units.get()) + totals.units_left.get(), opened, "units sold and left");
        assert_eq!(totals.sales.get(), sum(|slot| slot.units.get()) * 10_000, "units sold are paid for");
        assert_eq!((totals.sales.get(), totals.vouchers.get()), (sum(|slot| slot.sales.get()), sum(|slot| slot.vouchers.get())));
        assert_eq!(totals.receipts.get(), sum(|slot| slot.receipts.get()));
        assert_eq!(totals.left_value.get(), totals.units_left.get() * 8_500, "what is left loses its cost");
        let mean = (totals.sales.get() * 15 / 100 - totals.vouchers.get() - totals.left_value.get()) / 40;
        assert_eq!(simulated.net_profit.mean.get(), mean, "what is sold, less what is given and lost, is earned");

        // One run: what was promised is paid out of the fund, or still promised.
        let first = Simulation { runs: Count::new(1)?, ..week }.run()?;
        let mut balance = 120_000;
        let mut promised = 0;
        for day in &first.days {
            let paid = balance - day.fund_balance.get();
            assert!(paid >= 0 && paid <= promised, "only promises are paid");
            (balance, promised) = (day.fund_balance.get(), promised - paid + day.vouchers.get());
        }
        assert_eq!(first.totals.vouchers.get(), 120_000 - balance + promised);
        assert!(first.days.iter().all(|day| !day.suspended || day.vouchers.is_zero()), "a suspended shop gives nothing");
        assert_eq!(first.days, simulated.days, "a run does not depend on those after it");
    }
    Ok(())
}

#[test]
fn a_fund_is_filled_when_warned() -> Result<(), Error> {
    let program = program("time_auction/recommended/from_15/gold")?;
    let week = week(&program)?;
    let asked = Rupiah::new(40_000)?;
    let days = Count::new(30)?;
    let run = |top_up| Simulation { days, backing: Some(Backing { requirement: asked, balance: asked, top_up }), ..week }.run();
    let (filled, drained) = (run(true)?, run(false)?);
    assert_eq!(filled.suspensions, Count::ZERO);
    let terms = FundTerms::new(asked)?;
    assert!(filled.days.iter().all(|day| !terms.is_low(day.fund_balance)));
    assert!(drained.suspensions > Count::ZERO);
    Ok(())
}

/// `cargo test --release -p loyalty-rules --lib -- --ignored --nocapture shop_days`
#[test]
#[ignore = "it measures"]
#[expect(clippy::print_stdout, reason = "it measures")]
fn ten_thousand_shop_days_beside_the_raw_loop() -> Result<(), Error> {
    let program = program("stopwatch/below_15/plus")?;
    let simulation = Simulation {
        runs: Count::new(10_000)?,
        days: Count::new(1)?,
        shoppers_by_slot: [Count::new(50)?; 10],
        baskets: Baskets::Between { from: Rupiah::new(20_000)?, to: Rupiah::new(400_000)? },
        stock: None,
        backing: None,
        ..week(&program)?
    };
    let receipts = 5_000_000_u128;
    let a_second = |start: Instant| receipts * 1_000_000 / start.elapsed().as_micros().max(1);
    for _ in 0..3 {
        let start = Instant::now();
        let simulated = std::hint::black_box(simulation.run()?);
        let simulated_a_second = a_second(start);
        assert_eq!(u128::try_from(simulated.totals.receipts.get()), Ok(receipts));

        let start = Instant::now();
        let (shopper, merchant, counters) = (Shopper::default(), Merchant::default(), Counters::default());
        for receipt in 0..5_000_000_i64 {
            let total = Rupiah::new(20_000 + receipt % 380_000)?;
            std::hint::black_box(decide(
                &program,
                &Receipt::new(total).with(Play::Digit(Digit::new(u8::try_from(receipt * 7 % 10).unwrap_or_default())?)),
                &shopper,
                &merchant,
                &counters,
            )?);
        }
        let raw_a_second = a_second(start);
        std::println!(
            "{simulated_a_second} simulated receipts a second, {raw_a_second} raw awards: {} %",
            simulated_a_second * 100 / raw_a_second
        );
    }
    Ok(())
}
