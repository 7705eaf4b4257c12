//! The program document: the one JSON form of a program (docs/program.md).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::fields::{RoundingFields, SchemaVersion, ShareFields, StandbyFields, TableFields};
use super::json::{self, Json};
use super::wire::{At, Defs, Describe, Path, Read, Refusal, Span, Write, read, record, to_json};
use crate::award::{
    BelowQuota, Budget, Draw, Earns, Eligibility, FirstN, Goods, Label, Latecomer, Licence, Offer, Offers, Origin, Program, Quota,
    ReceiptTest, ShortBudget, SlotLimits, Slots, Terms, Weekday, When,
};
use crate::calendar::{Date, LocalTime, Offset, SaleWindow, TimeOfDay, Validity};
use crate::condition::Condition;
use crate::error::{Error, Fault, Field};
use crate::funding::Bonus;
use crate::points::{Few, PointsTerms, Rest};
use crate::quantity::{Count, PointValue, Points, Rate, Rupiah};
use crate::sort;
use crate::tables::{Edition, MarginClass, Mechanism, RateTable, Slot, Tolerance};

crate::words! {
    /// Whom table rates are for (AW-3).
    #[derive(Default)]
    pub enum Who {
        /// Every shopper.
        #[default]
        Everyone = "everyone",
        /// Shoppers with enough earlier purchases.
        Loyal = "loyal",
    }
}

crate::words! {
    /// How the lucky digit comes about (SW-6).
    #[derive(Default)]
    pub enum DrawKind {
        /// By the wall clock.
        #[default]
        Clock = "clock",
        /// By the day's key.
        Hardened = "hardened",
    }
}

crate::wire_words! {
    Latecomer;
    ShortBudget;
    BelowQuota;
    Origin;
    Who;
    DrawKind;
    Rest;
    Weekday;
}

record! {
    /// A program: what a shop gives, when, to whom, and who pays.
    pub struct ProgramDocument {
        /// The version of this document's form; 1.
        schema: SchemaVersion = SchemaVersion,
        /// The program's id, 1 … 64 bytes (AW-11).
        id: Option<Label<64>>,
        /// The program's version, 1 or more (AW-11).
        version: Option<Count>,
        /// From when it is in force, local time (AW-11).
        from: Option<LocalTime>,
        /// Until when, that instant excluded (AW-11).
        until: Option<LocalTime>,
        /// The offset of that local time (CV-5).
        utc_offset: Option<Offset>,
        [flat] table: TableFields,
        /// The selling day (TA-1, TA-2); needed when a receipt gives its time.
        window: Option<SaleWindow>,
        /// How far a stopwatch claim may be off, in milliseconds (SW-4).
        tolerance_ms: Tolerance = Tolerance::default(),
        /// Whether what was paid with vouchers earns nothing (AW-2).
        exclude_voucher_paid: bool = true,
        /// The least cover, balance ÷ outstanding in basis points, that an award must leave (GF-7).
        min_cover_bp: Count = Count::ZERO,
        /// The minimum purchase in rupiah, or ten of them by slot (QT-1).
        quota: Quota = Quota::default(),
        /// Who is given table rates (AW-3).
        eligibility: EligibilityFields = EligibilityFields::default(),
        /// Whether every award is stopped at once.
        paused: bool = false,
        /// Whether a stopwatch digit noted on paper counts on a receipt entered late.
        accept_noted_digit: bool = false,
        /// Slots in which nothing is given (AW-4).
        held_slots: Option<Vec<Slot>>,
        /// The limit of table-rate awards in a slot (AW-5).
        first_n: Option<FirstNFields>,
        /// The rates of the standby voucher; the printed schedule if absent (SB).
        standby: Option<StandbyFields>,
        /// How a value is rounded (CV-4).
        rounding: RoundingFields = RoundingFields::default(),
        /// The most one receipt is given, in rupiah (AW-13).
        receipt_cap: Option<Rupiah>,
        /// The release budgets (AW-6).
        budget: BudgetFields = BudgetFields::default(),
        /// The rupiah one point is worth (CV-3).
        point_value: PointValue = PointValue::default(),
        /// Who pays (SP-1); at most 64 parties.
        funding: Option<ShareFields>,
        /// The bonus whose band the table must respect (BN).
        bonus: Option<Bonus>,
        /// The highest rate the table may have, in basis points (DEC-8).
        ceiling_bp: Option<Rate>,
        /// How the lucky digit comes about (SW-2, SW-6).
        draw: DrawFields = DrawFields::default(),
        /// The organiser's permit reference for a game of chance, 1 … 256 bytes (SW-7).
        permit: Option<Label<256>>,
        /// Who waives the permit, and why, 1 … 256 bytes (SW-7).
        waiver: Option<Label<256>>,
        /// What a refund that falls below the quota does to the voucher kept (AW-8).
        below_quota: BelowQuota = BelowQuota::default(),
        /// Whether a reversal gives what it takes back to the day's budgets and first-N places again (AW-8).
        give_back: bool = false,
        /// Minutes in which a missed quota can be made up (AW-12).
        make_up_minutes: Option<Span<1_440>>,
        /// How long a voucher is valid (VC-4).
        validity: Option<ValidityFields>,
        /// Whether a voucher can be used only once (VC-5).
        single_use: bool = false,
        /// The most vouchers redeemed in a calendar month (VC-6).
        redemptions_per_month: RedemptionFields = RedemptionFields::default(),
        /// The least purchase that redeems a voucher, in rupiah (VC-7).
        min_redeem_purchase: Rupiah = Rupiah::ZERO,
        /// The most that vouchers may pay of a purchase, in basis points (VC-7).
        max_share_bp: Option<Rate>,
        /// The days for which a voucher can be used from an undone redemption on, even past its expiry (VC-5).
        grace_days: Option<Span<36_500>>,
        /// How many days ahead what expires is told (VC-10).
        reminder_days: Option<Span<36_500>>,
        /// Given or paid for (VC-8).
        origin: Origin = Origin::default(),
        /// The rounding of a cash payment's last line (VC-9).
        cash_rounding: Option<RoundingFields>,
        /// The basic points program (PT-1 … PT-3): it decides under the mechanism `points`.
        points: Option<PointsSettings>,
        /// Offers for some goods, at most 16; a line of a receipt belongs to the first that takes it, else to the program
        /// itself (PT-9).
        offers: Option<Vec<OfferFields>>,
        [flat] carried: Carried,
    }
}

