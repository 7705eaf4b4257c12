//! The program of one member.

use alloc::string::String;
use alloc::vec::Vec;

use crate::fault::Faults as _;
use crate::{
    Challenge, ChallengeMoved, ChallengeState, ClosedPeriod, Fall, LimitSpan, LimitState, LimitTerms, LimitedUse, MemberPurchase,
    Recurrence, Referral, ReferralMoved, ReferralReason, ReferralState, SpanCount, SpanLimit, StampBy, StampState, StampTerms, StampVisit,
    Tier, TierChange, TierMoved, TierState, TierTerms,
};
use loyalty_rules::api::wire::{Amount, Positive, Refusal, Whole, answer, operations, record};
use loyalty_rules::award::Label;
use loyalty_rules::calendar::Date;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Rate, Rupiah};

loyalty_rules::wire_words! {
    LimitSpan;
    StampBy;
    Recurrence;
    Fall;
    TierChange;
    ReferralReason;
}

operations! {
    "member.limit" ["PT-10"] "What of an award counts under the limits of a member, and what a return takes back.": limit, LimitRequest => LimitAnswer;
    "member.stamps" ["PT-11"] "A stamp card: buy ten, get one.": stamps, StampsRequest => StampsAnswer;
    "member.challenge" ["PT-11"] "A target in a period, and what it gives.": challenge, ChallengeRequest => ChallengeAnswer;
    "member.tier" ["PT-12"] "The tier of a member, and what a till carries of it.": tier, TierRequest => TierAnswer;
    "member.referral" ["PT-13"] "A referral, paid after the first purchase of who was referred.": referral, ReferralRequest => ReferralAnswer;
}

record! {
    /// Whose state it is.
    pub struct MemberFields {
        /// The member, 1 … 64 bytes.
        member: Label<64>,
        /// The program, 1 … 64 bytes.
        program: Label<64>,
    }
}

impl MemberFields {
    /// The state of the member of the request under its program.
    fn own(&self, state: &Self) -> Result<(), Error> {
        match (self.member == state.member, self.program == state.program) {
            (false, _) => Err(Fault::OtherMember.error().at("state.member")),
            (_, false) => Err(Fault::OtherMemberProgram.error().at("state.program")),
            _ => Ok(()),
        }
    }
}

fn one_act(acts: usize) -> Result<(), Error> {
    if acts == 1 { Ok(()) } else { Err(Fault::OneMemberAct.error()) }
}

fn needs<T>(state: Option<T>) -> Result<T, Error> {
    state.ok_or(Fault::MemberActNeedsState.error().at("state"))
}

record! {
    /// A purchase, as it was answered.
    pub struct MemberPurchaseFields {
        /// Its day.
        date: Date,
        /// What it came to.
        amount: Count,
        /// What returns left of it.
        left: Count,
    }
}

impl MemberPurchaseFields {
    fn purchase(&self) -> MemberPurchase {
        MemberPurchase { date: self.date, amount: self.amount, left: self.left }
    }

    fn of(purchase: MemberPurchase) -> Self {
        let MemberPurchase { date, amount, left } = purchase;
        Self { date, amount, left }
    }
}

record! {
    /// A purchase of a day.
    pub struct MemberBuy {
        /// The day.
        date: Date,
        /// What counts: rupiah, thousandths of a point, or units; always the same.
        amount: Count,
    }
}

record! {
    /// Goods of a purchase come back.
    pub struct MemberReturn {
        /// The purchase, as it was answered last.
        purchase: MemberPurchaseFields,
        /// What is left of its amount.
        left: Count,
    }
}

// Limits

record! {
    /// An award of a member, or its return.
    pub struct LimitRequest {
        [flat] whose: MemberFields,
        /// The limits.
        terms: LimitTermsFields,
        /// The member's state; absent for a new one.
        state: Option<LimitStateFields>,
        /// An award.
        earn: Option<MemberBuy>,
        /// A return.
        undo: Option<LimitUndo>,
    }
}

record! {
    /// The limits of a member.
    pub struct LimitTermsFields {
        /// Of a day.
        day: SpanLimitFields = SpanLimitFields::default(),
        /// Of a week from Monday on.
        week: SpanLimitFields = SpanLimitFields::default(),
        /// Of a calendar month.
        month: SpanLimitFields = SpanLimitFields::default(),
        /// Of all time.
        ever: SpanLimitFields = SpanLimitFields::default(),
    }
}

