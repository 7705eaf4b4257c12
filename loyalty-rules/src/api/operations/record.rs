//! One event of a channel: recorded, erased, verified.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::award::{CounterFields, Decision, MerchantFields, PlayedFields, ShopperFields};
use super::channels::{CodeFields, StockLineFields, meanings, stock_lines};
use super::operations;
use crate::api::canonical;
use crate::api::document::ProgramDocument;
use crate::api::fields::{Hex, Secret, Sha};
use crate::api::wire::{Amount, AsWritten, EntryWord, Path, Positive, Refusal, Whole, answer, record, to_json};
use crate::award;
use crate::error::{Error, Fault};
use crate::network::{
    self, AwardOn, Bill, EventType, KnownEvent, PricedSale, RecordReason, Sale, SaleLine, SignatureReason, StockPolicy, StockWant, TaxBy,
    TaxTerms,
};
use crate::quantity::{Count, Mode, Points, Rate, Rupiah};

operations! {
    "record.event" ["OR-1 OR-2 OR-4 OR-6"] "One event of a channel recorded: money, stock, award, accounts, once.": event, RecordRequest => Recorded;
    "record.erase" ["OR-1"] "An event without its member, its hash unchanged.": erase, EraseRequest => Erased;
    "record.verify" ["OR-1"] "Whether a message carries its signature.": verify, VerifyMessage => VerifiedMessage;
}

record! {
    /// An event of a channel, as `CloudEvents` 1.0.
    pub struct EventFields {
        /// The version of `CloudEvents`, `1.0`.
        specversion: String,
        /// What it is.
        r#type: EventType,
        /// Who sends it, not empty.
        source: String,
        /// Its id, which its source gives once; not empty.
        id: String,
        /// When it happened.
        time: AsWritten,
        /// What it is about.
        subject: Option<String>,
        /// The form of its data, `application/json`.
        datacontenttype: Option<String>,
        /// Where the form of its data is described.
        dataschema: Option<String>,
        /// What happened.
        data: EventData,
    }
}

record! {
    /// What happened in a channel.
    pub struct EventData {
        /// The shop.
        shop: String,
        /// The channel.
        channel: String,
        /// Its number in the channel, 1 or more.
        sequence: Positive,
        /// What is sold; of a sale or an exchange.
        lines: Vec<EventLine> = Vec::new(),
        /// What comes back; of a return or an exchange.
        back: Vec<BackLine> = Vec::new(),
        /// The sale of what comes back.
        of: Option<EventKey>,
        /// What is taken off the whole, in rupiah.
        discount: Amount = Amount(Rupiah::ZERO),
        /// The service, in basis points of the goods.
        service_bp: Rate = Rate::ZERO,
        /// Tips, in rupiah.
        tips: Amount = Amount(Rupiah::ZERO),
        /// How it is taxed.
        tax: Option<TaxFields>,
        /// How it is paid, or what is paid back.
        payments: Vec<PaymentFields> = Vec::new(),
        /// The member's pseudonym.
        member: Option<String>,
        /// What stands for a member that was erased.
        erased_member: Option<Sha>,
    }
}

record! {
    /// A line of what is sold.
    pub struct EventLine {
        /// The channel's code of the goods.
        code: String,
        /// Units, 1 or more.
        quantity: Positive,
        /// The price of a unit, in rupiah.
        price: Amount,
        /// What is taken off the line, in rupiah.
        discount: Amount = Amount(Rupiah::ZERO),
        /// Its own rate of tax in basis points.
        tax_bp: Option<Rate>,
    }
}

record! {
    /// Units that come back.
    pub struct BackLine {
        /// The place of their line in the sale, counted from 0.
        line: Count,
        /// Units, 1 or more.
        quantity: Positive,
    }
}

record! {
    /// What tells an event from all others.
    pub struct EventKey {
        /// Who sent it.
        source: String,
        /// Its id.
        id: String,
    }
}

record! {
    /// How an event is taxed.
    pub struct TaxFields {
        /// The rate of the service, and of lines without their own, in basis points.
        rate_bp: Rate,
        /// Whether prices hold the tax already.
        inclusive: bool,
        /// How it is rounded to whole rupiah.
        mode: Mode = Mode::default(),
        /// What is rounded at once.
        by: TaxBy = TaxBy::default(),
    }
}

