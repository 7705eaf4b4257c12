//! One event of a channel: recorded, erased, verified.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codes::{CodeFields, meanings};
use super::event::{EventData, EventFields, EventLine, Extensions, quantity_of};
use crate::fault::Faults as _;
use crate::{
    AwardOn, Bill, EventType, Held, HeldChange, KeptStock, KnownEvent, PricedSale, RecordReason, Settled, StockLine, StockPolicy, StockWant,
};
use loyalty_rules::api::document::ProgramDocument;
use loyalty_rules::api::fields::{Hex, Sha};
use loyalty_rules::api::operations::award::decide::{CounterFields, Decision, MerchantFields, PlayedFields, ShopperFields};
use loyalty_rules::api::operations::ledger::account::EntryWord;
use loyalty_rules::api::wire::{Amount, AsWritten, Path, Refusal, Whole, answer, operations, record};
use loyalty_rules::award::{self, Kept};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Points, Rate, Rupiah};
use loyalty_rules::tables::{Mechanism, Slot};

loyalty_rules::wire_words! {
    AwardOn;
    StockPolicy;
    RecordReason;
}

operations! {
    "record.event" ["OR-1 OR-2 OR-4 OR-6"] "One event of a channel recorded: money, stock, award, accounts, once.": event, RecordRequest => Recorded;
}

record! {
    /// An event to be recorded.
    pub struct RecordRequest {
        /// The event.
        event: EventFields,
        /// The sale, or the exchange, that its `of` names.
        sale: Option<EventFields>,
        /// The units taken back before of each line of the sale, pieces or thousandths as the line has; none if empty.
        returned: Vec<Count> = Vec::new(),
        /// What the codes mean; each code is a product if empty.
        codes: Vec<CodeFields> = Vec::new(),
        /// What there is of the products whose stock is kept.
        stock: Vec<EventStock> = Vec::new(),
        /// What happens to a sale above what is available.
        policy: StockPolicy = StockPolicy::default(),
        /// What of a sale is awarded.
        award_on: AwardOn = AwardOn::default(),
        /// The channel's codes of goods that earn nothing.
        no_award: Vec<String> = Vec::new(),
        /// The program that awards it, or awarded the sale of what comes back.
        program: Option<ProgramDocument>,
        /// What the award of a sale needs beside the total.
        award: Option<AwardFields>,
        /// What is held of the sale's award: `held` as the sale, or the last return or exchange of it, answered.
        held: Option<HeldAward>,
        /// What the host stored.
        known: Vec<KnownFields> = Vec::new(),
        /// The chain before this event.
        previous_hex: Option<Sha>,
    }
}

record! {
    /// What there is of a product, in pieces or in thousandths.
    pub struct EventStock {
        /// The product.
        sku: String,
        /// Pieces that can be sold.
        available: Option<Count>,
        /// Below so many pieces it is low.
        safety: Option<Count>,
        /// Instead of pieces thousandths that can be sold.
        available_milli: Option<Count>,
        /// Below so many thousandths it is low.
        safety_milli: Option<Count>,
    }
}

record! {
    /// What is held of a sale's award. Amounts are rupiah.
    pub struct HeldAward {
        /// What is left of the amount the award was made on.
        base: Amount,
        /// What exchanges added above it.
        above: Amount = Amount(Rupiah::ZERO),
        /// What is left of the total that the quota looked at.
        total: Amount,
        /// The quota, if the sale reached it.
        quota: Amount = Amount(Rupiah::ZERO),
        /// The rate of the award in basis points.
        rate_bp: Rate,
        /// The standby rate of the points held before the sale, in basis points.
        standby_bp: Rate = Rate::ZERO,
        /// The voucher as it was issued.
        issued: Amount,
        /// What is kept of it.
        kept: Amount,
        /// What vouchers paid and was not given back on them.
        paid_by_voucher: Amount = Amount(Rupiah::ZERO),
        /// What each funding party still pays of what is kept.
        parts: Option<Vec<Amount>>,
        /// The id of the member's earning.
        entry: Option<String>,
    }
}