record! {
    /// The most of a span.
    #[derive(Default)]
    pub struct SpanLimitFields {
        /// What is earned.
        earned: Option<Count>,
        /// How often.
        uses: Option<Count>,
    }
}

record! {
    /// What counts in a span.
    #[derive(Default)]
    pub struct SpanCountFields {
        /// What was earned.
        earned: Count = Count::ZERO,
        /// How often.
        uses: Count = Count::ZERO,
    }
}

record! {
    /// What a member has earned.
    pub struct LimitStateFields {
        [flat] whose: MemberFields,
        /// The latest day.
        date: Date,
        /// In that day.
        day: SpanCountFields = SpanCountFields::default(),
        /// In its week.
        week: SpanCountFields = SpanCountFields::default(),
        /// In its month.
        month: SpanCountFields = SpanCountFields::default(),
        /// In all.
        ever: SpanCountFields = SpanCountFields::default(),
    }
}

record! {
    /// An award under limits, to be kept with it.
    pub struct LimitedUseFields {
        /// Its day.
        date: Date,
        /// What was asked for.
        amount: Count,
        /// What is left of that after returns.
        left: Count,
        /// What counted of it.
        counted: Count,
    }
}

record! {
    /// A return.
    pub struct LimitUndo {
        /// The award, as it was answered last.
        given: LimitedUseFields,
        /// What the award would be for what is left.
        left: Count,
    }
}

answer! {
    /// What the limits made of it.
    pub struct LimitAnswer {
        /// The member after it.
        state: LimitStateFields,
        /// To be kept with the award.
        given: LimitedUseFields,
        /// What the member is given of it, after returns.
        kept: Count,
        /// What limits cut.
        cut: Count,
        /// The span that cut it; null for none.
        limited_by: Option<LimitSpan>,
        /// What is taken back.
        taken_back: Count,
    }
}

impl LimitStateFields {
    fn of(whose: &MemberFields, state: LimitState) -> Self {
        let fields = |count: SpanCount| SpanCountFields { earned: count.earned, uses: count.uses };
        let [day, week, month, ever] = state.spans.map(fields);
        Self { whose: whose.clone(), date: state.date, day, week, month, ever }
    }

    fn state(&self) -> LimitState {
        let count = |fields: &SpanCountFields| SpanCount { earned: fields.earned, uses: fields.uses };
        LimitState { date: self.date, spans: [&self.day, &self.week, &self.month, &self.ever].map(count) }
    }
}

fn limit(request: &LimitRequest) -> Result<LimitAnswer, Refusal> {
    let LimitRequest { whose, terms, state, earn, undo } = request;
    one_act([earn.is_some(), undo.is_some()].into_iter().filter(|given| *given).count())?;
    state.as_ref().map(|state| whose.own(&state.whose)).transpose()?;
    let state = state.as_ref().map(LimitStateFields::state);
    let span = |fields: &SpanLimitFields| SpanLimit { earned: fields.earned, uses: fields.uses };
    let terms = LimitTerms { spans: [&terms.day, &terms.week, &terms.month, &terms.ever].map(span) };
    let (state, given, limited_by, taken_back) = if let Some(undo) = undo {
        let given = &undo.given;
        let asked = MemberPurchase { date: given.date, amount: given.amount, left: given.left };
        let (state, given, taken_back) = needs(state)?.undo(LimitedUse { asked, counted: given.counted }, undo.left)?;
        (state, given, None, taken_back)
    } else {
        let Some(earn) = earn else { return Err(Fault::OneMemberAct.error().into()) };
        let limited = terms.earn(state, earn.date, earn.amount)?;
        (limited.state, limited.given, limited.limited_by, Count::ZERO)
    };
    let MemberPurchase { date, amount, left } = given.asked;
    Ok(LimitAnswer {
        state: LimitStateFields::of(whose, state),
        kept: given.kept(),
        cut: given.asked.amount.less(given.counted.get()),
        given: LimitedUseFields { date, amount, left, counted: given.counted },
        limited_by,
        taken_back,
    })
}

// Stamps

record! {
    /// A stamp card, and what happens to it.
    pub struct StampsRequest {
        [flat] whose: MemberFields,
        /// The terms.
        terms: StampTermsFields,
        /// The card; absent for a new one.
        state: Option<StampStateFields>,
        /// A purchase.
        buy: Option<StampBuy>,
        /// A return.
        r#return: Option<StampReturn>,
        /// Gifts that are handed out.
        hand_out: Option<Positive>,
        /// Gifts that were handed out and come back.
        take_in: Option<Positive>,
    }
}