record! {
    /// A payment.
    pub struct PaymentFields {
        /// Its kind.
        kind: String,
        /// Rupiah.
        amount: Amount,
    }
}

record! {
    /// An event to be recorded.
    pub struct RecordRequest {
        /// The event.
        event: EventFields,
        /// The sale that its `of` names.
        sale: Option<EventFields>,
        /// The units taken back before of each line of the sale; none if empty.
        returned: Vec<Count> = Vec::new(),
        /// What the codes mean; each code is a product if empty.
        codes: Vec<CodeFields> = Vec::new(),
        /// What there is of the products whose stock is kept.
        stock: Vec<StockLineFields> = Vec::new(),
        /// What happens to a sale above what is available.
        policy: StockPolicy = StockPolicy::default(),
        /// What of a sale is awarded.
        award_on: AwardOn = AwardOn::default(),
        /// The program that awards it.
        program: Option<ProgramDocument>,
        /// What the award needs beside the total.
        award: Option<AwardFields>,
        /// What the host stored.
        known: Vec<KnownFields> = Vec::new(),
        /// The chain before this event.
        previous_hex: Option<Sha>,
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
        /// What is awarded, in rupiah: of a return or an exchange what is left of the sale's.
        [omit] total: Option<Rupiah>,
        /// The award; if a program was given.
        [omit] award: Option<Decision>,
        /// The member's entries for the points ledger.
        [omit] entries: Option<Vec<EarnedEntry>>,
        /// The event in double entry, by account.
        [omit] accounts: Option<Vec<PostingAnswer>>,
        /// The line of the audit log.
        [omit] audit: Option<AuditLine>,
    }
}

answer! {
    /// A product of which too little is there.
    pub struct ShortAnswer {
        /// The product.
        sku: String,
        /// The units to be sold.
        wanted: Count,
        /// The units there, with those taken back.
        available: Count,
    }
}