record! {
    /// What a document carries for other rules; the award does not read it.
    pub struct Carried {
        /// The names of the funding parties in the order of their shares.
        parties: Option<Vec<Label<64>>>,
        /// Which goods are dated and so belong to the time auction (TA-4).
        goods_split: Option<GoodsSplit>,
        /// The guarantee fund (GF).
        guarantee: Option<GuaranteeSettings>,
    }
}

record! {
    /// What some goods earn: by a mechanism of their own, by a multiple of the program's, or nothing (PT-9).
    pub struct OfferFields {
        /// Its id, 1 … 64 bytes, which answers name.
        id: Option<Label<64>>,
        /// The codes of its goods, 1 … 64 bytes each; all goods if neither `skus` nor `classes` is given.
        skus: Option<Vec<Label<64>>>,
        /// The classes of its goods, 1 … 64 bytes each, beside `skus`.
        classes: Option<Vec<Label<64>>>,
        /// Only goods with an expiry date, or only goods without.
        dated: Option<bool>,
        /// When it takes them; at any time if absent.
        when: Option<WhenFields>,
        /// Whether its goods earn nothing; the quota counts them.
        exclude: bool = false,
        /// Thousandths of what the program itself gives, 1 or more.
        multiplier_milli: Option<Count>,
        /// What decides the rate of its goods.
        mechanism: Option<Mechanism>,
        /// The one rate of a flat offer in basis points (PT-8).
        rate_bp: Option<Rate>,
        /// The edition, of the time auction only; `recommended` if absent.
        edition: Option<Edition>,
        /// The margin class of a printed table.
        margin_class: Option<MarginClass>,
        /// The tier of a printed table, in lower case.
        tier: Option<String>,
        /// Ten rates of the merchant's own in basis points, in column order, instead of edition, class and tier.
        rates_bp: Option<Vec<Rate>>,
        /// Whether own rates may fall from one column to the next (TB-3).
        allow_falling: bool = false,
        /// The basic points program of its goods, under the mechanism `points`.
        points: Option<PointsSettings>,
        /// The bonus whose band its table must respect (BN).
        bonus: Option<Bonus>,
    }
}

record! {
    /// What a receipt must be like for an offer: exactly one key. Day and hour are the shop's, the day by its opening.
    pub struct WhenFields {
        /// Every one holds; true of none.
        all: Option<Vec<WhenFields>>,
        /// Some one holds; false of none.
        any: Option<Vec<WhenFields>>,
        /// It does not hold.
        not: Option<Box<WhenFields>>,
        /// The selling day is one of these days of the week.
        weekdays: Option<Vec<Weekday>>,
        /// The selling day is one of these dates.
        dates: Option<Vec<Date>>,
        /// The local time lies in this period.
        period: Option<PeriodFields>,
        /// The time of day lies in these hours.
        hours: Option<HoursFields>,
        /// The slot is one of these.
        slots: Option<Vec<Slot>>,
        /// The shopper has made at least so many purchases.
        min_purchases: Option<Count>,
        /// The shopper holds at least so many thousandths of a point.
        min_points_milli: Option<Points>,
        /// The whole receipt is at least so much, in rupiah.
        min_total: Option<Rupiah>,
    }
}