record! {
    /// The terms of a stamp card.
    pub struct StampTermsFields {
        /// Stamps for a gift.
        need: Positive,
        /// What earns a stamp.
        by: StampBy = StampBy::default(),
        /// A smaller purchase earns none, in rupiah.
        min_purchase: Amount = Amount(Rupiah::ZERO),
    }
}

record! {
    /// A stamp card.
    pub struct StampStateFields {
        [flat] whose: MemberFields,
        /// Stamps for a gift.
        need: Positive,
        /// All stamps, those of full cards included.
        stamps: Count,
        /// Gifts handed out.
        used: Count,
    }
}

record! {
    /// What was paid for.
    pub struct StampBuy {
        /// Units that were paid for.
        units: Count = Count::ZERO,
        /// What was paid, in rupiah.
        total: Amount,
    }
}

record! {
    /// The stamps of a purchase.
    pub struct StampVisitFields {
        /// When it was paid.
        stamps: Count,
        /// After returns.
        kept: Count,
    }
}

record! {
    /// Goods come back.
    pub struct StampReturn {
        /// The stamps of the purchase, as they were answered last.
        visit: StampVisitFields,
        /// Units that are left of it.
        units: Count = Count::ZERO,
        /// What is left of what was paid, in rupiah.
        total: Amount,
    }
}

answer! {
    /// A card after it.
    pub struct StampsAnswer {
        /// Whether it was done: gifts that are not due are not handed out.
        done: bool,
        /// The card.
        state: StampStateFields,
        /// The stamps of the purchase, to be kept with it.
        [omit] visit: Option<StampVisitFields>,
        /// Stamps on the card that is not full.
        on_card: Count,
        /// Gifts that are due.
        gifts: Count,
        /// Gifts handed out for stamps that went back: the next full cards pay for them.
        owed: Count,
        /// Gifts that became due, or, below zero, that are no longer.
        gained: Whole,
    }
}