answer! {
    /// What an event moves of a product.
    pub struct StockChangeAnswer {
        /// The product.
        sku: String,
        /// Units taken back less units sold.
        moved: Whole,
        /// Units promised.
        backordered: Count,
        /// Units left; null if the stock is not kept.
        left: Option<Count>,
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
    /// An earning for the points ledger.
    pub struct EarnedEntry {
        /// The event's result and `:award`.
        id: String,
        /// The member.
        account: String,
        /// `earn`.
        kind: EntryWord,
        /// Thousandths of a point.
        points_milli: Points,
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

record! {
    /// An event whose member is to be erased.
    pub struct EraseRequest {
        /// The event.
        event: EventFields,
    }
}

answer! {
    /// An event without its member.
    pub struct Erased {
        /// The event, without fields that say what is said anyway.
        event: EventFields,
        /// Its hash, the same as before.
        hash: Hex,
    }
}

record! {
    /// A message and its signature.
    pub struct VerifyMessage {
        /// The message as text.
        body: Option<String>,
        /// The message as bytes.
        body_hex: Option<String>,
        /// The secret key: 16 … 64 bytes as hexadecimal digits.
        key_hex: Secret,
        /// The signature: 64 hexadecimal digits, perhaps after `sha256=`.
        signature: String,
    }
}

answer! {
    /// Whether a message carries its signature.
    pub struct VerifiedMessage {
        /// Whether, and why not.
        reason: SignatureReason,
        /// SHA-256 of the message.
        hash: Hex,
    }
}

impl EventFields {
    /// Refuses an event that is not what its type says.
    fn check(&self, path: &Path<'_>) -> Result<(), Refusal> {
        let refuse = |fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        if self.specversion != "1.0" {
            return refuse(Fault::NotThisSpec, "specversion");
        }
        if self.source.is_empty() {
            return refuse(Fault::EmptyText, "source");
        }
        if self.id.is_empty() {
            return refuse(Fault::EmptyText, "id");
        }
        if self.datacontenttype.as_deref().is_some_and(|form| form != "application/json") {
            return refuse(Fault::NotJsonData, "datacontenttype");
        }
        self.data.check(self.r#type, &path.key("data"))
    }

    fn key(&self) -> (&str, &str) {
        (&self.source, &self.id)
    }

    /// The event without its member, and its hash.
    fn erased(&self) -> Result<(Self, [u8; 32]), Refusal> {
        let mut erased = self.clone();
        if let Some(member) = erased.data.member.take() {
            erased.data.erased_member = Some(Sha(network::erased_member(&member)));
        }
        let hash = network::event_hash(canonical::canonical(&to_json(&erased))?.as_bytes());
        Ok((erased, hash))
    }

    /// What is sold, of the event that stands at `path`.
    fn price(&self, path: &Path<'_>) -> Result<PricedSale, Refusal> {
        self.data.price().map_err(|error| Refusal::inside(error, &path.key("data")))
    }
}

impl EventData {
    fn check(&self, kind: EventType, path: &Path<'_>) -> Result<(), Refusal> {
        let (sells, takes_back) = match kind {
            EventType::Sale => (true, false),
            EventType::Return => (false, true),
            EventType::Exchange => (true, true),
        };
        let faults = [
            (self.lines.is_empty() == sells, Fault::EventLines, "lines"),
            (self.back.is_empty() == takes_back, Fault::EventBack, "back"),
            (self.of.is_none() == takes_back, Fault::EventOf, "of"),
            (!sells && !self.discount.0.is_zero(), Fault::ReturnCharges, "discount"),
            (!sells && self.service_bp != Rate::ZERO, Fault::ReturnCharges, "service_bp"),
            (!sells && !self.tips.0.is_zero(), Fault::ReturnCharges, "tips"),
            (self.member.is_some() && self.erased_member.is_some(), Fault::MemberTwice, "erased_member"),
        ];
        if let Some((_, fault, field)) = faults.into_iter().find(|(is_fault, ..)| *is_fault) {
            return Err(Refusal::at(fault, &path.key(field)));
        }
        match self.lines.iter().position(|line| line.tax_bp.is_some() && self.tax.is_none()) {
            Some(index) => Err(Refusal::at(Fault::RateWithoutTax, &path.key("lines").entry(index).key("tax_bp"))),
            None => Ok(()),
        }
    }

    fn price(&self) -> Result<PricedSale, Error> {
        let line =
            |line: &EventLine| SaleLine { quantity: line.quantity.0, price: line.price.0, discount: line.discount.0, tax: line.tax_bp };
        let lines: Vec<SaleLine> = self.lines.iter().map(line).collect();
        let tax = self.tax.as_ref().map(|tax| TaxTerms { rate: tax.rate_bp, inclusive: tax.inclusive, mode: tax.mode, by: tax.by });
        PricedSale::new(&Sale { lines: &lines, discount: self.discount.0, service: self.service_bp, tips: self.tips.0, tax })
    }

    fn payments(&self) -> Vec<(&str, Rupiah)> {
        self.payments.iter().map(|payment| (payment.kind.as_str(), payment.amount.0)).collect()
    }
}

/// The money of an event, and what of it is awarded.
struct Money {
    bill: Bill,
    total: Rupiah,
}

impl RecordRequest {
    /// Refuses a program without an award, and either of them for what is no sale.
    fn check_award(&self) -> Result<(), Refusal> {
        let refuse = |fault, field| Err(Refusal::at(fault, &Path::Root.key(field)));
        match (&self.program, &self.award) {
            (Some(_), None) => refuse(Fault::ProgramAndAward, "program"),
            (None, Some(_)) => refuse(Fault::ProgramAndAward, "award"),
            (Some(_), Some(_)) if self.event.r#type != EventType::Sale => refuse(Fault::SalesAreAwarded, "program"),
            _ => Ok(()),
        }
    }

    /// The sale of what comes back; none of a sale.
    fn sale(&self) -> Result<Option<&EventFields>, Refusal> {
        let path = Path::Root.key("sale");
        match (&self.sale, &self.event.data.of) {
            (Some(sale), Some(of)) if sale.r#type == EventType::Sale && sale.key() == (of.source.as_str(), of.id.as_str()) => {
                sale.check(&path)?;
                Ok(Some(sale))
            }
            (None, None) if self.returned.is_empty() => Ok(None),
            (None, None) => Err(Refusal::at(Fault::ReturnedCount, &Path::Root.key("returned"))),
            _ => Err(Refusal::at(Fault::NotTheSale, &path)),
        }
    }

    fn money(&self, sale: Option<&EventFields>) -> Result<Money, Refusal> {
        let path = Path::Root.key("event");
        let Some(sale) = sale else {
            let bill = self.event.price(&path)?.bill()?;
            return Ok(Money { total: bill.awarded(self.award_on)?, bill });
        };
        let sold = sale.price(&Path::Root.key("sale"))?;
        sale.postings(&sold.bill()?, Rupiah::ZERO, &Path::Root.key("sale"))?;
        let before = sold.less(&self.returned)?;
        let back: Vec<_> = self.event.data.back.iter().map(|back| (back.line, back.quantity.0)).collect();
        let taken = sold.taken_back(&self.returned, &back).map_err(|error| Refusal::inside(error, &path.key("data")))?;
        let after = sold.less(&taken)?;
        let is_exchange = self.event.r#type == EventType::Exchange;
        let instead = if is_exchange { Some(self.event.price(&path)?) } else { None };
        Ok(Money { bill: before.exchanged(&after, instead.as_ref())?, total: after.bill()?.awarded(self.award_on)? })
    }

    fn award(&self, total: Rupiah) -> Result<Option<Decision>, Refusal> {
        let (Some(document), Some(fields)) = (&self.program, &self.award) else { return Ok(None) };
        let (program, path) = (document.prove(&Path::Root.key("program"))?, Path::Root.key("award"));
        let mechanism = program.terms().table.mechanism();
        let receipt = fields.played.receipt(total, mechanism, &path)?;
        let counters = fields.counters.counters(mechanism, &path.key("counters"))?;
        let award = award::decide(&program, &receipt, &fields.shopper.shopper(), &fields.merchant.merchant(), &counters);
        // The rules name what stands in a receipt; here it stands in the award.
        let award = award.map_err(|error| {
            let field = error.field().to_string();
            match field.strip_prefix("receipt.") {
                Some(field) => Refusal::at(error.fault(), &path.key(field)),
                None if field.starts_with("program") => Refusal::from(error),
                None => Refusal::inside(error, &path),
            }
        })?;
        Ok(Some(Decision::of(&program, &award, &counters)))
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
            shop: shop.clone(),
            time: *time,
            expires: validity.and_then(|validity| validity.expires(&time.0).ok()).map(AsWritten),
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
        for back in &self.event.data.back {
            let place = usize::try_from(back.line.get()).unwrap_or(usize::MAX);
            let Some((sale, line)) = sale.and_then(|sale| Some((sale, sale.data.lines.get(place)?))) else { continue };
            match sku(&sale.data, line) {
                Some(sku) => wants.entry(sku).or_default().take_back(back.quantity.0),
                None => _ = unknown.insert(&line.code),
            }
        }
        for line in &self.event.data.lines {
            match sku(&self.event.data, line) {
                Some(sku) => wants.entry(sku).or_default().sell(line.quantity.0),
                None => _ = unknown.insert(&line.code),
            }
        }
        Ok(if unknown.is_empty() { Ok(wants) } else { Err(unknown.into_iter().cloned().collect()) })
    }
}

impl EventFields {
    /// The event in double entry, of the event that stands at `path`.
    fn postings(&self, bill: &Bill, voucher: Rupiah, path: &Path<'_>) -> Result<Vec<PostingAnswer>, Refusal> {
        let postings = bill.postings(&self.data.payments(), voucher).map_err(|error| Refusal::inside(error, &path.key("data")))?;
        let posting = |network::Posting { account, debit, credit }| PostingAnswer { account, debit, credit };
        Ok(postings.into_iter().map(posting).collect())
    }
}

impl Recorded {
    /// An event that changes nothing.
    fn nothing(reason: RecordReason, result: Option<String>) -> Self {
        let (unknown, short, stock, tax, entries, accounts, award, audit) = Default::default();
        let (goods, service, tips, payable, total) = Default::default();
        Self { reason, result, unknown, short, stock, tax, goods, service, tips, payable, total, award, entries, accounts, audit }
    }
}

fn event(request: &RecordRequest) -> Result<Recorded, Refusal> {
    let (event, path) = (&request.event, Path::Root.key("event"));
    event.check(&path)?;
    let stock = stock_lines(&request.stock)?;
    meanings(&request.codes)?;
    request.check_award()?;
    let (_, hash) = event.erased()?;
    let known =
        request.known.iter().map(|known| KnownEvent { source: &known.source, id: &known.id, hash: known.hash.0, result: &known.result });
    // Before anything that the host's state decides: a return that is sent again is no second return.
    if let Some((reason, result)) = network::known_event(&known.collect::<Vec<_>>(), &event.source, &event.id, &hash) {
        return Ok(Recorded::nothing(reason, Some(result.to_string())));
    }
    let sale = request.sale()?;
    let Money { bill, total } = request.money(sale)?;
    let award = request.award(total)?;
    let voucher = award.as_ref().map_or(Rupiah::ZERO, |award| award.value);
    let accounts = event.postings(&bill, voucher, &path)?;
    let wants = match request.wants(sale)? {
        Ok(wants) => wants,
        Err(unknown) => return Ok(Recorded { unknown: Some(unknown), ..Recorded::nothing(RecordReason::UnknownCode, None) }),
    };
    let changes = match network::take_stock(&stock, &wants, request.policy)? {
        Ok(changes) => changes,
        Err(short) => {
            let short =
                short.into_iter().map(|short| ShortAnswer { sku: short.sku.to_string(), wanted: short.wanted, available: short.available });
            return Ok(Recorded { short: Some(short.collect()), ..Recorded::nothing(RecordReason::Oversold, None) });
        }
    };
    let change = |change: network::StockChange<'_>| StockChangeAnswer {
        sku: change.sku.to_string(),
        moved: Whole(change.moved),
        backordered: change.backordered,
        left: change.left.map(|line| line.available),
        low: change.left.is_some_and(|line| line.is_low()),
    };
    let (half, _) = hash.split_at(16);
    let result = Hex::text(half);
    let chain = network::chain(request.previous_hex.as_ref().map(|Sha(previous)| previous), &hash);
    Ok(Recorded {
        reason: RecordReason::Recorded,
        entries: Some(request.entries(award.as_ref(), &result)),
        result: Some(result),
        unknown: None,
        short: None,
        stock: Some(changes.into_iter().map(change).collect()),
        tax: Some(bill.taxes.iter().map(|(rate, taxed)| TaxAnswer { rate_bp: *rate, base: taxed.base, tax: taxed.tax }).collect()),
        goods: Some(bill.goods),
        service: Some(bill.service),
        tips: Some(bill.tips),
        payable: Some(bill.payable),
        total: Some(total),
        award,
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

fn erase(request: &EraseRequest) -> Result<Erased, Refusal> {
    request.event.check(&Path::Root.key("event"))?;
    let (event, hash) = request.event.erased()?;
    Ok(Erased { event, hash: Hex(hash.to_vec()) })
}

fn verify(request: &VerifyMessage) -> Result<VerifiedMessage, Refusal> {
    let refuse = |fault, field| Err(Refusal::at(fault, &Path::Root.key(field)));
    let body = match (&request.body, &request.body_hex) {
        (Some(body), None) => body.clone().into_bytes(),
        (None, Some(hex)) => match Hex::parse(hex) {
            Ok(Hex(bytes)) => bytes,
            Err(_) => return refuse(Fault::NotHexBytes, "body_hex"),
        },
        (None, None) => return refuse(Fault::Missing, "body"),
        (Some(_), Some(_)) => return refuse(Fault::BodyForm, "body_hex"),
    };
    let digits = request.signature.strip_prefix("sha256=").unwrap_or(&request.signature);
    let signature = Hex::parse(digits).ok().and_then(|Hex(bytes)| bytes.try_into().ok());
    let reason = network::check_signature(request.key_hex.key()?, &body, signature.as_ref());
    Ok(VerifiedMessage { reason, hash: Hex(canonical::sha256(&body).to_vec()) })
}
