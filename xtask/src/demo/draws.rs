//! A day of hardened draws (SW-6): committed to before opening, told after closing, verified by anyone.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;

use loyalty_rules::calendar::{Date, SaleWindow};
use loyalty_rules::quantity::Count;
use loyalty_rules::tables::{DayKey, Digit, DigitCounts, Forcing, Uniformity};

use super::receipts::Receipt;
use crate::sh::Outcome;

/// Fixed, so that every run draws the same; a shop draws its own at random each day.
pub const KEY: &str = "loyalty-rules demonstration key: public, for no shop";

/// The busiest selling day of a shop, its draws, and what the verification found.
pub struct Draws {
    pub shop: u32,
    pub day: Date,
    pub commitment: [u8; 32],
    pub slips: Vec<Slip>,
    /// The receipts whose digit is not the one drawn; none.
    pub wrong: Vec<u64>,
    /// One slip with its digit changed, and what the verification of all then finds.
    pub forged: Slip,
    pub found: Vec<u64>,
    /// Whether the key told after closing is the one committed to.
    pub is_committed: bool,
    pub clock: DigitCounts,
    pub drawn: DigitCounts,
}

/// A receipt and its digit.
#[derive(Clone, Copy)]
pub struct Slip {
    pub basket: u64,
    pub digit: Digit,
}

/// Draws the busiest shop-day and verifies it, then draws all receipts under the same key.
pub fn draw(receipts: &[Receipt], window: &SaleWindow) -> Outcome<Draws> {
    let refused = |error: loyalty_rules::Error| error.to_string();
    let mut days: BTreeMap<(Date, u32), Vec<&Receipt>> = BTreeMap::new();
    for receipt in receipts {
        days.entry((window.selling_day(&receipt.at).map_err(refused)?, receipt.shop)).or_default().push(receipt);
    }
    // The earliest of those with the most.
    let busiest = days.into_iter().rev().max_by_key(|(_, receipts)| receipts.len());
    let ((day, shop), of_day) = busiest.ok_or("no receipts")?;

    let key = DayKey::new(KEY.as_bytes()).map_err(refused)?;
    let commitment = key.commitment();
    let slips: Vec<Slip> = of_day.iter().map(|receipt| Slip { basket: receipt.basket, digit: digit(key, receipt) }).collect();

    let told = DayKey::new(KEY.as_bytes()).map_err(refused)?;
    let not_drawn = |slips: &[Slip]| -> Vec<u64> {
        let shop = shop.to_string();
        let wrong = slips.iter().filter(|slip| !told.verify(&shop, &slip.basket.to_string(), None, slip.digit));
        wrong.map(|slip| slip.basket).collect()
    };
    let mut changed = slips.clone();
    let middle = changed.len() / 2;
    let slip = changed.get_mut(middle).ok_or("no receipts")?;
    slip.digit = Digit::new((slip.digit.get() + 1) % 10).map_err(refused)?;
    let forged = *slip;

    Ok(Draws {
        shop,
        day,
        commitment,
        wrong: not_drawn(&slips),
        forged,
        found: not_drawn(&changed),
        is_committed: told.commitment() == commitment,
        slips,
        clock: counts(receipts, |receipt| Digit::lucky(&receipt.at))?,
        drawn: counts(receipts, |receipt| digit(key, receipt))?,
    })
}

fn digit(key: DayKey<'_>, receipt: &Receipt) -> Digit {
    key.draw(&receipt.shop.to_string(), &receipt.basket.to_string(), None)
}

/// How often each digit comes up; the receipts are shared among the processors.
fn counts(receipts: &[Receipt], digit: impl Fn(&Receipt) -> Digit + Sync) -> Outcome<DigitCounts> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let count = |receipts: &[Receipt]| {
        let mut counts = [0_i64; 10];
        for receipt in receipts {
            if let Some(count) = counts.get_mut(usize::from(digit(receipt).get())) {
                *count += 1;
            }
        }
        counts
    };
    let counts = thread::scope(|scope| {
        let shares = receipts.chunks(receipts.len().div_ceil(threads).max(1));
        let threads: Vec<_> = shares.map(|share| scope.spawn(|| count(share))).collect();
        threads.into_iter().try_fold([0_i64; 10], |mut sums, thread| {
            let counts = thread.join().map_err(|_| "a thread panicked")?;
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            Ok::<_, String>(sums)
        })
    })?;
    let mut checked = [Count::ZERO; 10];
    for (checked, count) in checked.iter_mut().zip(counts) {
        *checked = Count::new(count).map_err(|error| error.to_string())?;
    }
    DigitCounts::new(checked).map_err(|error| error.to_string())
}

impl Draws {
    pub fn commitment_hex(&self) -> String {
        self.commitment.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    pub fn sums(&self, receipts: usize) -> [(&'static str, bool); 5] {
        let all = i64::try_from(receipts).ok();
        [
            ("the key told after closing is the one committed to before opening", self.is_committed),
            ("each digit of the day is the one drawn", !self.slips.is_empty() && self.wrong.is_empty()),
            ("one changed digit is found, and no other", self.found == [self.forged.basket]),
            ("the digits by clock and by draw count every receipt", {
                Some(self.clock.plays().get()) == all && Some(self.drawn.plays().get()) == all
            }),
            ("the drawn digits are not unlikely to be even, and digit 0 is not forced", {
                self.drawn.uniformity() != Uniformity::Unlikely && self.drawn.forcing() != Forcing::Suspected
            }),
        ]
    }
}
