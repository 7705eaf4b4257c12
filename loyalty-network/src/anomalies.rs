use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::iter::successors;

use crate::fault::Faults as _;
use crate::natural::Natural;
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Rate, Rupiah};
use loyalty_rules::sort;
use loyalty_rules::tables::Digit;
use loyalty_rules::words;

words! {
    /// Of whom a digit came too often.
    #[derive(PartialOrd, Ord)]
    pub enum Player {
        /// A member.
        Member = "member",
        /// A shop.
        Shop = "shop",
    }
}

/// A receipt to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenReceipt<'a> {
    /// The unique id.
    pub id: &'a str,
    /// The shop.
    pub shop: &'a str,
    /// The member, if one is known.
    pub member: Option<&'a str>,
    /// When.
    pub time: CivilTime,
    /// The total in rupiah.
    pub amount: Rupiah,
    /// The lucky digit, if one was played.
    pub digit: Option<Digit>,
    /// The rate that was given.
    pub rate: Option<Rate>,
    /// The highest rate of the program's table.
    pub highest: Option<Rate>,
}

/// A voucher to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenVoucher<'a> {
    /// The unique id.
    pub id: &'a str,
    /// When it was redeemed.
    pub redeemed_at: Option<CivilTime>,
    /// When its purchase was refunded.
    pub refunded_at: Option<CivilTime>,
    /// What was refunded, in rupiah.
    pub refunded: Rupiah,
}

/// Something that should be looked at; none of it is a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding<'a> {
    /// Receipts of one shop over one amount, each soon after the one before it.
    RepeatedAmount {
        /// The shop.
        shop: &'a str,
        /// The amount in rupiah.
        amount: Rupiah,
        /// The receipts, the earliest first.
        ids: Vec<&'a str>,
    },
    /// A receipt whose rate is above the highest of its table.
    BeyondTable {
        /// The receipt.
        id: &'a str,
    },
    /// A digit that came more often than chance would give it.
    DigitTooOften {
        /// Of whom.
        who: Player,
        /// The member or the shop.
        name: &'a str,
        /// How often it came.
        hits: Count,
        /// In how many plays.
        plays: Count,
        /// The chance of as many or more in an honest game, in parts per billion, truncated.
        tail_ppb: u32,
    },
    /// A voucher whose purchase was refunded after it was redeemed.
    RefundAfterRedemption {
        /// The voucher.
        id: &'a str,
    },
}

/// How closely one looks (OR-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnomalyTerms {
    /// Equal amounts are told when they are at most so many seconds apart.
    pub within_s: Count,
    /// The digit that pays best.
    pub digit: Digit,
    /// The chance, in parts per billion, at which a name that plays honestly is told.
    pub false_alarm_ppb: u32,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomalies<'a> {
    /// By kind, in the order of [`Finding`].
    pub findings: Vec<Finding<'a>>,
    /// How many names were tested for the digit.
    pub tested: Count,
    /// Tested × chance of a false alarm, in parts per billion: at most so many honest names are told on average.
    pub expected_false_alarms_ppb: Count,
}

/// The most plays of one name that are counted exactly.
const MOST_PLAYS: usize = 10_000;
const BILLION: u32 = 1_000_000_000;

