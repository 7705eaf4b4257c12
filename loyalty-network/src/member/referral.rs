use super::MemberPurchase;
use crate::fault::Faults as _;
use loyalty_rules::calendar::Date;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::Count;
use loyalty_rules::words;

words! {
    /// What became of a referral (PT-13).
    pub enum ReferralReason {
        /// The member has joined and is waited for.
        Joined = "joined",
        /// The first purchase is made: both are given.
        Paid = "paid",
        /// It was paid before.
        PaidBefore = "paid_before",
        /// The purchase is below the least; another may follow.
        BelowMinimum = "below_minimum",
        /// The purchase came too late.
        TooLate = "too_late",
        /// The first purchase still stands.
        Kept = "kept",
        /// The first purchase went back, and so do both gifts.
        TakenBack = "taken_back",
        /// The purchase that goes back is not the one that paid.
        OtherPurchase = "other_purchase",
    }
}

/// The terms of a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Referral {
    /// The least first purchase.
    pub min_purchase: Count,
    /// Days from joining within which it must come, the day of joining being day 0.
    pub within_days: Option<Count>,
    /// What who referred is given.
    pub referrer_gives: Count,
    /// What who was referred is given.
    pub referred_gives: Count,
}

/// A referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferralState<'a> {
    /// When the member joined.
    pub joined: Date,
    /// The purchase that paid, by its id.
    pub paid: Option<(&'a str, MemberPurchase)>,
}

/// What became of a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferralMoved<'a> {
    /// The referral after it.
    pub state: ReferralState<'a>,
    /// What became of it.
    pub reason: ReferralReason,
    /// How often both are given what the terms say: 1, 0, or −1 when it is taken back.
    pub times: i64,
}

impl Referral {
    fn is_enough(&self, amount: Count) -> bool {
        amount > Count::ZERO && amount >= self.min_purchase
    }

    /// Looks at a purchase of who was referred (PT-13).
    ///
    /// ```
    /// use loyalty_network::{Referral, ReferralReason, ReferralState};
    /// use loyalty_rules::quantity::Count;
    ///
    /// let gift = Count::new(50_000)?; // 50 points
    /// let terms = Referral { min_purchase: Count::new(20_000)?, within_days: None, referrer_gives: gift, referred_gives: gift };
    /// let joined = ReferralState { joined: "2025-03-10".parse()?, paid: None };
    /// let bought = terms.buy(joined, "r1", "2025-03-12".parse()?, Count::new(30_000)?)?;
    /// assert_eq!((bought.reason, bought.times), (ReferralReason::Paid, 1));
    /// let returned = terms.give_back(bought.state, "r1", Count::new(19_999)?)?;
    /// assert_eq!((returned.reason, returned.times), (ReferralReason::TakenBack, -1));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_order` for a purchase before joining.
    pub fn buy<'a>(&self, state: ReferralState<'a>, id: &'a str, date: Date, amount: Count) -> Result<ReferralMoved<'a>, Error> {
        if date < state.joined {
            return Err(Fault::StateOfLaterDay.error().at("buy.date"));
        }
        let is_late = self.within_days.is_some_and(|days| date.days_since(state.joined) > days.get());
        let reason = match state.paid {
            Some(_) => ReferralReason::PaidBefore,
            None if is_late => ReferralReason::TooLate,
            None if self.is_enough(amount) => ReferralReason::Paid,
            None => ReferralReason::BelowMinimum,
        };
        let is_paid = reason == ReferralReason::Paid;
        let paid = if is_paid { Some((id, MemberPurchase { date, amount, left: amount })) } else { state.paid };
        Ok(ReferralMoved { state: ReferralState { paid, ..state }, reason, times: is_paid.into() })
    }

    /// Looks at a return of who was referred: both gifts go back once less than the least is left; the next purchase may pay
    /// them again.
    ///
    /// # Errors
    /// `out_of_range` if more is left than before.
    pub fn give_back<'a>(&self, state: ReferralState<'a>, id: &str, left: Count) -> Result<ReferralMoved<'a>, Error> {
        let (paid, reason) = match state.paid {
            Some((paid, purchase)) if paid == id => {
                let (purchase, _) = purchase.returned(left).map_err(|refused| refused.at("return.left"))?;
                if self.is_enough(left) { (Some((paid, purchase)), ReferralReason::Kept) } else { (None, ReferralReason::TakenBack) }
            }
            paid => (paid, ReferralReason::OtherPurchase),
        };
        let times = i64::from(reason == ReferralReason::TakenBack).wrapping_neg();
        Ok(ReferralMoved { state: ReferralState { paid, ..state }, reason, times })
    }
}