record! {
    /// A period of local time.
    pub struct PeriodFields {
        /// Its first instant; any if absent.
        from: Option<LocalTime>,
        /// Its end, that instant excluded; none if absent.
        until: Option<LocalTime>,
    }
}

record! {
    /// Hours of a day, over midnight if `from` is after `until`.
    pub struct HoursFields {
        /// Their first instant.
        from: TimeOfDay,
        /// Their end, that instant excluded.
        until: TimeOfDay,
    }
}

impl Read for Box<WhenFields> {
    fn read(at: &At<'_>) -> Self {
        Self::new(WhenFields::read(at))
    }
}

impl Write for Box<WhenFields> {
    fn write(&self, json: &mut Json) {
        WhenFields::write(self, json);
    }
}

impl Describe for Box<WhenFields> {
    fn schema(defs: &mut Defs) -> String {
        WhenFields::schema(defs)
    }
}

record! {
    /// Who is given table rates (AW-3).
    #[derive(Default)]
    pub struct EligibilityFields {
        /// Everyone, or loyal shoppers only.
        who: Who = Who::default(),
        /// The least number of earlier purchases; required for loyal shoppers.
        min_purchases: Option<Count>,
        /// Whether new shoppers get the row's smallest rate once they meet the quota.
        intro: bool = false,
    }
}

record! {
    /// Only the first N table-rate awards in a slot (AW-5).
    pub struct FirstNFields {
        /// How many: one number, or ten by slot with null for no limit.
        n: SlotLimits<Count>,
        /// What later shoppers get.
        then: Latecomer = Latecomer::default(),
    }
}

record! {
    /// Release budgets in rupiah (AW-6).
    #[derive(Default)]
    pub struct BudgetFields {
        /// The most released in a selling day.
        day: Option<Rupiah>,
        /// The most released in a slot: one amount, or ten by slot with null for no limit.
        slot: Option<SlotLimits<Rupiah>>,
        /// What happens to a voucher above what is left.
        short: ShortBudget = ShortBudget::default(),
    }
}

record! {
    /// How the lucky digit comes about (SW-6).
    #[derive(Default)]
    pub struct DrawFields {
        /// By the wall clock, or by the day's key.
        kind: DrawKind = DrawKind::default(),
        /// The id of the day's key, 1 … 64 bytes; required for a hardened draw.
        key_id: Option<Label<64>>,
    }
}

record! {
    /// How long a voucher is valid (VC-4): one of the two.
    pub struct ValidityFields {
        /// Days, 1 … 36,500.
        days: Option<Span<36_500>>,
        /// Calendar months, 1 … 1,200.
        months: Option<Span<1_200>>,
    }
}

record! {
    /// The most vouchers redeemed in a calendar month (VC-6).
    #[derive(Default)]
    pub struct RedemptionFields {
        /// In the whole program.
        program: Option<Count>,
        /// By one shopper.
        shopper: Option<Count>,
    }
}

record! {
    /// Which goods are dated (TA-4).
    pub struct GoodsSplit {
        /// Codes of goods with an expiry date, 1 … 64 bytes each, each once.
        dated_skus: Vec<Label<64>>,
    }
}

record! {
    /// The basic points program (PT-1 … PT-3).
    pub struct PointsSettings {
        /// Rupiah a step.
        per: Rupiah,
        /// Thousandths of a point for each full step.
        points_per_step_milli: Points = Points::from_milli(1_000).unwrap_or_default(),
        /// What happens to the rest.
        rest: Rest = Rest::default(),
        /// At most eight multipliers in thousandths.
        multipliers_milli: Option<Vec<Count>>,
        /// Whether multipliers multiply instead of the best counting.
        stack: bool = false,
        /// At most eight flat bonuses in thousandths of a point.
        flat_milli: Option<Vec<Points>>,
        /// The least purchase in rupiah.
        min_purchase: Rupiah = Rupiah::ZERO,
    }
}

record! {
    /// The guarantee fund (GF-3 … GF-9).
    pub struct GuaranteeSettings {
        /// The required deposit in rupiah.
        requirement: Option<Rupiah>,
        /// The share of the requirement at which the fund is low, in basis points (GF-3).
        share_bp: Rate = Rate::from_bp(2_000).unwrap_or_default(),
        /// The least seconds between two warnings (GF-3).
        warning_interval_s: Count = Count::new(86_400).unwrap_or_default(),
        /// The deposit with which a shop may start, in rupiah (GF-9).
        start_small: Rupiah = Rupiah::ZERO,
    }
}

/// The program of a request that may have one, proved, for what no goods decide.
pub fn proved(document: Option<&ProgramDocument>) -> Result<Option<Program>, Refusal> {
    document.map(|document| document.own(&Path::Root.key("program"))).transpose()
}