record! {
    /// What an award needs beside the total.
    pub struct AwardFields {
        [flat] played: PlayedFields,
        /// The shopper before it.
        shopper: ShopperFields = ShopperFields::default(),
        /// The merchant's standing.
        merchant: MerchantFields = MerchantFields::default(),
        /// What was given before it.
        counters: CounterFields = CounterFields::default(),
    }
}

answer! {
    /// What a return or an exchange takes back of the sale's award.
    pub struct ReversalAnswer {
        /// Why the voucher keeps what it keeps.
        reason: Kept,
        /// What is kept of the voucher, in rupiah.
        kept: Rupiah,
        /// What of it is taken back, in rupiah.
        taken_back: Rupiah,
        /// The same in thousandths of a point.
        points_milli: Points,
        /// What of that each funding party gets back, in rupiah.
        [omit] parts: Option<Vec<Rupiah>>,
        /// What is bought above what came back, in rupiah: a new purchase; negative if a newer purchase goes back.
        new_purchase: Rupiah,
    }
}

record! {
    /// An event that the host stored.
    pub struct KnownFields {
        /// Who sent it.
        source: String,
        /// Its id.
        id: String,
        /// Its hash.
        hash: Sha,
        /// What was answered.
        result: String,
    }
}

answer! {
    /// What became of an event; all but reason and result is absent unless it is recorded.
    pub struct Recorded {
        /// What became of it.
        reason: RecordReason,
        /// Its result: the first half of its hash, or what was answered before; null if it is refused.
        result: Option<String>,
        /// The codes without a product, sorted; if there are any.
        [omit] unknown: Option<Vec<String>>,
        /// The products of which too little is there, sorted; if there are any.
        [omit] short: Option<Vec<ShortAnswer>>,
        /// What it moves, by product.
        [omit] stock: Option<Vec<StockChangeAnswer>>,
        /// The taxes by rate, without those that nothing bears.
        [omit] tax: Option<Vec<TaxAnswer>>,
        /// The goods in rupiah, as marked; negative if they come back.
        [omit] goods: Option<Rupiah>,
        /// The service in rupiah, as marked; negative if it goes back.
        [omit] service: Option<Rupiah>,
        /// Tips in rupiah.
        [omit] tips: Option<Rupiah>,
        /// What is paid in rupiah; negative if it goes back.
        [omit] payable: Option<Rupiah>,
        /// What cash rounding adds to it, in rupiah.
        [omit] rounding: Option<Rupiah>,
        /// What is awarded, in rupiah: of a return or an exchange what is left of the sale's.
        [omit] total: Option<Rupiah>,
        /// The award of a sale; if a program was given.
        [omit] award: Option<Decision>,
        /// What a return or an exchange takes back of it; if a program was given.
        [omit] reversal: Option<ReversalAnswer>,
        /// What is held of the award after it, for the next return or exchange; if a program was given.
        [omit] held: Option<HeldAward>,
        /// What goes back on the vouchers that paid, in rupiah; of a return or an exchange.
        [omit] voucher_back: Option<Rupiah>,
        /// The member's entries for the points ledger.
        [omit] entries: Option<Vec<EarnedEntry>>,
        /// The event in double entry, by account.
        [omit] accounts: Option<Vec<PostingAnswer>>,
        /// The line of the audit log.
        [omit] audit: Option<AuditLine>,
        /// The extension attributes of the event, if it has any.
        [omit] extensions: Option<Extensions>,
    }
}

answer! {
    /// A product of which too little is there.
    pub struct ShortAnswer {
        /// The product.
        sku: String,
        /// The pieces to be sold.
        [omit] wanted: Option<Count>,
        /// The pieces there, with those taken back.
        [omit] available: Option<Count>,
        /// The thousandths to be sold.
        [omit] wanted_milli: Option<Count>,
        /// The thousandths there, with those taken back.
        [omit] available_milli: Option<Count>,
    }
}

answer! {
    /// What an event moves of a product.
    pub struct StockChangeAnswer {
        /// The product.
        sku: String,
        /// Pieces taken back less pieces sold.
        [omit] moved: Option<Whole>,
        /// Pieces promised.
        [omit] backordered: Option<Count>,
        /// Pieces left; null if the stock is not kept.
        [omit] left: Option<Option<Count>>,
        /// Instead of pieces, thousandths.
        [omit] moved_milli: Option<Whole>,
        /// Thousandths promised.
        [omit] backordered_milli: Option<Count>,
        /// Thousandths left; null if the stock is not kept.
        [omit] left_milli: Option<Option<Count>>,
        /// Whether fewer are left than should be.
        low: bool,
    }
}

