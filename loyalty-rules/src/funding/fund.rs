use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;

use super::not_negative;
use crate::calendar::CivilTime;
use crate::error::Error;
use crate::quantity::{Count, Rate, Rupiah};
use crate::words::words;

/// The terms of a merchant's guarantee fund (*Back Up Voucher*).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FundTerms {
    /// The deposit that is asked for, in rupiah.
    pub requirement: Rupiah,
    /// At or below this share of the requirement the fund is low.
    pub share: Rate,
    /// The least seconds between two warnings.
    pub warning_interval_s: Count,
    /// Who keeps the money behind a voucher that expired.
    pub expired_to: ExpiredTo,
}

words! {
    /// Who keeps the money behind a voucher that expired (GF-8).
    #[derive(Default)]
    pub enum ExpiredTo {
        /// It stays in the shop's fund.
        #[default]
        Shop = "shop",
        /// The operator.
        Operator = "operator",
    }
}

impl FundTerms {
    /// The terms for a requirement: low at 20 % of it, at most one warning a day (GF-3).
    ///
    /// # Errors
    /// `out_of_range` for a negative requirement.
    pub fn new(requirement: Rupiah) -> Result<Self, Error> {
        let requirement = not_negative(requirement, "requirement")?;
        let (share, warning_interval_s) = (Rate::from_bp(2_000)?, Count::new(86_400)?);
        Ok(Self { requirement, share, warning_interval_s, expired_to: ExpiredTo::default() })
    }

    /// Whether a balance is low: at or below the mark, requirement × share, compared exactly (GF-3).
    pub fn is_low(&self, balance: Rupiah) -> bool {
        // Both products stay below 2⁶⁷.
        let mark = i128::from(self.requirement.get()).wrapping_mul(self.share.bp().into());
        i128::from(balance.get()).wrapping_mul(10_000) <= mark
    }

    /// Whether a check comes at least one interval after the last warning; one without a time does.
    fn may_warn(&self, at: Option<CivilTime>, last_warning: Option<CivilTime>) -> bool {
        let (Some(at), Some(last)) = (at, last_warning) else { return true };
        // 2⁵³ seconds stay below 2⁸⁴ nanoseconds.
        at.nanos_since(&last) >= i128::from(self.warning_interval_s.get()).wrapping_mul(1_000_000_000)
    }
}

words! {
    /// Whether a fund lets its merchant issue vouchers.
    #[derive(Default)]
    pub enum FundState {
        /// It does.
        #[default]
        Active = "active",
        /// Its deposit has not reached the requirement yet (GF-9): nothing is issued and nobody is warned.
        Registered = "registered",
        /// It stayed low through its warnings (GF-4): nothing is issued, vouchers are still redeemed.
        Suspended = "suspended",
    }
}

/// What happens to a fund. Amounts are rupiah, zero or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FundEvent<'a> {
    /// The balance is looked at (GF-3, GF-4).
    Check {
        /// When; without a time it counts as past the warning interval.
        at: Option<CivilTime>,
    },
    /// The merchant pays in (GF-5).
    TopUp {
        /// How much.
        amount: Rupiah,
    },
    /// The fund pays out (GF-6).
    Draw {
        /// How much.
        amount: Rupiah,
    },
    /// A voucher is issued and reserves its value (GF-8).
    Issue {
        /// The voucher.
        id: &'a str,
        /// Its value.
        amount: Rupiah,
    },
    /// A voucher is redeemed, in whole or in part (GF-8).
    Redeem {
        /// The voucher.
        id: &'a str,
        /// How much of it.
        amount: Rupiah,
    },
    /// A redemption that was paid is undone, in whole or in part (VC-5): the money comes back and is reserved again,
    /// whatever the state of the fund.
    Undo {
        /// The voucher.
        id: &'a str,
        /// How much of it.
        amount: Rupiah,
    },
    /// A voucher is taken back, or expires and the money stays (GF-8).
    Release {
        /// The voucher.
        id: &'a str,
    },
    /// A voucher expires; the terms say who keeps the money.
    Expire {
        /// The voucher.
        id: &'a str,
    },
    /// The requirement changes, as shoppers come and go (GF-9).
    Require {
        /// The new one.
        amount: Rupiah,
    },
}