/// What holds: what the request states, or else the program. Both may state the same.
pub fn agreed<T: PartialEq>(stated: Option<T>, of_program: Option<T>, field: impl Into<Field>) -> Result<Option<T>, Refusal> {
    match (stated, of_program) {
        (Some(stated), Some(other)) if stated != other => Err(Fault::ProgramSaysOtherwise.error().at(field).into()),
        (stated, other) => Ok(stated.or(other)),
    }
}

impl ProgramDocument {
    /// Proves the document that stands at `path` (AW-11).
    ///
    /// One with offers is refused, because its receipts are decided by their goods.
    pub fn prove(&self, path: &Path<'_>) -> Result<Program, Refusal> {
        if self.has_offers() {
            return Err(Refusal::at(Fault::OffersNeedLines, &path.key("offers")));
        }
        let program = Program::new(self.terms(path)?).map_err(|error| Refusal::inside(error, path))?;
        self.check_slots(program.terms().table.mechanism().has_slots(), path)?;
        self.carried.check(program.terms(), path)?;
        Ok(program)
    }

    /// Proves the document, and answers what holds whatever the goods.
    pub fn own(&self, path: &Path<'_>) -> Result<Program, Refusal> {
        if self.has_offers() { Ok(self.prove_offers(path)?.own().clone()) } else { self.prove(path) }
    }

    /// Whether goods of a receipt can earn differently (PT-9).
    pub fn has_offers(&self) -> bool {
        self.offers.as_ref().is_some_and(|offers| !offers.is_empty())
    }

    /// Proves the document with its offers (PT-9).
    pub fn prove_offers(&self, path: &Path<'_>) -> Result<Offers, Refusal> {
        let (terms, list) = (self.terms(path)?, path.key("offers"));
        let offers = self.offers.iter().flatten().enumerate().map(|(index, offer)| offer.offer(&list.entry(index)));
        let offers = Offers::new(&terms, offers.collect::<Result<_, _>>()?).map_err(|error| Refusal::inside(error, path))?;
        self.check_slots(offers.has(Mechanism::TimeAuction), path)?;
        self.carried.check(offers.own().terms(), path)?;
        Ok(offers)
    }

    /// Refuses an empty list of held slots where there are no slots; the proof refuses one that names any.
    fn check_slots(&self, has_slots: bool, path: &Path<'_>) -> Result<(), Refusal> {
        let is_useless = !has_slots && self.held_slots.is_some();
        if is_useless { Err(Refusal::at(Fault::SlotSettingWithoutSlots, &path.key("held_slots"))) } else { Ok(()) }
    }

    /// The terms of the document that stands at `path`, not yet proved.
    fn terms(&self, path: &Path<'_>) -> Result<Terms, Refusal> {
        let refuse = |fault: Fault, field: &'static str| Err(Refusal::inside(fault.error().at(field), path));
        let mut terms = Terms::new(self.table.basis(path)?);
        terms.eligibility = match (self.eligibility.who, self.eligibility.min_purchases) {
            (Who::Everyone, _) if self.eligibility.intro => return refuse(Fault::IntroForEveryone, "eligibility.intro"),
            (Who::Everyone, _) => Eligibility::Everyone,
            (Who::Loyal, Some(min_purchases)) => Eligibility::Loyal { min_purchases, intro: self.eligibility.intro },
            (Who::Loyal, None) => return refuse(Fault::Missing, "eligibility.min_purchases"),
        };
        terms.draw = match (self.draw.kind, self.draw.key_id) {
            (DrawKind::Clock, None) => Draw::Clock,
            (DrawKind::Clock, Some(_)) => return refuse(Fault::ClockNeedsNoKey, "draw.key_id"),
            (DrawKind::Hardened, Some(key_id)) => Draw::Hardened { key_id },
            (DrawKind::Hardened, None) => return refuse(Fault::HardenedNeedsKey, "draw.key_id"),
        };
        terms.licence = match (self.permit, self.waiver) {
            (None, None) => None,
            (Some(permit), None) => Some(Licence::Permit(permit)),
            (None, Some(waiver)) => Some(Licence::Waiver(waiver)),
            (Some(_), Some(_)) => return refuse(Fault::PermitAndWaiver, "waiver"),
        };
        terms.validity = match self.validity.as_ref().map(|validity| (validity.days, validity.months)) {
            None => None,
            Some((Some(days), None)) => Some(Validity::Days(days.0)),
            Some((None, Some(months))) => Some(Validity::Months(months.0)),
            Some(_) => return refuse(Fault::ValidityForm, "validity"),
        };
        terms.points = self.points.as_ref().map(PointsSettings::terms).transpose().map_err(|error| Refusal::inside(error, path))?;
        terms.window = self.window;
        terms.tolerance = self.tolerance_ms;
        terms.exclude_voucher_paid = self.exclude_voucher_paid;
        terms.min_cover_bp = self.min_cover_bp;
        terms.quota = self.quota;
        terms.paused = self.paused;
        terms.accept_noted_digit = self.accept_noted_digit;
        terms.held_slots = self.held_slots.iter().flatten().fold(Slots::default(), |slots, slot| slots.with(*slot));
        terms.first_n = self.first_n.as_ref().map(|first| FirstN { n: first.n, then: first.then });
        terms.standby = StandbyFields::schedule(self.standby.as_ref(), path)?;
        terms.rounding = self.rounding.rounding();
        terms.receipt_cap = self.receipt_cap;
        terms.budget = Budget { day: self.budget.day, slot: self.budget.slot, short: self.budget.short };
        terms.point_value = self.point_value;
        terms.funding = self.funding.as_ref().map(|shares| shares.funding(&path.key("funding"))).transpose()?;
        terms.bonus = self.bonus;
        terms.ceiling = self.ceiling_bp;
        terms.below_quota = self.below_quota;
        terms.give_back = self.give_back;
        terms.make_up_minutes = self.make_up_minutes.map(|minutes| minutes.0);
        terms.single_use = self.single_use;
        terms.redemptions_per_month = self.redemptions_per_month.program;
        terms.redemptions_per_month_shopper = self.redemptions_per_month.shopper;
        terms.min_redeem_purchase = self.min_redeem_purchase;
        terms.max_share = self.max_share_bp;
        terms.grace_days = self.grace_days.map(|days| days.0);
        terms.reminder_days = self.reminder_days.map(|days| days.0);
        terms.origin = self.origin;
        terms.cash_rounding = self.cash_rounding.as_ref().map(RoundingFields::rounding);
        terms.id = self.id;
        terms.version = self.version;
        terms.from = self.from;
        terms.until = self.until;
        terms.utc_offset = self.utc_offset;
        Ok(terms)
    }