impl AnomalyTerms {
    /// What should be looked at among receipts and vouchers (OR-7). The test of the digit is exact: the chance that among n
    /// plays with ten equally likely digits one digit comes k times or more.
    ///
    /// ```
    /// use loyalty_network::{AnomalyTerms, Finding, SeenReceipt};
    /// use loyalty_rules::quantity::{Count, Rupiah};
    /// use loyalty_rules::tables::Digit;
    ///
    /// let ids = ["r0", "r1", "r2", "r3", "r4"]; // five plays, each with digit 0
    /// let receipt = |id| SeenReceipt {
    ///     id,
    ///     shop: "A",
    ///     member: Some("M1"),
    ///     time: "2025-03-01T10:00:00+07:00".parse().unwrap(),
    ///     amount: Rupiah::ZERO,
    ///     digit: Digit::new(0).ok(),
    ///     rate: None,
    ///     highest: None,
    /// };
    /// let terms = AnomalyTerms { within_s: Count::new(60)?, digit: Digit::new(0)?, false_alarm_ppb: 10_000 };
    /// let anomalies = terms.look(&ids.map(receipt), &[])?;
    /// assert!(matches!(anomalies.findings[0], Finding::DigitTooOften { name: "M1", tail_ppb: 10_000, .. })); // 10⁻⁵
    /// assert_eq!((anomalies.tested.get(), anomalies.expected_false_alarms_ppb.get()), (2, 20_000)); // a member, a shop
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for an id that stands twice; `out_of_range` for a chance outside 1 … 1,000,000,000; `too_large` for more
    /// than 10,000 plays of one name.
    pub fn look<'a>(&self, receipts: &[SeenReceipt<'a>], vouchers: &[SeenVoucher<'a>]) -> Result<Anomalies<'a>, Error> {
        if !(1..=BILLION).contains(&self.false_alarm_ppb) {
            return Err(Fault::FalseAlarmOutOfRange.error().at("false_alarm_ppb"));
        }
        let receipts = by_id("receipts", receipts.iter().map(|receipt| (receipt.id, receipt)))?;
        let vouchers = by_id("vouchers", vouchers.iter().map(|voucher| (voucher.id, voucher)))?;
        let mut findings = self.repeated_amounts(&receipts);
        let is_beyond =
            |receipt: &SeenReceipt<'_>| matches!((receipt.rate, receipt.highest), (Some(rate), Some(highest)) if rate > highest);
        findings.extend(receipts.values().filter(|receipt| is_beyond(receipt)).map(|receipt| Finding::BeyondTable { id: receipt.id }));
        let mut tested = 0_i128;
        for ((who, name), Plays { hits, plays }) in self.plays(&receipts) {
            if plays > MOST_PLAYS {
                return Err(Fault::TooManyPlays.error().at("receipts"));
            }
            if hits == 0 {
                continue;
            }
            tested = tested.wrapping_add(1);
            let (tail_ppb, is_above) = tail(hits, plays);
            if tail_ppb < self.false_alarm_ppb || (tail_ppb == self.false_alarm_ppb && !is_above) {
                let count = |number: usize| Count::new(i64::try_from(number).unwrap_or(i64::MAX));
                findings.push(Finding::DigitTooOften { who, name, hits: count(hits)?, plays: count(plays)?, tail_ppb });
            }
        }
        let is_refunded = |voucher: &SeenVoucher<'_>| match (voucher.redeemed_at, voucher.refunded_at) {
            (Some(redeemed), Some(refunded)) => refunded.nanos_since(&redeemed) > 0 && voucher.refunded > Rupiah::ZERO,
            _ => false,
        };
        let refunded = vouchers.values().filter(|voucher| is_refunded(voucher));
        findings.extend(refunded.map(|voucher| Finding::RefundAfterRedemption { id: voucher.id }));
        Ok(Anomalies {
            findings,
            tested: Count::from_result(tested)?,
            expected_false_alarms_ppb: Count::from_result(tested.wrapping_mul(self.false_alarm_ppb.into()))?,
        })
    }

    /// The chains of equal amounts, by shop, time and id of their first receipt.
    fn repeated_amounts<'a>(&self, receipts: &BTreeMap<&'a str, &SeenReceipt<'a>>) -> Vec<Finding<'a>> {
        let mut equal = BTreeMap::<_, Vec<(i128, &str)>>::new();
        for receipt in receipts.values().filter(|receipt| receipt.amount > Rupiah::ZERO) {
            equal.entry((receipt.shop, receipt.amount)).or_default().push((receipt.time.instant_nanos(), receipt.id));
        }
        let within = i128::from(self.within_s.get()).wrapping_mul(BILLION.into());
        let mut chains = Vec::new();
        for ((shop, amount), mut times) in equal {
            sort::ascending(&mut times);
            let soon = |(one, _): &(i128, &str), (next, _): &(i128, &str)| next.wrapping_sub(*one) <= within;
            for chain in times.chunk_by(soon).filter(|chain| chain.len() > 1) {
                chains.push(((shop, chain.first().copied()), amount, chain.iter().map(|(_, id)| *id).collect()));
            }
        }
        sort::by_key(&mut chains, |(place, ..)| *place);
        chains.into_iter().map(|((shop, _), amount, ids)| Finding::RepeatedAmount { shop, amount, ids }).collect()
    }

    /// The plays of each name, members first.
    fn plays<'a>(&self, receipts: &BTreeMap<&'a str, &SeenReceipt<'a>>) -> BTreeMap<(Player, &'a str), Plays> {
        let mut plays = BTreeMap::<_, Plays>::new();
        for receipt in receipts.values() {
            let Some(digit) = receipt.digit else { continue };
            let member = receipt.member.map(|member| (Player::Member, member));
            for name in member.into_iter().chain([(Player::Shop, receipt.shop)]) {
                let counted = plays.entry(name).or_default();
                counted.plays = counted.plays.saturating_add(1);
                counted.hits = counted.hits.saturating_add(usize::from(digit == self.digit));
            }
        }
        plays
    }
}

#[derive(Default)]
struct Plays {
    hits: usize,
    plays: usize,
}

/// P(X ≥ hits) of X ~ Binomial(plays, 1/10), for one hit or more, in parts per billion truncated, and whether it is above that.
///
/// The chance of k hits is C(n, k) × 9ⁿ⁻ᵏ ÷ 10ⁿ. All terms below `hits` are summed over the denominator 10⁹ᶜ ≥ 10ⁿ, on which
/// parts per billion are a limb; each follows from the one before it without a rest.
fn tail(hits: usize, plays: usize) -> (u32, bool) {
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let limbs = plays.div_ceil(9);
    let none = (0..plays).fold(Natural::billion_to(0), |power, _| power.times(9));
    let none = (plays..limbs.saturating_mul(9)).fold(none, |power, _| power.times(10));
    let terms = successors(Some((0_usize, none)), |(k, term)| {
        let next = k.saturating_add(1);
        let term = term.clone().times(small(plays.saturating_sub(*k))).over(small(next).saturating_mul(9));
        Some((next, term))
    });
    let mut rest = Natural::billion_to(limbs);
    for (_, term) in terms.take(hits) {
        rest.take(&term);
    }
    rest.limb(limbs.saturating_sub(1))
}

/// What is looked at by id, each once.
fn by_id<'a, T>(list: &'static str, all: impl Iterator<Item = (&'a str, T)>) -> Result<BTreeMap<&'a str, T>, Error> {
    let mut by_id = BTreeMap::new();
    for (index, (id, seen)) in all.enumerate() {
        if by_id.insert(id, seen).is_some() {
            return Err(Fault::NotDistinct.error().at(Field::within(list, index, "id")));
        }
    }
    Ok(by_id)
}