words! {
    /// What a fund tells.
    pub enum NoticeKind {
        /// The balance is low.
        Warning = "warning",
        /// The merchant may no longer issue.
        Suspended = "suspended",
        /// The merchant may issue again.
        Active = "active",
        /// The warnings are withdrawn.
        WarningsCleared = "warnings_cleared",
        /// The balance cannot pay.
        Shortfall = "shortfall",
        /// A voucher is not issued: its id is still reserved, or the merchant is suspended.
        IssueRefused = "issue_refused",
        /// No voucher of that id is reserved, or less than asked for.
        NotReserved = "not_reserved",
        /// A check is later than the host's own clock (GF-10).
        CheckRefused = "check_refused",
    }
}

/// What a fund tells after an event, at most one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// `warning`: its number; `shortfall`, `issue_refused`: the rupiah missing, or not issued; `not_reserved`: the
    /// rupiah asked for above the reservation; 0 for the others.
    pub amount: i64,
}

impl Notice {
    const fn of(kind: NoticeKind, amount: i64) -> Self {
        Self { kind, amount }
    }
}

/// What is reserved for vouchers not yet redeemed, in rupiah by voucher id (GF-8).
///
/// They may be kept in shards, one a till, so that no single row is hot: an id lives in one shard, and
/// [`total`](Self::total) sums them exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reservations {
    by_id: BTreeMap<String, Rupiah>,
    sum: Rupiah,
}

impl Reservations {
    /// Reservations as they were stored.
    ///
    /// # Errors
    /// `out_of_range` for a negative one, or if their sum leaves the domain.
    pub fn new(by_id: BTreeMap<String, Rupiah>) -> Result<Self, Error> {
        let add = |sum: Rupiah, reserved: &Rupiah| sum.checked_add(not_negative(*reserved, "reservations")?);
        let sum = by_id.values().try_fold(Rupiah::ZERO, add).map_err(|refused| refused.at("reservations"))?;
        Ok(Self { by_id, sum })
    }

    /// Their sum, in rupiah.
    pub const fn sum(&self) -> Rupiah {
        self.sum
    }

    /// The reservations by voucher id.
    pub const fn by_id(&self) -> &BTreeMap<String, Rupiah> {
        &self.by_id
    }

    /// The sum of shards.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn total<'a>(shards: impl IntoIterator<Item = &'a Self>) -> Result<Rupiah, Error> {
        shards.into_iter().try_fold(Rupiah::ZERO, |sum, shard| sum.checked_add(shard.sum))
    }

    fn get(&self, id: &str) -> Option<Rupiah> {
        self.by_id.get(id).copied()
    }

    fn reserve(&mut self, id: &str, amount: Rupiah) -> Result<(), Error> {
        self.sum = self.sum.checked_add(amount)?;
        self.by_id.insert(id.to_owned(), amount);
        Ok(())
    }

    /// Raises a reservation to `reserved`, by `amount`.
    fn reserve_more(&mut self, id: &str, reserved: Rupiah, amount: Rupiah) -> Result<(), Error> {
        self.sum = self.sum.checked_add(amount)?;
        if !amount.is_zero() {
            self.by_id.insert(id.to_owned(), reserved);
        }
        Ok(())
    }

    /// Lowers a reservation to `rest`; one of which nothing is left is removed.
    fn lower(&mut self, id: &str, reserved: Rupiah, rest: Rupiah) -> Result<(), Error> {
        self.sum = self.sum.checked_sub(reserved)?.checked_add(rest)?;
        if rest.is_zero() {
            self.by_id.remove(id);
        } else if let Some(reservation) = self.by_id.get_mut(id) {
            *reservation = rest;
        }
        Ok(())
    }
}

/// A merchant's guarantee fund: what it holds, what it has promised and how often it was warned.
///
/// The fund is a fold over its events. It keeps no clock: a check brings its own time.
///
/// ```
/// use loyalty_rules::funding::{Fund, FundEvent, FundState, FundTerms};
/// use loyalty_rules::quantity::Rupiah;
///
/// let rupiah = |amount| Rupiah::new(amount).unwrap();
/// let mut fund = Fund::new(FundTerms::new(rupiah(500_000))?, rupiah(100_000))?; // at the mark of 20 %
/// for number in 1..=3 {
///     assert_eq!(fund.apply(&FundEvent::Check { at: None })?.unwrap().amount, number);
/// }
/// assert_eq!(fund.apply(&FundEvent::Check { at: None })?.unwrap().kind.name(), "suspended");
///
/// fund.apply(&FundEvent::TopUp { amount: rupiah(1) })?;
/// assert_eq!(fund.state(), FundState::Active);
///
/// fund.apply(&FundEvent::Issue { id: "V1", amount: rupiah(15_000) })?;
/// assert_eq!((fund.reserved().get(), fund.free().get()), (15_000, 85_001));
/// fund.apply(&FundEvent::Redeem { id: "V1", amount: rupiah(15_000) })?;
/// assert_eq!((fund.reserved().get(), fund.balance().get()), (0, 85_001));
///
/// let short = fund.apply(&FundEvent::Draw { amount: rupiah(90_000) })?.unwrap();
/// assert_eq!((short.kind.name(), short.amount), ("shortfall", 4_999));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fund {
    terms: FundTerms,
    balance: Rupiah,
    state: FundState,
    warnings: Count,
    last_warning: Option<CivilTime>,
    reservations: Reservations,
    to_operator: Rupiah,
}