fn stamps(request: &StampsRequest) -> Result<StampsAnswer, Refusal> {
    let StampsRequest { whose, terms, state, buy, r#return, hand_out, take_in } = request;
    let acts = [buy.is_some(), r#return.is_some(), hand_out.is_some(), take_in.is_some()];
    one_act(acts.into_iter().filter(|given| *given).count())?;
    state.as_ref().map(|state| whose.own(&state.whose)).transpose()?;
    let terms = StampTerms { need: terms.need.0, by: terms.by, min_purchase: terms.min_purchase.0 };
    let card = |fields: &StampStateFields| StampState { need: fields.need.0, stamps: fields.stamps, used: fields.used };
    let known = state.as_ref().map(card);
    let before = known.unwrap_or(terms.new_card());
    let mut done = true;
    let (after, visit) = if let Some(buy) = buy {
        let moved = terms.buy(before, buy.units, buy.total.0)?;
        (moved.state, Some(moved.visit))
    } else if let Some(back) = r#return {
        let visit = StampVisit { stamps: back.visit.stamps, kept: back.visit.kept };
        let moved = terms.give_back(needs(known)?, visit, back.units, back.total.0)?;
        (moved.state, Some(moved.visit))
    } else if let Some(gifts) = hand_out {
        let handed = terms.hand_out(before, gifts.0)?;
        done = handed.is_some();
        (handed.unwrap_or(before), None)
    } else {
        (terms.take_in(needs(known)?, take_in.map_or(Count::ZERO, |gifts| gifts.0))?, None)
    };
    let (due, was_due) = (after.gifts(), before.gifts());
    Ok(StampsAnswer {
        done,
        visit: visit.map(|visit| StampVisitFields { stamps: visit.stamps, kept: visit.kept }),
        on_card: after.on_card(),
        gifts: Count::part(due.max(0)),
        owed: Count::part(due.wrapping_neg().max(0)),
        gained: Whole(due.wrapping_sub(was_due)),
        state: StampStateFields { whose: whose.clone(), need: Positive(after.need), stamps: after.stamps, used: after.used },
    })
}

// Challenges

record! {
    /// A challenge, and what happens.
    pub struct ChallengeRequest {
        [flat] whose: MemberFields,
        /// The terms.
        terms: ChallengeTerms,
        /// The period of the member; absent for a new one.
        state: Option<ChallengeStateFields>,
        /// A purchase.
        buy: Option<MemberBuy>,
        /// A return.
        r#return: Option<MemberReturn>,
    }
}

record! {
    /// A target in a period, and what it gives.
    pub struct ChallengeTerms {
        /// The first day.
        from: Date,
        /// The day after the last.
        until: Date,
        /// How often it begins anew.
        every: Recurrence = Recurrence::default(),
        /// What is to be reached.
        target: Positive,
        /// What each full target gives.
        gives: Count,
        /// How many full targets of a period give, at most.
        times: Positive = Positive(Count::of(true)),
    }
}

record! {
    /// How far a member is in a period.
    pub struct ChallengeStateFields {
        [flat] whose: MemberFields,
        /// The first day of the period.
        period: Date,
        /// What counts toward the target.
        progress: Count,
    }
}

answer! {
    /// How far a member is after it.
    pub struct ChallengeAnswer {
        /// Whether it counts: a purchase outside the challenge does not.
        counted: bool,
        /// The period; null without one.
        state: Option<ChallengeStateFields>,
        /// The period that is over, to be kept for returns; null for none.
        closed: Option<ChallengeStateFields>,
        /// The purchase, to be kept; null if it does not count.
        purchase: Option<MemberPurchaseFields>,
        /// Full targets that give.
        reached: Count,
        /// What is missing to the next one; 0 if none gives any more.
        missing: Count,
        /// What is given, or, below zero, taken back.
        gain: Whole,
    }
}

fn challenge(request: &ChallengeRequest) -> Result<ChallengeAnswer, Refusal> {
    let ChallengeRequest { whose, terms, state, buy, r#return } = request;
    one_act([buy.is_some(), r#return.is_some()].into_iter().filter(|given| *given).count())?;
    state.as_ref().map(|state| whose.own(&state.whose)).transpose()?;
    let ChallengeTerms { from, until, every, target, gives, times } = *terms;
    let terms = Challenge { from, until, every, target: target.0, gives, times: times.0 };
    let known = state.as_ref().map(|state| ChallengeState { period: state.period, progress: state.progress });
    let moved = match (buy, r#return) {
        (Some(buy), _) => terms.buy(known, buy.date, buy.amount)?,
        (None, Some(back)) => Some(terms.give_back(needs(known)?, back.purchase.purchase(), back.left)?),
        (None, None) => None,
    };
    let fields = |state: ChallengeState| ChallengeStateFields { whose: whose.clone(), period: state.period, progress: state.progress };
    let after = moved.map(|moved: ChallengeMoved| moved.state).or(known);
    Ok(ChallengeAnswer {
        counted: moved.is_some(),
        closed: moved.and_then(|moved| moved.closed).map(fields),
        purchase: moved.map(|moved| MemberPurchaseFields::of(moved.purchase)),
        reached: after.map_or(Count::ZERO, |state| terms.reached(&state)),
        missing: after.map_or(terms.target, |state| terms.missing(&state)),
        gain: Whole(moved.map_or(0, |moved| moved.gain)),
        state: after.map(fields),
    })
}

// Tiers

record! {
    /// A member's tier, and what happens.
    pub struct TierRequest {
        [flat] whose: MemberFields,
        /// The terms.
        terms: TierTermsFields,
        /// The member's state; absent for a new one.
        state: Option<TierStateFields>,
        /// A purchase.
        buy: Option<MemberBuy>,
        /// A return.
        r#return: Option<MemberReturn>,
        /// A day on which the tier is looked at.
        look: Option<Date>,
    }
}

record! {
    /// The tiers of a program.
    pub struct TierTermsFields {
        /// 1 … 16 tiers, the first from 0, rising.
        tiers: Vec<TierFields>,
        /// Months of a period: 1, 2, 3, 4, 6 or 12, counted from January.
        months: Count,
        /// For how many periods that earn less a tier is kept.
        grace: Count = Count::ZERO,
        /// How far a member falls then.
        fall: Fall = Fall::default(),
    }
}

record! {
    /// A tier.
    pub struct TierFields {
        /// Its name.
        name: String,
        /// What a period must come to.
        from: Count,
        /// The multiplier of points in thousandths.
        multiplier_milli: Count = Count::new(1_000).unwrap_or_default(),
        /// The member price: so much off, in basis points.
        discount_bp: Rate = Rate::ZERO,
    }
}

record! {
    /// A period of a member.
    pub struct TierPeriodFields {
        /// What counts in it.
        amount: Count,
        /// The tier at its start.
        tier: String,
        /// Periods that earned less than the tier, in a row, before it.
        grace_used: Count = Count::ZERO,
    }
}

record! {
    /// A member's tier.
    pub struct TierStateFields {
        [flat] whose: MemberFields,
        /// The first day of the period.
        period: Date,
        /// The running period.
        now: TierPeriodFields,
        /// The one before, for returns to come.
        before: Option<TierPeriodFields>,
    }
}

answer! {
    /// A member's tier after it.
    pub struct TierAnswer {
        /// The member.
        state: TierStateFields,
        /// The tier.
        tier: String,
        /// Its multiplier of points in thousandths.
        multiplier_milli: Count,
        /// Its member price: so much off, in basis points.
        discount_bp: Rate,
        /// What became of the tier.
        change: TierChange,
        /// The first day after the period.
        until: Date,
        /// The next tier; null at the highest.
        next: Option<NextTier>,
        /// The purchase, to be kept; null without one.
        purchase: Option<MemberPurchaseFields>,
    }
}

answer! {
    /// The next tier.
    pub struct NextTier {
        /// Its name.
        tier: String,
        /// What is missing to it in the period.
        missing: Count,
    }
}

fn tier(request: &TierRequest) -> Result<TierAnswer, Refusal> {
    let TierRequest { whose, terms, state, buy, r#return, look } = request;
    one_act([buy.is_some(), r#return.is_some(), look.is_some()].into_iter().filter(|given| *given).count())?;
    state.as_ref().map(|state| whose.own(&state.whose)).transpose()?;
    let tier = |fields| {
        let TierFields { name, from, multiplier_milli, discount_bp }: &TierFields = fields;
        Tier { name, from: *from, multiplier_milli: *multiplier_milli, discount: *discount_bp }
    };
    let tiers: Vec<Tier<'_>> = terms.tiers.iter().map(tier).collect();
    let months = u8::try_from(terms.months.get()).unwrap_or_default();
    let terms = TierTerms { tiers: &tiers, months, grace: terms.grace, fall: terms.fall };
    terms.check()?;
    let place = |fields: &TierPeriodFields, field: &'static str| {
        let place = tiers.iter().position(|tier| tier.name == fields.tier).ok_or(Fault::NoSuchTier.error().at(field));
        place.map(|tier| ClosedPeriod { amount: fields.amount, tier, grace_used: fields.grace_used })
    };
    let known = |state: &TierStateFields| {
        let before = state.before.as_ref().map(|before| place(before, "state.before.tier")).transpose()?;
        Ok::<_, Error>(TierState { period: terms.first_day(state.period)?, now: place(&state.now, "state.now.tier")?, before })
    };
    let known = state.as_ref().map(known).transpose()?;
    let moved: TierMoved = match (buy, r#return, look) {
        (Some(buy), _, _) => terms.buy(known, buy.date, buy.amount)?,
        (None, Some(back), _) => terms.give_back(needs(known)?, back.purchase.purchase(), back.left)?,
        (None, None, Some(date)) => terms.look(known, *date)?,
        (None, None, None) => return Err(Fault::OneMemberAct.error().into()),
    };
    let name = |place: usize| tiers.get(place).map(|tier| String::from(tier.name)).unwrap_or_default();
    let fields = |period: ClosedPeriod| TierPeriodFields { amount: period.amount, tier: name(period.tier), grace_used: period.grace_used };
    let place = terms.place(&moved.state);
    let (until, next) = terms.outlook(&moved.state)?;
    let TierState { period, now, before } = moved.state;
    Ok(TierAnswer {
        state: TierStateFields { whose: whose.clone(), period, now: fields(now), before: before.map(fields) },
        tier: name(place),
        multiplier_milli: tiers.get(place).map_or(Count::ZERO, |tier| tier.multiplier_milli),
        discount_bp: tiers.get(place).map_or(Rate::ZERO, |tier| tier.discount),
        change: moved.change,
        until,
        next: next.map(|(place, missing)| NextTier { tier: name(place), missing }),
        purchase: moved.purchase.map(MemberPurchaseFields::of),
    })
}

// Referral

record! {
    /// A referral, and what happens; the member is who was referred.
    pub struct ReferralRequest {
        [flat] whose: MemberFields,
        /// The terms.
        terms: ReferralTerms,
        /// The referral; absent before joining.
        state: Option<ReferralStateFields>,
        /// The member joins.
        join: Option<ReferralJoin>,
        /// A purchase of the member.
        buy: Option<ReferralBuy>,
        /// A return of the member.
        r#return: Option<ReferralReturn>,
    }
}

record! {
    /// The terms of a referral.
    pub struct ReferralTerms {
        /// The least first purchase.
        min_purchase: Count = Count::ZERO,
        /// Days from joining within which it must come.
        within_days: Option<Count>,
        /// What who referred is given.
        referrer_gives: Count,
        /// What who was referred is given.
        referred_gives: Count = Count::ZERO,
    }
}

record! {
    /// A member joins.
    pub struct ReferralJoin {
        /// Who referred, 1 … 64 bytes.
        referrer: Label<64>,
        /// The day.
        date: Date,
    }
}

record! {
    /// A purchase by its id.
    pub struct ReferralBuy {
        /// Its id.
        id: String,
        /// Its day.
        date: Date,
        /// What it came to.
        amount: Count,
    }
}

record! {
    /// A return by the id of its purchase.
    pub struct ReferralReturn {
        /// The id of the purchase.
        id: String,
        /// What is left of its amount.
        left: Count,
    }
}

record! {
    /// A referral.
    pub struct ReferralStateFields {
        [flat] whose: MemberFields,
        /// Who referred, 1 … 64 bytes.
        referrer: Label<64>,
        /// When the member joined.
        joined: Date,
        /// The purchase that paid; absent before.
        paid: Option<ReferralPaid>,
    }
}

record! {
    /// The purchase that paid.
    pub struct ReferralPaid {
        /// Its id.
        id: String,
        [flat] purchase: MemberPurchaseFields,
    }
}

answer! {
    /// A referral after it.
    pub struct ReferralAnswer {
        /// What became of it.
        reason: ReferralReason,
        /// The referral.
        state: ReferralStateFields,
        /// What who referred is given, or, below zero, what is taken back.
        referrer_gain: Whole,
        /// The same of who was referred.
        referred_gain: Whole,
    }
}

fn referral(request: &ReferralRequest) -> Result<ReferralAnswer, Refusal> {
    let ReferralRequest { whose, terms, state, join, buy, r#return } = request;
    one_act([join.is_some(), buy.is_some(), r#return.is_some()].into_iter().filter(|given| *given).count())?;
    state.as_ref().map(|state| whose.own(&state.whose)).transpose()?;
    let ReferralTerms { min_purchase, within_days, referrer_gives, referred_gives } = *terms;
    let terms = Referral { min_purchase, within_days, referrer_gives, referred_gives };
    let (referrer, moved) = if let Some(join) = join {
        if state.is_some() {
            return Err(Fault::ReferralJoinsOnce.error().at("join").into());
        }
        if join.referrer == whose.member {
            return Err(Fault::ReferredByOneself.error().at("join.referrer").into());
        }
        let state = ReferralState { joined: join.date, paid: None };
        (join.referrer, ReferralMoved { state, reason: ReferralReason::Joined, times: 0 })
    } else {
        let state = needs(state.as_ref())?;
        let paid = state.paid.as_ref().map(|paid| (paid.id.as_str(), paid.purchase.purchase()));
        let known = ReferralState { joined: state.joined, paid };
        let moved = match (buy, r#return) {
            (Some(buy), _) => terms.buy(known, &buy.id, buy.date, buy.amount)?,
            (None, Some(back)) => terms.give_back(known, &back.id, back.left)?,
            (None, None) => return Err(Fault::OneMemberAct.error().into()),
        };
        (state.referrer, moved)
    };
    let gain = |gives: Count| Whole(gives.get().wrapping_mul(moved.times));
    let paid = |(id, purchase): (&str, MemberPurchase)| ReferralPaid { id: id.into(), purchase: MemberPurchaseFields::of(purchase) };
    Ok(ReferralAnswer {
        reason: moved.reason,
        referrer_gain: gain(terms.referrer_gives),
        referred_gain: gain(terms.referred_gives),
        state: ReferralStateFields { whose: whose.clone(), referrer, joined: moved.state.joined, paid: moved.state.paid.map(paid) },
    })
}