answer! {
    /// What bears one rate of tax.
    pub struct TaxAnswer {
        /// The rate in basis points.
        rate_bp: Rate,
        /// What bears it, in rupiah, as marked.
        base: Rupiah,
        /// The tax in rupiah.
        tax: Rupiah,
    }
}

answer! {
    /// An entry for the points ledger.
    pub struct EarnedEntry {
        /// The event's result and `:award`, or `:back` for what a return takes back.
        id: String,
        /// The member.
        account: String,
        /// `earn` or `reverse`.
        kind: EntryWord,
        /// Thousandths of a point.
        points_milli: Points,
        /// The earning that is reversed.
        [omit] of: Option<String>,
        /// The shop.
        shop: String,
        /// When.
        time: AsWritten,
        /// From when the points can no longer be spent, by the program's validity.
        [omit] expires: Option<AsWritten>,
    }
}

answer! {
    /// An account and what is written to it.
    pub struct PostingAnswer {
        /// The account.
        account: String,
        /// Rupiah.
        debit: Rupiah,
        /// Rupiah.
        credit: Rupiah,
    }
}

answer! {
    /// A line of the audit log.
    pub struct AuditLine {
        /// Who sent the event.
        source: String,
        /// Its id.
        id: String,
        /// When it happened.
        time: AsWritten,
        /// Its hash, which erasing the member does not change.
        hash: Hex,
        /// SHA-256 of the chain before it and its hash.
        chain: Hex,
    }
}

/// The money of an event, and what of it is awarded.
struct Money {
    bill: Bill,
    total: Rupiah,
    /// What of the total earns, before vouchers are taken off.
    earning: i128,
    /// What a return or an exchange changes.
    change: Option<HeldChange>,
}

impl RecordRequest {
    /// Refuses a program without an award of a sale, or without what is held of the sale of what comes back.
    fn check_award(&self) -> Result<(), Refusal> {
        let refuse = |fault, field| Err(Refusal::at(fault, &Path::Root.key(field)));
        let is_sale = self.event.r#type == EventType::Sale;
        let (fault, needed) = if is_sale { (Fault::ProgramAndAward, "award") } else { (Fault::ProgramAndHeld, "held") };
        let has = |field| if field == "award" { self.award.is_some() } else { self.held.is_some() };
        match (&self.program, has(needed)) {
            _ if is_sale && self.held.is_some() => refuse(Fault::ProgramAndHeld, "held"),
            _ if !is_sale && self.award.is_some() => refuse(Fault::ProgramAndAward, "award"),
            (Some(_), false) => refuse(fault, "program"),
            (None, true) => refuse(fault, needed),
            _ => Ok(()),
        }
    }

