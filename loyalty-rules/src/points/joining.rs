use crate::error::{Error, Fault};
use crate::quantity::{Count, Points};
use crate::words::words;

/// What a member who joins is given (PT-2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joining {
    /// To every new member.
    pub sign_up: Points,
    /// To both sides of a referral.
    pub referral: Option<Referral>,
}

/// What a referral gives. Points are zero or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Referral {
    /// To the member who referred.
    pub referrer: Points,
    /// To the one who joins.
    pub referred: Points,
    /// The most referrals of a member that give points.
    pub limit: Option<Count>,
}

words! {
    /// What became of a referral.
    pub enum ReferralReason {
        /// Both sides get their points.
        Given = "given",
        /// There was none.
        None = "none",
        /// A member cannot refer itself.
        SelfReferral = "self_referral",
        /// The referrer's referrals are used up.
        LimitReached = "limit_reached",
    }
}

/// The points of joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// What became of the referral.
    pub referral: ReferralReason,
    /// For signing up.
    pub sign_up: Points,
    /// For being referred.
    pub referred: Points,
    /// For referring, to the referrer.
    pub referrer: Points,
}

impl Joining {
    /// The points of a member that joins, referred by one with so many referrals before, if by any. Who is a member
    /// already gets nothing.
    ///
    /// ```
    /// use loyalty_rules::points::{Joining, Referral, ReferralReason};
    /// use loyalty_rules::quantity::{Count, Points};
    ///
    /// let fifty = Points::from_milli(50_000)?;
    /// let referral = Some(Referral { referrer: fifty, referred: fifty, limit: Some(Count::new(10)?) });
    /// let joining = Joining { sign_up: fifty, referral };
    /// let joined = joining.join("Budi", false, Some(("Ani", Count::new(9)?)))?;
    /// assert_eq!((joined.referral, joined.referrer), (ReferralReason::Given, fifty));
    /// assert_eq!(joining.join("Budi", false, Some(("Budi", Count::ZERO)))?.referral, ReferralReason::SelfReferral);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for a referrer without a referral setting; `out_of_range` for negative points.
    pub fn join(&self, member: &str, joined_before: bool, referrer: Option<(&str, Count)>) -> Result<Joined, Error> {
        let setting = self.referral.unwrap_or_default();
        let points =
            [(self.sign_up, "sign_up_milli"), (setting.referrer, "referral.referrer_milli"), (setting.referred, "referral.referred_milli")];
        if let Some((_, field)) = points.into_iter().find(|(points, _)| *points < Points::ZERO) {
            return Err(Fault::Negative.error().at(field));
        }
        if referrer.is_some() && self.referral.is_none() {
            return Err(Fault::NoReferral.error().at("referrer"));
        }
        let referral = match referrer {
            _ if joined_before => ReferralReason::None,
            None => ReferralReason::None,
            Some((referrer, _)) if referrer == member => ReferralReason::SelfReferral,
            Some((_, before)) if setting.limit.is_some_and(|limit| before >= limit) => ReferralReason::LimitReached,
            Some(_) => ReferralReason::Given,
        };
        let given = |points, is_given: bool| if is_given { points } else { Points::ZERO };
        let is_referred = referral == ReferralReason::Given;
        Ok(Joined {
            referral,
            sign_up: given(self.sign_up, !joined_before),
            referred: given(setting.referred, is_referred),
            referrer: given(setting.referrer, is_referred),
        })
    }
}