    /// The same program in canonical form, proved.
    pub fn canonical(&self, path: &Path<'_>) -> Result<Self, Refusal> {
        if !self.has_offers() {
            return Ok(Self::of(&self.prove(path)?, self.carried.clone()));
        }
        let offers = self.prove_offers(path)?.iter().map(|(offer, _)| OfferFields::of(offer)).collect();
        Ok(Self { offers: Some(offers), ..Self::of_terms(&self.terms(path)?, self.carried.clone()) })
    }

    /// The document of a program, in canonical form: what is at its default is left out.
    pub fn of(program: &Program, carried: Carried) -> Self {
        Self::of_terms(program.terms(), carried)
    }

    fn of_terms(terms: &Terms, carried: Carried) -> Self {
        let (permit, waiver) = match terms.licence {
            None => (None, None),
            Some(Licence::Permit(permit)) => (Some(permit), None),
            Some(Licence::Waiver(waiver)) => (None, Some(waiver)),
        };
        Self {
            schema: SchemaVersion,
            id: terms.id,
            version: terms.version,
            from: terms.from,
            until: terms.until,
            utc_offset: terms.utc_offset,
            table: TableFields::of(&terms.table),
            window: terms.window,
            tolerance_ms: terms.tolerance,
            exclude_voucher_paid: terms.exclude_voucher_paid,
            min_cover_bp: terms.min_cover_bp,
            quota: terms.quota,
            paused: terms.paused,
            accept_noted_digit: terms.accept_noted_digit,
            eligibility: match terms.eligibility {
                Eligibility::Everyone => EligibilityFields::default(),
                Eligibility::Loyal { min_purchases, intro } => {
                    EligibilityFields { who: Who::Loyal, min_purchases: Some(min_purchases), intro }
                }
            },
            held_slots: (!terms.held_slots.is_empty()).then(|| terms.held_slots.iter().collect()),
            first_n: terms.first_n.map(|first| FirstNFields { n: first.n, then: first.then }),
            standby: StandbyFields::of(&terms.standby),
            rounding: RoundingFields::of(terms.rounding),
            receipt_cap: terms.receipt_cap,
            budget: BudgetFields { day: terms.budget.day, slot: terms.budget.slot, short: terms.budget.short },
            point_value: terms.point_value,
            funding: terms.funding.as_ref().map(ShareFields::of),
            bonus: terms.bonus,
            ceiling_bp: terms.ceiling,
            draw: match terms.draw {
                Draw::Clock => DrawFields::default(),
                Draw::Hardened { key_id } => DrawFields { kind: DrawKind::Hardened, key_id: Some(key_id) },
            },
            permit,
            waiver,
            below_quota: terms.below_quota,
            give_back: terms.give_back,
            make_up_minutes: terms.make_up_minutes.map(Span),
            validity: terms.validity.map(|validity| match validity {
                Validity::Days(days) => ValidityFields { days: Some(Span(days)), months: None },
                Validity::Months(months) => ValidityFields { days: None, months: Some(Span(months)) },
            }),
            single_use: terms.single_use,
            redemptions_per_month: RedemptionFields { program: terms.redemptions_per_month, shopper: terms.redemptions_per_month_shopper },
            min_redeem_purchase: terms.min_redeem_purchase,
            max_share_bp: terms.max_share,
            grace_days: terms.grace_days.map(Span),
            reminder_days: terms.reminder_days.map(Span),
            origin: terms.origin,
            cash_rounding: terms.cash_rounding.map(RoundingFields::of),
            points: terms.points.as_ref().map(PointsSettings::of),
            offers: None,
            carried,
        }
    }

