//! Gifts of a purchase, and points of joining.

use crate::api::wire::{Amount, Path, Refusal, answer, distinct, record};
use crate::operations;
use crate::points::{Gift, Joining, Referral, ReferralReason};
use crate::quantity::{Count, Points};
use crate::tables::Slot;
use alloc::string::String;
use alloc::vec::Vec;

crate::wire_words! {
    ReferralReason;
    JoinReason;
    JoinBonus;
}

operations! {
    "points.gifts" ["PT-6"] "The gifts of a purchase.": gifts, GiftsRequest => GiftsAnswer;
    "points.joining" ["PT-2"] "The points of a member that joins, and of who referred it.": joining, JoiningRequest => JoiningAnswer;
}

crate::words! {
    /// Whether a member joins.
    pub enum JoinReason {
        /// It does.
        Joined = "joined",
        /// It is one already.
        AlreadyMember = "already_member",
    }
}

crate::words! {
    /// What points of joining are for.
    pub enum JoinBonus {
        /// Signing up.
        SignUp = "sign_up",
        /// Being referred.
        Referred = "referred",
        /// Referring.
        Referrer = "referrer",
    }
}

record! {
    /// Gifts and a purchase.
    pub struct GiftsRequest {
        /// The gifts, each id once.
        gifts: Vec<GiftFields>,
        /// The purchase in rupiah.
        amount: Amount,
        /// The slot of the purchase.
        slot: Option<Slot>,
    }
}

record! {
    /// A gift; it states a condition or both.
    pub struct GiftFields {
        /// Its unique id.
        id: String,
        /// The purchase must be above so many rupiah.
        above: Option<Amount>,
        /// The purchase must fall in one of these slots.
        slots: Option<Vec<Slot>>,
    }
}

answer! {
    /// The gifts of a purchase.
    pub struct GiftsAnswer {
        /// Their ids in declared order.
        given: Vec<String>,
    }
}

record! {
    /// A member that joins.
    pub struct JoiningRequest {
        /// The member.
        member: String,
        /// Whether it is a member already.
        joined_before: bool = false,
        /// To every new member, in thousandths of a point.
        sign_up_milli: Points = Points::ZERO,
        /// What a referral gives.
        referral: Option<ReferralFields>,
        /// The member that referred it.
        referrer: Option<String>,
        /// Referrals of that member before.
        referrals_before: Count = Count::ZERO,
    }
}

record! {
    /// What a referral gives.
    pub struct ReferralFields {
        /// To the member that referred, in thousandths of a point.
        referrer_milli: Points,
        /// To the one that joins, in thousandths of a point.
        referred_milli: Points,
        /// The most referrals of a member that give points.
        limit: Option<Count>,
    }
}

answer! {
    /// The points of joining.
    pub struct JoiningAnswer {
        /// Whether the member joins.
        reason: JoinReason,
        /// What became of the referral.
        referral: ReferralReason,
        /// What is given, without zeros: for signing up, being referred, referring.
        awards: Vec<JoinAward>,
    }
}

answer! {
    /// Points for joining.
    pub struct JoinAward {
        /// Who gets them.
        account: String,
        /// What for.
        bonus: JoinBonus,
        /// Thousandths of a point, above 0.
        points_milli: Points,
    }
}

fn gifts(request: &GiftsRequest) -> Result<GiftsAnswer, Refusal> {
    distinct("gifts", "id", request.gifts.iter().map(|gift| gift.id.as_str()))?;
    let (path, mut given) = (Path::Root.key("gifts"), Vec::new());
    for (index, fields) in request.gifts.iter().enumerate() {
        let gift = Gift { above: fields.above.map(|above| above.0), slots: fields.slots.as_deref() };
        if gift.is_given(request.amount.0, request.slot).map_err(|error| Refusal::inside(error, &path.entry(index)))? {
            given.push(fields.id.clone());
        }
    }
    Ok(GiftsAnswer { given })
}

fn joining(request: &JoiningRequest) -> Result<JoiningAnswer, Refusal> {
    let referral = request.referral.as_ref().map(|referral| Referral {
        referrer: referral.referrer_milli,
        referred: referral.referred_milli,
        limit: referral.limit,
    });
    let terms = Joining { sign_up: request.sign_up_milli, referral };
    let referrer = request.referrer.as_deref();
    let joined = terms.join(&request.member, request.joined_before, referrer.map(|referrer| (referrer, request.referrals_before)))?;
    let awards = [
        (request.member.as_str(), JoinBonus::SignUp, joined.sign_up),
        (request.member.as_str(), JoinBonus::Referred, joined.referred),
        (referrer.unwrap_or_default(), JoinBonus::Referrer, joined.referrer),
    ];
    let awards = awards.into_iter().filter(|(_, _, points)| *points > Points::ZERO);
    Ok(JoiningAnswer {
        reason: if request.joined_before { JoinReason::AlreadyMember } else { JoinReason::Joined },
        referral: joined.referral,
        awards: awards.map(|(account, bonus, points_milli)| JoinAward { account: account.into(), bonus, points_milli }).collect(),
    })
}