    /// The sale of what comes back; none of a sale.
    fn sale(&self) -> Result<Option<&EventFields>, Refusal> {
        let path = Path::Root.key("sale");
        match (&self.sale, &self.event.data.of) {
            (Some(sale), Some(of)) if sale.r#type != EventType::Return && sale.key() == (of.source.as_str(), of.id.as_str()) => {
                sale.check(&path)?;
                Ok(Some(sale))
            }
            (None, None) if self.returned.is_empty() => Ok(None),
            (None, None) => Err(Refusal::at(Fault::ReturnedCount, &Path::Root.key("returned"))),
            _ => Err(Refusal::at(Fault::NotTheSale, &path)),
        }
    }

    /// What of a sale earns: all but the goods that earn nothing.
    fn earning(&self, data: &EventData, sale: &PricedSale) -> i128 {
        if self.no_award.is_empty() {
            return sale.awarded(self.award_on);
        }
        let codes: BTreeSet<_> = self.no_award.iter().map(String::as_str).collect();
        sale.earning(|place| data.lines.get(place).is_some_and(|line| !codes.contains(line.code.as_str()))).awarded(self.award_on)
    }

    fn money(&self, sale: Option<&EventFields>) -> Result<Money, Refusal> {
        let (path, data) = (Path::Root.key("event"), &self.event.data);
        let Some(sale) = sale else {
            let priced = self.event.price(&path)?;
            let bill = priced.bill()?;
            return Ok(Money { total: bill.awarded(self.award_on)?, earning: self.earning(data, &priced), bill, change: None });
        };
        let sold = sale.price(&Path::Root.key("sale"))?;
        let of_sale = sold.bill()?;
        if sale.r#type == EventType::Sale {
            sale.postings(&of_sale, Rupiah::ZERO, Rupiah::ZERO, &Path::Root.key("sale"))?;
        }
        let before = sold.less(&self.returned)?;
        let back = data.back.iter().map(|back| Ok((back.line, quantity_of(back.quantity, back.quantity_milli)?)));
        let back = back.collect::<Result<Vec<_>, Error>>()?;
        let taken = sold.taken_back(&self.returned, &back).map_err(|error| Refusal::inside(error, &path.key("data")))?;
        let after = sold.less(&taken)?;
        let is_exchange = self.event.r#type == EventType::Exchange;
        let instead = if is_exchange { Some(self.event.price(&path)?) } else { None };
        let bill = before.exchanged(&after, instead.as_ref())?;

        // What is payable without tips, which stay.
        let payable = |sale: &PricedSale| sale.awarded(AwardOn::Payable);
        let total = |sale: &PricedSale| sale.awarded(self.award_on);
        let of = |amount: fn(&Self, &PricedSale, &EventData) -> i128| instead.as_ref().map_or(0, |sale| amount(self, sale, data));
        let on_vouchers = match &self.held {
            Some(held) => held.paid_by_voucher.0.get().into(),
            None if sale.r#type == EventType::Sale => sale.data.vouchers().min(payable(&before)),
            None => 0,
        };
        // Money goes back before vouchers do, unless the payments say otherwise.
        let (voucher_back, voucher_paid) = if bill.payable >= Rupiah::ZERO {
            (0, data.vouchers())
        } else if data.payments.is_empty() {
            let stays = payable(&after).wrapping_add(of(|_, sale, _| sale.awarded(AwardOn::Payable)));
            let due = i128::from(bill.payable.get()).wrapping_add(data.rounding.get().into());
            (on_vouchers.wrapping_sub(stays).min(due.wrapping_neg()).max(0), 0)
        } else {
            (data.vouchers(), 0)
        };
        if voucher_back > on_vouchers {
            return Err(Refusal::at(Fault::RefundAboveRest, &path.key("data").key("payments")));
        }
        let rupiah = |amount: i128| Rupiah::from_result(i64::try_from(amount).ok());
        let back = |amount: &dyn Fn(&PricedSale) -> i128| rupiah(amount(&before).wrapping_sub(amount(&after)));
        let change = HeldChange {
            earning_back: back(&|sold| self.earning(&sale.data, sold))?,
            earning_out: rupiah(of(|request, sale, data| request.earning(data, sale)))?,
            total_back: back(&total)?,
            total_out: rupiah(of(|request, sale, _| sale.awarded(request.award_on)))?,
            voucher_back: rupiah(voucher_back)?,
            voucher_paid: rupiah(voucher_paid)?,
        };
        Ok(Money { bill, total: rupiah(total(&after))?, earning: 0, change: Some(change) })
    }

    /// The award of a sale at the event's own time, on what its vouchers left, and what is held of it.
    fn award(&self, money: &Money) -> Result<Option<(Decision, HeldAward)>, Refusal> {
        let (Some(document), Some(fields)) = (&self.program, &self.award) else { return Ok(None) };
        let (path, vouchers) = (Path::Root.key("award"), self.event.data.vouchers());
        let stated = fields.played.paid_by_voucher;
        if !stated.is_zero() && i128::from(stated.get()) != vouchers {
            return Err(Refusal::at(Fault::NotThePayments, &path.key("paid_by_voucher")));
        }
        let total = money.total;
        let excluded = i128::from(total.get()).wrapping_sub(money.earning);
        let mut document = document.clone();
        let paid = if excluded > 0 && !document.exclude_voucher_paid { 0 } else { vouchers.min(money.earning) };
        document.exclude_voucher_paid |= excluded > 0;
        let program = document.prove(&Path::Root.key("program"))?;
        let mechanism = program.terms().table.mechanism();
        if mechanism == Mechanism::Points {
            return Err(Refusal::at(Fault::RecordOfPoints, &Path::Root.key("program").key("mechanism")));
        }
        let mut played = fields.played.clone();
        if mechanism != Mechanism::Stopwatch && played.slot.is_none() && played.at.is_none() {
            played.at = Some(self.event.time.0);
        }
        self.check_time(&program, &path)?;
        played.paid_by_voucher = Rupiah::from_result(i64::try_from(excluded.wrapping_add(paid)).ok())?;
        let receipt = played.receipt(total, mechanism, &path)?;
        let counters = fields.counters.counters(mechanism, &path.key("counters"))?;
        let (shopper, merchant) = (fields.shopper.shopper(), fields.merchant.merchant());
        // The rules name what stands in a receipt; here it stands in the award.
        let refuse = |error: Error| {
            let field = error.field().to_string();
            match field.strip_prefix("receipt.") {
                Some(field) => Refusal::at(error.fault(), &path.key(field)),
                None if field.starts_with("program") => Refusal::from(error),
                None => Refusal::inside(error, &path),
            }
        };
        let award = award::decide(&program, &receipt, &shopper, &merchant, &counters).map_err(refuse)?;
        let issued = award::Issued::of(&program, &receipt, &shopper, &merchant, &counters).map_err(refuse)?;
        let decision = Decision::of(&program, &award, &counters);
        let held = HeldAward {
            base: Amount(issued.base),
            above: Amount(Rupiah::ZERO),
            total: Amount(total),
            quota: Amount(if total >= issued.quota { issued.quota } else { Rupiah::ZERO }),
            rate_bp: issued.rate,
            standby_bp: issued.standby,
            issued: Amount(issued.value),
            kept: Amount(issued.value),
            paid_by_voucher: Amount(Rupiah::from_result(i64::try_from(vouchers).ok())?),
            parts: decision.parts.as_ref().map(|parts| parts.iter().copied().map(Amount).collect()),
            entry: None,
        };
        Ok(Some((decision, held)))
    }

    /// Refuses an award of another time than the event's, unless it came late.
    fn check_time(&self, program: &award::Program, path: &Path<'_>) -> Result<(), Refusal> {
        let Some(AwardFields { played, .. }) = self.award.as_ref().filter(|award| !award.played.late) else { return Ok(()) };
        let time = &self.event.time.0;
        let refuse = |path: &Path<'_>| Err(Refusal::at(Fault::NotTheEventsTime, path));
        if played.at.is_some_and(|at| at.nanos_since(time) != 0) {
            return refuse(&path.key("at"));
        }
        let local = time.at_offset_of(program.terms().utc_offset).map_err(|error| Refusal::inside(error, path))?;
        let own = program.terms().window.as_ref().map(|window| Slot::at(window, &local));
        if played.slot.is_some() && own.is_some_and(|own| own != played.slot) {
            return refuse(&path.key("slot"));
        }
        let Some(claim) = &played.claim else { return Ok(()) };
        let apart = claim.claim().stopped_at.nanos_since(time).wrapping_abs();
        if apart > NANOS_A_DAY { refuse(&path.key("claim").key("stopped_at")) } else { Ok(()) }
    }

    /// What a return or an exchange takes back of the sale's award, and what is held after it.
    fn reverse(&self, change: Option<&HeldChange>) -> Result<Option<(ReversalAnswer, HeldAward)>, Refusal> {
        let (Some(document), Some(fields), Some(change)) = (&self.program, &self.held, change) else { return Ok(None) };
        let program = document.prove(&Path::Root.key("program"))?;
        let terms = program.terms();
        let held = fields.held();
        let after = held
            .after(change, terms.rounding, terms.below_quota, terms.exclude_voucher_paid)
            .map_err(|error| Refusal::inside(error, &Path::Root.key("held")))?;
        let points = |value| terms.point_value.points(value);
        let answer = ReversalAnswer {
            reason: after.reason,
            kept: after.held.kept,
            taken_back: after.taken_back,
            points_milli: Points::from_milli(points(held.kept)?.milli().wrapping_sub(points(after.held.kept)?.milli()))?,
            parts: after.parts,
            new_purchase: after.new_purchase,
        };
        Ok(Some((answer, HeldAward::of(after.held, fields.entry.clone()))))
    }

    /// What the award writes to the points ledger of the member.
    fn entries(&self, award: Option<&Decision>, result: &str) -> Vec<EarnedEntry> {
        let EventFields { time, data: EventData { shop, member, .. }, .. } = &self.event;
        let (Some(award), Some(member)) = (award.filter(|award| award.points_milli > Points::ZERO), member) else { return Vec::new() };
        let program = self.program.as_ref().and_then(|document| document.prove(&Path::Root).ok());
        let validity = program.and_then(|program| program.terms().validity);
        let entry = EarnedEntry {
            id: format!("{result}:award"),
            account: member.clone(),
            kind: EntryWord::Earn,
            points_milli: award.points_milli,
            of: None,
            shop: shop.clone(),
            time: *time,
            expires: validity.and_then(|validity| validity.expires(&time.0).ok()).map(AsWritten),
        };
        [entry].to_vec()
    }

    /// What a return takes back from the points ledger of the member.
    fn reversed_entries(&self, sale: Option<&EventFields>, reversal: &ReversalAnswer, result: &str) -> Vec<EarnedEntry> {
        let EventFields { time, data: EventData { shop, member, erased_member, .. }, .. } = &self.event;
        let of_sale = sale.and_then(|sale| sale.data.member.as_ref()).filter(|_| erased_member.is_none());
        let member = member.as_ref().or(of_sale);
        let earned = self.held.as_ref().and_then(|held| held.entry.clone());
        let (Some(member), Some(earned), true) = (member, earned, reversal.points_milli > Points::ZERO) else { return Vec::new() };
        let entry = EarnedEntry {
            id: format!("{result}:back"),
            account: member.clone(),
            kind: EntryWord::Reverse,
            points_milli: reversal.points_milli,
            of: Some(earned),
            shop: shop.clone(),
            time: *time,
            expires: None,
        };
        [entry].to_vec()
    }

    /// What the event wants of each product, or the codes without one. A code is read in the channel that sold by it.
    fn wants<'a>(&'a self, sale: Option<&'a EventFields>) -> Result<Result<BTreeMap<&'a str, StockWant>, Vec<String>>, Refusal> {
        let codes = meanings(&self.codes)?;
        let sku = |data: &'a EventData, line: &'a EventLine| {
            if self.codes.is_empty() { Some(line.code.as_str()) } else { codes.sku(&data.channel, &line.code) }
        };
        let (mut wants, mut unknown) = (BTreeMap::<_, StockWant>::new(), BTreeSet::new());
        let of = |pieces, thousandths| quantity_of(pieces, thousandths);
        for back in &self.event.data.back {
            let place = usize::try_from(back.line.get()).unwrap_or(usize::MAX);
            let Some((sale, line)) = sale.and_then(|sale| Some((sale, sale.data.lines.get(place)?))) else { continue };
            match sku(&sale.data, line) {
                Some(sku) => wants.entry(sku).or_default().take_back(of(back.quantity, back.quantity_milli)?),
                None => _ = unknown.insert(&line.code),
            }
        }
        for line in &self.event.data.lines {
            match sku(&self.event.data, line) {
                Some(sku) => wants.entry(sku).or_default().sell(of(line.quantity, line.quantity_milli)?),
                None => _ = unknown.insert(&line.code),
            }
        }
        Ok(if unknown.is_empty() { Ok(wants) } else { Err(unknown.into_iter().cloned().collect()) })
    }
}