    /// The compiled bytes of the document that stands at `path`.
    pub fn compile(&self, path: &Path<'_>) -> Result<Vec<u8>, Refusal> {
        let program = self.prove(path)?;
        Ok(program.compile(to_json(&self.carried).as_bytes()))
    }

    /// The document of compiled bytes, proved again.
    pub fn from_compiled(bytes: &[u8], path: &Path<'_>) -> Result<Self, Refusal> {
        let (program, carried) = Program::split_compiled(bytes).map_err(|error| Refusal::inside(error, path))?;
        let carried = if carried.is_empty() { b"{}" } else { carried };
        let carried = read::<Carried>(&json::parse(carried)?, path)?;
        carried.check(program.terms(), path)?;
        Ok(Self::of(&program, carried))
    }
}

impl WhenFields {
    /// The condition that stands at `path`.
    fn when(&self, path: &Path<'_>) -> Result<When, Refusal> {
        let parts = |parts: &[Self], list: &Path<'_>| -> Result<Vec<When>, Refusal> {
            parts.iter().enumerate().map(|(index, part)| part.when(&list.entry(index))).collect()
        };
        let numbers =
            [("min_points_milli", self.min_points_milli.map_or(0, Points::milli)), ("min_total", self.min_total.map_or(0, Rupiah::get))];
        not_negative(&numbers, path)?;
        let slots = |slots: &Vec<Slot>| slots.iter().fold(Slots::default(), |slots, slot| slots.with(*slot));
        let tests = [
            self.weekdays.clone().map(ReceiptTest::Weekdays),
            self.dates.clone().map(ReceiptTest::Dates),
            self.period.as_ref().map(|period| ReceiptTest::Period(period.from, period.until)),
            self.hours.as_ref().map(|hours| ReceiptTest::Hours(hours.from, hours.until)),
            self.slots.as_ref().map(slots).map(ReceiptTest::Slots),
            self.min_purchases.map(ReceiptTest::MinPurchases),
            self.min_points_milli.map(ReceiptTest::MinPoints),
            self.min_total.map(ReceiptTest::MinTotal),
        ];
        let joined = [
            self.all.as_ref().map(|all| parts(all, &path.key("all"))).transpose()?.map(Condition::All),
            self.any.as_ref().map(|any| parts(any, &path.key("any"))).transpose()?.map(Condition::Any),
            self.not.as_ref().map(|part| part.when(&path.key("not"))).transpose()?.map(|part| Condition::Not(Box::new(part))),
        ];
        let mut forms = joined.into_iter().flatten().chain(tests.into_iter().flatten().map(Condition::Test));
        forms.next().filter(|_| forms.next().is_none()).ok_or_else(|| Refusal::at(Fault::ConditionForm, path))
    }

    /// A condition in canonical form.
    fn of(when: &When) -> Self {
        let list = |parts: &[When]| Some(parts.iter().map(Self::of).collect());
        let mut fields = Self {
            all: None,
            any: None,
            not: None,
            weekdays: None,
            dates: None,
            period: None,
            hours: None,
            slots: None,
            min_purchases: None,
            min_points_milli: None,
            min_total: None,
        };
        match when {
            Condition::All(parts) => fields.all = list(parts),
            Condition::Any(parts) => fields.any = list(parts),
            Condition::Not(part) => fields.not = Some(Box::new(Self::of(part))),
            Condition::Test(ReceiptTest::Weekdays(days)) => fields.weekdays = Some(days.clone()),
            Condition::Test(ReceiptTest::Dates(dates)) => fields.dates = Some(dates.clone()),
            Condition::Test(ReceiptTest::Period(from, until)) => fields.period = Some(PeriodFields { from: *from, until: *until }),
            Condition::Test(ReceiptTest::Hours(from, until)) => fields.hours = Some(HoursFields { from: *from, until: *until }),
            Condition::Test(ReceiptTest::Slots(slots)) => fields.slots = Some(slots.iter().collect()),
            Condition::Test(ReceiptTest::MinPurchases(least)) => fields.min_purchases = Some(*least),
            Condition::Test(ReceiptTest::MinPoints(least)) => fields.min_points_milli = Some(*least),
            Condition::Test(ReceiptTest::MinTotal(least)) => fields.min_total = Some(*least),
        }
        fields
    }
}