/// After so many unanswered warnings the next check suspends (GF-4).
const MAX_WARNINGS: i64 = 3;

impl Fund {
    /// An active fund without warnings and reservations.
    ///
    /// # Errors
    /// `out_of_range` for a negative balance or requirement.
    pub fn new(terms: FundTerms, balance: Rupiah) -> Result<Self, Error> {
        not_negative(terms.requirement, "requirement")?;
        Ok(Self {
            terms,
            balance: not_negative(balance, "balance")?,
            state: FundState::Active,
            warnings: Count::ZERO,
            last_warning: None,
            reservations: Reservations::default(),
            to_operator: Rupiah::ZERO,
        })
    }

    /// The fund with the warnings it was given, and the time of the last timed one.
    #[must_use]
    pub fn warned(self, warnings: Count, last_warning: Option<CivilTime>) -> Self {
        Self { warnings, last_warning, ..self }
    }

    /// The fund in a state.
    #[must_use]
    pub fn in_state(self, state: FundState) -> Self {
        Self { state, ..self }
    }

    /// The fund with reservations.
    #[must_use]
    pub fn reserving(self, reservations: Reservations) -> Self {
        Self { reservations, ..self }
    }

    /// What it holds, in rupiah.
    pub const fn balance(&self) -> Rupiah {
        self.balance
    }

    /// What it has promised, in rupiah.
    pub const fn reserved(&self) -> Rupiah {
        self.reservations.sum
    }

    /// Balance − reserved in rupiah, negative if more is promised than held (GF-8).
    pub const fn free(&self) -> Rupiah {
        // Both lie between zero and the end of the domain, so their difference lies in it.
        Rupiah::part(self.balance.get().wrapping_sub(self.reservations.sum.get()))
    }

    /// What it has promised, by voucher.
    pub const fn reservations(&self) -> &Reservations {
        &self.reservations
    }

    /// The unanswered warnings.
    pub const fn warnings(&self) -> Count {
        self.warnings
    }

    /// The time of the last warning that had one.
    pub const fn last_warning(&self) -> Option<CivilTime> {
        self.last_warning
    }

    /// The deposit that is asked for, in rupiah.
    pub const fn requirement(&self) -> Rupiah {
        self.terms.requirement
    }

    /// What expired vouchers have paid to the operator so far, in rupiah.
    pub const fn to_operator(&self) -> Rupiah {
        self.to_operator
    }

    /// Whether its merchant may issue.
    pub const fn state(&self) -> FundState {
        self.state
    }

    /// Applies one event and returns what is to be told (GF-3 … GF-6, GF-8, GF-9).
    ///
    /// # Errors
    /// `out_of_range` for a negative amount, or if the balance or the sum of the reservations leaves the domain;
    /// then nothing changes.
    pub fn apply(&mut self, event: &FundEvent<'_>) -> Result<Option<Notice>, Error> {
        let applied = match *event {
            FundEvent::Check { at } => self.check(at),
            FundEvent::TopUp { amount } => self.top_up(not_negative(amount, "amount")?),
            FundEvent::Draw { amount } => self.draw(not_negative(amount, "amount")?),
            FundEvent::Issue { id, amount } => self.issue(id, not_negative(amount, "amount")?),
            FundEvent::Redeem { id, amount } => self.redeem(id, not_negative(amount, "amount")?),
            FundEvent::Undo { id, amount } => self.undo(id, not_negative(amount, "amount")?),
            FundEvent::Release { id } => self.release(id),
            FundEvent::Expire { id } => self.expire(id),
            FundEvent::Require { amount } => Ok(self.require(not_negative(amount, "amount")?)),
        };
        applied.map_err(|refused| refused.at("amount"))
    }