impl EventFields {
    /// The event in double entry, of the event that stands at `path`.
    fn postings(&self, bill: &Bill, voucher: Rupiah, voucher_back: Rupiah, path: &Path<'_>) -> Result<Vec<PostingAnswer>, Refusal> {
        let settled = Settled { payments: &self.data.payments(), rounding: self.data.rounding, voucher, voucher_back };
        let postings = bill.postings(&settled).map_err(|error| Refusal::inside(error, &path.key("data")))?;
        let posting = |crate::Posting { account, debit, credit }| PostingAnswer { account, debit, credit };
        Ok(postings.into_iter().map(posting).collect())
    }
}

impl Recorded {
    /// An event that changes nothing.
    fn nothing(reason: RecordReason, result: Option<String>) -> Self {
        let (unknown, short, stock, tax, entries, accounts, award, audit) = Default::default();
        let (goods, service, tips, payable, rounding, total) = Default::default();
        let (reversal, held, voucher_back, extensions) = Default::default();
        Self {
            reason,
            result,
            unknown,
            short,
            stock,
            tax,
            goods,
            service,
            tips,
            payable,
            rounding,
            total,
            award,
            reversal,
            held,
            voucher_back,
            entries,
            accounts,
            audit,
            extensions,
        }
    }
}

const NANOS_A_DAY: i128 = 86_400_000_000_000;