impl OfferFields {
    /// The offer that stands at `path`.
    fn offer(&self, path: &Path<'_>) -> Result<Offer, Refusal> {
        let refuse = |fault, field: &'static str| Err(Refusal::at(fault, &path.key(field)));
        let table = |mechanism| TableFields {
            mechanism,
            rate_bp: self.rate_bp,
            edition: self.edition,
            margin_class: self.margin_class,
            tier: self.tier.clone(),
            rates_bp: self.rates_bp.clone(),
            allow_falling: self.allow_falling,
        };
        let of_mechanism = [
            ("rate_bp", self.rate_bp.is_some()),
            ("edition", self.edition.is_some()),
            ("margin_class", self.margin_class.is_some()),
            ("tier", self.tier.is_some()),
            ("rates_bp", self.rates_bp.is_some()),
            ("allow_falling", self.allow_falling),
            ("points", self.points.is_some()),
            ("bonus", self.bonus.is_some()),
        ];
        let earns = match (self.exclude, self.multiplier_milli, self.mechanism) {
            (true, None, None) => Earns::Nothing,
            (false, Some(factor), None) => Earns::Multiplied(factor),
            (false, None, Some(mechanism)) => {
                let points = self.points.as_ref().map(PointsSettings::terms).transpose().map_err(|error| Refusal::inside(error, path))?;
                if points.is_some() && mechanism != Mechanism::Points {
                    return refuse(Fault::OfferWithoutMechanism, "points");
                }
                Earns::By { table: table(mechanism).basis(path)?, points, bonus: self.bonus }
            }
            _ => return Err(Refusal::at(Fault::OfferForm, path)),
        };
        if !matches!(earns, Earns::By { .. }) {
            if let Some((field, _)) = of_mechanism.into_iter().find(|(_, is_given)| *is_given) {
                return refuse(Fault::OfferWithoutMechanism, field);
            }
        }
        // A form in which nothing was ticked would take all goods.
        for (field, names) in [("skus", &self.skus), ("classes", &self.classes)] {
            if names.as_ref().is_some_and(Vec::is_empty) {
                return refuse(Fault::NoGoodsNamed, field);
            }
        }
        let (skus, classes) = (self.skus.clone().unwrap_or_default(), self.classes.clone().unwrap_or_default());
        distinct(&skus, &path.key("skus"))?;
        distinct(&classes, &path.key("classes"))?;
        let when = self.when.as_ref().map(|when| when.when(&path.key("when"))).transpose()?;
        Ok(Offer { id: self.id, goods: Goods { skus, classes, dated: self.dated }, when, earns })
    }

    /// An offer in canonical form.
    fn of(offer: &Offer) -> Self {
        let Offer { id, goods: Goods { skus, classes, dated }, when, earns } = offer;
        let (multiplier_milli, table, points, bonus) = match earns {
            Earns::Nothing => (None, None, None, None),
            Earns::Multiplied(factor) => (Some(*factor), None, None, None),
            Earns::By { table, points, bonus } => (None, Some(table), points.as_ref(), *bonus),
        };
        let TableFields { mechanism, rate_bp, edition, margin_class, tier, rates_bp, allow_falling } =
            TableFields::of(table.unwrap_or(&RateTable::POINTS));
        let named = |list: &Vec<Label<64>>| Some(list.clone()).filter(|list| !list.is_empty());
        Self {
            id: *id,
            skus: named(skus),
            classes: named(classes),
            dated: *dated,
            when: when.as_ref().map(WhenFields::of),
            exclude: *earns == Earns::Nothing,
            multiplier_milli,
            mechanism: table.map(|_| mechanism),
            rate_bp,
            edition,
            margin_class,
            tier,
            rates_bp,
            allow_falling,
            points: points.map(PointsSettings::of),
            bonus,
        }
    }
}

impl PointsSettings {
    /// The terms, which the proof of the program checks.
    pub fn terms(&self) -> Result<PointsTerms, Error> {
        let mut terms = PointsTerms::new(self.per).map_err(|refused| refused.at("points.per"))?;
        terms.points_per_step = self.points_per_step_milli;
        terms.rest = self.rest;
        if let Some(multipliers) = &self.multipliers_milli {
            terms.multipliers_milli = Few::new(multipliers).map_err(|refused| refused.at("points.multipliers_milli"))?;
        }
        if let Some(flat) = &self.flat_milli {
            terms.flat = Few::new(flat).map_err(|refused| refused.at("points.flat_milli"))?;
        }
        terms.stack = self.stack;
        terms.min_purchase = self.min_purchase;
        Ok(terms)
    }