    fn check(&mut self, at: Option<CivilTime>) -> Result<Option<Notice>, Error> {
        let is_active = self.state == FundState::Active;
        if !is_active || !self.terms.is_low(self.balance) || !self.terms.may_warn(at, self.last_warning) {
            return Ok(None);
        }
        if self.warnings.get() >= MAX_WARNINGS {
            self.state = FundState::Suspended;
            return Ok(Some(Notice::of(NoticeKind::Suspended, 0)));
        }
        self.warnings = self.warnings.succ()?;
        self.last_warning = at.or(self.last_warning);
        Ok(Some(Notice::of(NoticeKind::Warning, self.warnings.get())))
    }

    fn top_up(&mut self, amount: Rupiah) -> Result<Option<Notice>, Error> {
        self.balance = self.balance.checked_add(amount)?;
        if self.state == FundState::Registered {
            return Ok(self.activate());
        }
        if self.terms.is_low(self.balance) {
            return Ok(None);
        }
        let notice = match (self.state, self.warnings) {
            (FundState::Suspended, _) => Some(Notice::of(NoticeKind::Active, 0)),
            (_, Count::ZERO) => None,
            _ => Some(Notice::of(NoticeKind::WarningsCleared, 0)),
        };
        (self.state, self.warnings) = (FundState::Active, Count::ZERO);
        Ok(notice)
    }

    fn draw(&mut self, amount: Rupiah) -> Result<Option<Notice>, Error> {
        if amount > self.balance {
            return Ok(Some(Notice::of(NoticeKind::Shortfall, amount.checked_sub(self.balance)?.get())));
        }
        self.balance = self.balance.checked_sub(amount)?;
        Ok(None)
    }

    fn issue(&mut self, id: &str, amount: Rupiah) -> Result<Option<Notice>, Error> {
        if self.state != FundState::Active || self.reservations.get(id).is_some() {
            return Ok(Some(Notice::of(NoticeKind::IssueRefused, amount.get())));
        }
        self.reservations.reserve(id, amount)?;
        Ok(None)
    }

    fn redeem(&mut self, id: &str, amount: Rupiah) -> Result<Option<Notice>, Error> {
        let Some(reserved) = self.reservations.get(id).filter(|reserved| amount <= *reserved) else {
            let above = amount.left_after(self.reservations.get(id).unwrap_or_default());
            return Ok(Some(Notice::of(NoticeKind::NotReserved, above.get())));
        };
        // A redemption that cannot be paid keeps its reservation.
        let notice = self.draw(amount)?;
        if notice.is_none() {
            self.reservations.lower(id, reserved, reserved.checked_sub(amount)?)?;
        }
        Ok(notice)
    }

    fn undo(&mut self, id: &str, amount: Rupiah) -> Result<Option<Notice>, Error> {
        let balance = self.balance.checked_add(amount)?;
        let reserved = self.reservations.get(id).unwrap_or_default();
        self.reservations.reserve_more(id, reserved.checked_add(amount)?, amount)?;
        self.balance = balance;
        Ok(None)
    }

    fn require(&mut self, requirement: Rupiah) -> Option<Notice> {
        self.terms.requirement = requirement;
        self.activate()
    }

    /// Makes a registered fund active once its balance reaches the requirement (GF-9).
    fn activate(&mut self) -> Option<Notice> {
        let is_complete = self.state == FundState::Registered && self.balance >= self.terms.requirement;
        is_complete.then(|| {
            self.state = FundState::Active;
            Notice::of(NoticeKind::Active, 0)
        })
    }

    fn expire(&mut self, id: &str) -> Result<Option<Notice>, Error> {
        let reserved = self.reservations.get(id);
        let (ExpiredTo::Operator, Some(reserved)) = (self.terms.expired_to, reserved) else { return self.release(id) };
        let to_operator = self.to_operator.checked_add(reserved)?;
        let notice = self.redeem(id, reserved)?;
        if notice.is_none() {
            self.to_operator = to_operator;
        }
        Ok(notice)
    }

    fn release(&mut self, id: &str) -> Result<Option<Notice>, Error> {
        let Some(reserved) = self.reservations.get(id) else { return Ok(Some(Notice::of(NoticeKind::NotReserved, 0))) };
        self.reservations.lower(id, reserved, Rupiah::ZERO)?;
        Ok(None)
    }
}