impl HeldAward {
    fn held(&self) -> Held {
        Held {
            base: self.base.0,
            above: self.above.0,
            total: self.total.0,
            quota: self.quota.0,
            rate: self.rate_bp,
            standby: self.standby_bp,
            issued: self.issued.0,
            kept: self.kept.0,
            paid_by_voucher: self.paid_by_voucher.0,
            parts: self.parts.as_ref().map(|parts| parts.iter().map(|part| part.0).collect()),
        }
    }

    fn of(held: Held, entry: Option<String>) -> Self {
        Self {
            base: Amount(held.base),
            above: Amount(held.above),
            total: Amount(held.total),
            quota: Amount(held.quota),
            rate_bp: held.rate,
            standby_bp: held.standby,
            issued: Amount(held.issued),
            kept: Amount(held.kept),
            paid_by_voucher: Amount(held.paid_by_voucher),
            parts: held.parts.map(|parts| parts.into_iter().map(Amount).collect()),
            entry,
        }
    }
}

/// A value as one of pieces, or as one of thousandths.
fn in_unit<T>(is_thousandths: bool, value: T) -> (Option<T>, Option<T>) {
    if is_thousandths { (None, Some(value)) } else { (Some(value), None) }
}

/// The stock of a request, by product.
fn kept_stock(stock: &[EventStock]) -> Result<BTreeMap<&str, KeptStock>, Refusal> {
    let path = Path::Root.key("stock");
    let mut lines = BTreeMap::new();
    for (index, line) in stock.iter().enumerate() {
        let path = path.entry(index);
        let refuse = |fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        let is_thousandths = line.available_milli.is_some();
        let (available, safety, foreign) = if is_thousandths {
            (line.available_milli, line.safety_milli, [("available", line.available), ("safety", line.safety)])
        } else {
            (line.available, line.safety, [("available_milli", line.available_milli), ("safety_milli", line.safety_milli)])
        };
        if let Some((field, _)) = foreign.into_iter().find(|(_, number)| number.is_some()) {
            return refuse(Fault::TwoStockUnits, field);
        }
        let Some(available) = available else { return refuse(Fault::Missing, "available") };
        let line_of = StockLine { available, safety: safety.unwrap_or_default() };
        if lines.insert(line.sku.as_str(), KeptStock { line: line_of, is_thousandths }).is_some() {
            return refuse(Fault::NotDistinct, "sku");
        }
    }
    Ok(lines)
}