    fn of(terms: &PointsTerms) -> Self {
        Self {
            per: terms.per,
            points_per_step_milli: terms.points_per_step,
            rest: terms.rest,
            multipliers_milli: terms.multipliers_milli.stated().map(<[_]>::to_vec),
            stack: terms.stack,
            flat_milli: terms.flat.stated().map(<[_]>::to_vec),
            min_purchase: terms.min_purchase,
        }
    }
}

impl Carried {
    /// The codes of goods with an expiry date.
    pub fn dated_skus(&self) -> impl Iterator<Item = &str> {
        self.goods_split.iter().flat_map(|goods| goods.dated_skus.iter().map(Label::as_str))
    }

    fn check(&self, terms: &Terms, path: &Path<'_>) -> Result<(), Refusal> {
        if let Some(parties) = &self.parties {
            let path = path.key("parties");
            if terms.funding.as_ref().map(|funding| funding.weights().len()) != Some(parties.len()) {
                return Err(Refusal::at(Fault::PartyCount, &path));
            }
            distinct(parties, &path)?;
        }
        if let Some(GoodsSplit { dated_skus }) = &self.goods_split {
            distinct(dated_skus, &path.key("goods_split").key("dated_skus"))?;
        }
        if let Some(guarantee) = &self.guarantee {
            let requirement = guarantee.requirement.unwrap_or_default();
            let amounts = [("guarantee.requirement", requirement.get()), ("guarantee.start_small", guarantee.start_small.get())];
            not_negative(&amounts, path)?;
        }
        Ok(())
    }
}

fn not_negative(numbers: &[(&'static str, i64)], path: &Path<'_>) -> Result<(), Refusal> {
    let below = numbers.iter().find(|(_, number)| *number < 0);
    below.map_or(Ok(()), |(field, _)| Err(Refusal::inside(Fault::Negative.error().at(*field), path)))
}

/// Refuses the second of two equal texts.
fn distinct(texts: &[Label<64>], path: &Path<'_>) -> Result<(), Refusal> {
    let mut sorted: Vec<(&str, usize)> = texts.iter().enumerate().map(|(index, text)| (text.as_str(), index)).collect();
    sort::ascending(&mut sorted);
    let second = sorted.iter().zip(sorted.iter().skip(1)).filter(|(text, next)| text.0 == next.0).map(|(_, next)| next.1).min();
    second.map_or(Ok(()), |index| Err(Refusal::at(Fault::NotDistinct, &path.entry(index))))
}

/// The canonical JSON text of a program document and the compiled form of the same, for hosts that hold
/// programs rather than requests.
impl Program {
    /// Reads a program document (docs/program.md) and proves it.
    ///
    /// ```
    /// use loyalty_rules::award::Program;
    ///
    /// let program = Program::from_json(br#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus"}"#).unwrap();
    /// assert_eq!(program.terms().table.highest().bp(), 1_100);
    ///
    /// let refused = Program::from_json(br#"{"mechanism": "stopwatch"}"#).unwrap_err();
    /// assert_eq!(refused.to_string(), "margin_class: this field is required; give it a value");
    /// ```
    ///
    /// # Errors
    /// Whatever the reader or the proof refuses, with its path in the document.
    // A face that is compiled for speed calls what is compiled for size.
    #[inline(never)]
    pub fn from_json(document: &[u8]) -> Result<Self, Refusal> {
        read::<ProgramDocument>(&json::parse(document)?, &Path::Root)?.prove(&Path::Root)
    }

    /// The canonical document of the terms, with what is at its default left out.
    pub fn to_json(&self) -> String {
        let nothing = Carried { parties: None, goods_split: None, guarantee: None };
        to_json(&ProgramDocument::of(self, nothing))
    }
}

/// The same for a program with offers (PT-9).
impl Offers {
    /// Reads a program document, which may have offers, and proves it.
    ///
    /// ```
    /// use loyalty_rules::award::Offers;
    ///
    /// let document = br#"{"mechanism": "flat", "rate_bp": 500, "offers": [{"classes": ["tobacco"], "exclude": true}]}"#;
    /// assert_eq!(Offers::from_json(document).unwrap().iter().count(), 1);
    ///
    /// let refused = Offers::from_json(br#"{"mechanism": "flat", "rate_bp": 500, "offers": [{}]}"#).unwrap_err();
    /// assert_eq!(refused.path(), "offers[0]");
    /// ```
    ///
    /// # Errors
    /// Whatever the reader or the proof refuses, with its path in the document.
    pub fn from_json(document: &[u8]) -> Result<Self, Refusal> {
        read::<ProgramDocument>(&json::parse(document)?, &Path::Root)?.prove_offers(&Path::Root)
    }
}