fn event(request: &RecordRequest) -> Result<Recorded, Refusal> {
    let (event, path) = (&request.event, Path::Root.key("event"));
    event.check(&path)?;
    let stock = kept_stock(&request.stock)?;
    meanings(&request.codes)?;
    request.check_award()?;
    let (_, hash) = event.erased();
    let known =
        request.known.iter().map(|known| KnownEvent { source: &known.source, id: &known.id, hash: known.hash.0, result: &known.result });
    // Before anything that the host's state decides: a return that is sent again is no second return.
    if let Some((reason, result)) = crate::known_event(&known.collect::<Vec<_>>(), &event.source, &event.id, &hash) {
        return Ok(Recorded::nothing(reason, Some(result.to_string())));
    }
    let sale = request.sale()?;
    let money = request.money(sale)?;
    let award = request.award(&money)?;
    let reversal = request.reverse(money.change.as_ref())?;
    let Money { bill, total, change, .. } = money;
    let voucher = match (&award, &reversal) {
        (Some((award, _)), _) => award.value,
        (None, Some((reversal, _))) => reversal.taken_back.negated(),
        (None, None) => Rupiah::ZERO,
    };
    let voucher_back = change.map(|change| change.voucher_back);
    let accounts = event.postings(&bill, voucher, voucher_back.unwrap_or_default(), &path)?;
    let wants = match request.wants(sale)? {
        Ok(wants) => wants,
        Err(unknown) => return Ok(Recorded { unknown: Some(unknown), ..Recorded::nothing(RecordReason::UnknownCode, None) }),
    };
    let changes = match crate::take_stock(&stock, &wants, request.policy)? {
        Ok(changes) => changes,
        Err(short) => {
            let short = short.into_iter().map(|crate::ShortStock { sku, is_thousandths, wanted, available }| {
                let (pieces, thousandths) = in_unit(is_thousandths, (wanted, available));
                ShortAnswer {
                    sku: sku.to_string(),
                    wanted: pieces.map(|(wanted, _)| wanted),
                    available: pieces.map(|(_, available)| available),
                    wanted_milli: thousandths.map(|(wanted, _)| wanted),
                    available_milli: thousandths.map(|(_, available)| available),
                }
            });
            return Ok(Recorded { short: Some(short.collect()), ..Recorded::nothing(RecordReason::Oversold, None) });
        }
    };
    let change = |change: crate::StockChange<'_>| {
        let left = change.left.map(|line| line.available);
        let (pieces, thousandths) = in_unit(change.is_thousandths, (Whole(change.moved), change.backordered, left));
        StockChangeAnswer {
            sku: change.sku.to_string(),
            moved: pieces.map(|(moved, ..)| moved),
            backordered: pieces.map(|(_, backordered, _)| backordered),
            left: pieces.map(|(.., left)| left),
            moved_milli: thousandths.map(|(moved, ..)| moved),
            backordered_milli: thousandths.map(|(_, backordered, _)| backordered),
            left_milli: thousandths.map(|(.., left)| left),
            low: change.left.is_some_and(|line| line.is_low()),
        }
    };
    let (half, _) = hash.split_at(16);
    let result = Hex::text(half);
    let chain = crate::chain(request.previous_hex.as_ref().map(|Sha(previous)| previous), &hash);
    let entries = match &reversal {
        Some((reversal, _)) => request.reversed_entries(sale, reversal, &result),
        None => request.entries(award.as_ref().map(|(award, _)| award), &result),
    };
    let (award, held) = award.map_or((None, None), |(award, held)| (Some(award), Some(held)));
    let earned = entries.first().filter(|entry| entry.kind == EntryWord::Earn).map(|entry| entry.id.clone());
    let held = held.map(|held| HeldAward { entry: earned, ..held });
    let (reversal, held_after) = reversal.map_or((None, None), |(reversal, held)| (Some(reversal), Some(held)));
    Ok(Recorded {
        reason: RecordReason::Recorded,
        entries: Some(entries),
        result: Some(result),
        unknown: None,
        short: None,
        stock: Some(changes.into_iter().map(change).collect()),
        tax: Some(bill.taxes.iter().map(|(rate, taxed)| TaxAnswer { rate_bp: *rate, base: taxed.base, tax: taxed.tax }).collect()),
        goods: Some(bill.goods),
        service: Some(bill.service),
        tips: Some(bill.tips),
        payable: Some(bill.payable),
        rounding: Some(event.data.rounding),
        total: Some(total),
        award,
        reversal,
        held: held.or(held_after),
        voucher_back,
        extensions: Some(event.extensions.clone()).filter(|extensions| !extensions.0.is_empty()),
        accounts: Some(accounts),
        audit: Some(AuditLine {
            source: event.source.clone(),
            id: event.id.clone(),
            time: event.time,
            hash: Hex(hash.to_vec()),
            chain: Hex(chain.to_vec()),
        }),
    })
}
