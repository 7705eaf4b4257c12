//! The network as one fold: the keys of an event, and the event applied.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::fold::{
    self, AccountState, ClaimOwner, DayState, DueStates, Event, EventDetail, EventKind, EventRequest, Fact, Id, InboxState, Keys, Network,
    NetworkLaw, NetworkProgram, NetworkSettings, NetworkTerms, Outcome, Owner, SaleState, SeenState, ShopState, Source, StateNodes, States,
    VoucherState,
};
use loyalty_rules::api::document::ProgramDocument;
use loyalty_rules::api::fields::BySlot;
use loyalty_rules::api::json::{Entry, Json, Node};
use loyalty_rules::api::operations::award::decide::{CounterFields, MerchantFields, ShopperFields};
use loyalty_rules::api::wire::{
    AsWritten, At, Defs, Describe, Object, Path, Properties, Read, Refusal, Write, answer, operations, read, record,
};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::quantity::{Count, Rupiah};

operations! {
    "network.keys" ["NW-1 NW-7"] "The keys of the states that an event touches.": keys, EventRequest => EventKeys;
    "network.apply" ["NW-1 NW-2 NW-3 NW-4 NW-5 NW-6 NW-7 NW-8 NW-9 NW-11"] "An event applied to the states of its keys.": apply, FoldStep => FoldStepAnswer;
    "return.quote" ["NW-9 AW-8"] "What a return, an exchange or a void would do, before money is handed out.": quoted, ReturnQuestion => ReturnQuoted;
    "network.check" ["NW-5"] "The first place where states and messages under way do not add up.": check, NetworkStates => NetworkCheck;
    "network.view" ["NW-7 AW-7 GF-7"] "What a till carries into a sale.": view, ViewRequest => TillView;
    "network.due" ["NW-6 VC-4"] "What expires, and which deadlines have passed.": due, ViewRequest => DueEvents;
    "network.status" ["NW-4"] "What became of an event whose answer was lost.": status, StatusRequest => EventStatus;
    "network.diagnose" ["NW-5 NW-6"] "What is under way, waits or stands open.": diagnose, NetworkStates => NetworkDiagnosis;
}

answer! {
    /// The keys of an event.
    pub struct EventKeys {
        /// Whose event it is.
        owner: String,
        /// The keys of the states that it may change, sorted by their bytes.
        write: Vec<String>,
        /// The keys of states that it only reads.
        read: Vec<String>,
    }
}

record! {
    /// An event and the states of its keys.
    pub struct FoldStep {
        /// The event.
        event: Event,
        /// The time at which an event that waited is judged, as `again` stated it.
        at: Option<AsWritten>,
        /// The states of its keys, `null` for an absent one.
        states: StateNodes,
        /// Pinned versions of the network's programs.
        programs: Vec<ProgramDocument> = Vec::new(),
        /// The settings.
        settings: NetworkSettings = NetworkSettings::default(),
    }
}

/// The answer of a step, which is written key by key.
#[derive(Clone, Debug)]
pub struct FoldStepAnswer {
    keys: Keys,
    applied: fold::Applied,
}

answer! {
    /// A waiting event that may go now.
    pub struct ReleasedEvent {
        /// The event.
        event: Event,
        /// The time at which it is judged.
        at: AsWritten,
    }
}

impl Object for FoldStepAnswer {
    const NAME: &'static str = "FoldStepAnswer";
    const DOC: &'static str = "What an event led to.";

    fn put(&self, entry: &mut Entry<'_>) {
        let fold::Applied { outcome, states, again, .. } = &self.applied;
        entry.value("outcome", outcome);
        entry.put("states", |json| {
            json.object(|entry| {
                for key in self.keys.write.iter().chain(&self.keys.read) {
                    if let Some(states) = states {
                        entry.put(key, |json| states.write(key, json));
                    }
                }
            });
        });
        entry.put("facts", |json| json.list(self.applied.facts(), |json, fact| fact.write(json)));
        entry.put("out", |json| json.list(self.applied.out(), |json, event| event.write(json)));
        let again: Vec<ReleasedEvent> = again.iter().map(|next| ReleasedEvent { event: next.event.clone(), at: next.at }).collect();
        entry.value("again", &again);
    }

    fn describe(properties: &mut Properties<'_>) {
        properties.field::<Outcome>("outcome", "What became of it.", true, None);
        properties.field::<StateNodes>(
            "states",
            "The states of its keys, `null` for an absent one; of a duplicate and a conflict none.",
            true,
            None,
        );
        properties.field::<Vec<Fact>>("facts", "What happened.", true, None);
        properties.field::<Vec<Event>>("out", "Messages to other owners.", true, None);
        properties.field::<Vec<ReleasedEvent>>("again", "Waiting events that may go now.", true, None);
    }
}

impl Read for StateNodes {
    fn read(at: &At<'_>) -> Self {
        match at.node {
            Node::Object(entries) => Self(entries.clone()),
            _ => at.refuse(loyalty_rules::error::Fault::WantsObject, Self::default()),
        }
    }
}

impl Write for StateNodes {
    fn write(&self, json: &mut Json) {
        json.object(|entry| {
            for (key, node) in &self.0 {
                entry.put(key, |json| json.raw(&loyalty_rules::api::canonical::bytes(node)));
            }
        });
    }
}

impl Describe for StateNodes {
    fn schema(_: &mut Defs) -> String {
        "{\"type\":\"object\",\"additionalProperties\":{\"anyOf\":[{\"type\":\"object\"},{\"type\":\"null\"}]}}".into()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every operation may refuse")]
fn keys(request: &EventRequest) -> Result<EventKeys, Refusal> {
    let Keys { owner, write, read } = fold::keys(&request.event);
    Ok(EventKeys { owner: owner.as_str().into(), write, read })
}

/// Proves the programs of a network.
fn terms(programs: &[ProgramDocument], settings: &NetworkSettings) -> Result<NetworkTerms, Refusal> {
    let list = Path::Root.key("programs");
    let prove = |(index, document): (usize, &ProgramDocument)| NetworkProgram::prove(document, &list.entry(index));
    let programs = programs.iter().enumerate().map(prove).collect::<Result<_, _>>()?;
    Ok(NetworkTerms { programs, settings: settings.clone() })
}

fn quoted(request: &ReturnQuestion) -> Result<ReturnQuoted, Refusal> {
    let states = States::read(&fold::keys(&request.event), &request.states.0, &Path::Root.key("states"))?;
    let terms = terms(&request.programs, &request.settings)?;
    let quote = fold::quote(&request.event, states, request.account.as_ref(), &terms)?;
    let claim = |claim: fold::ClaimBack| ClaimBackFields { of: claim.of, owner: claim.owner, amount: claim.amount };
    Ok(ReturnQuoted {
        sold: quote.is_sold,
        amount: quote.amount,
        money: quote.money,
        above: quote.above,
        new_purchase: quote.new_purchase,
        claims: quote.claims.into_iter().map(claim).collect(),
        kept: quote.kept,
        taken_back: quote.taken_back,
        free: quote.taken.map(|taken| taken.free),
        debt: quote.taken.map(|taken| taken.debt),
        expired: quote.taken.map(|taken| taken.expired),
        lost: quote.taken.map(|taken| taken.lost),
    })
}

fn apply(request: &FoldStep) -> Result<FoldStepAnswer, Refusal> {
    let keys = fold::keys(&request.event);
    let states = States::read(&keys, &request.states.0, &Path::Root.key("states"))?;
    let terms = terms(&request.programs, &request.settings)?;
    let applied = fold::apply(&request.event, request.at, states, &terms)?;
    Ok(FoldStepAnswer { keys, applied })
}

record! {
    /// A return, and the states that tell what it would do.
    pub struct ReturnQuestion {
        /// The return, the exchange or the void.
        event: Event,
        /// The states of its keys, `null` for an absent one.
        states: StateNodes,
        /// The account of the sale's member, if the sale gave points.
        account: Option<AccountState>,
        /// Pinned versions of the network's programs.
        programs: Vec<ProgramDocument> = Vec::new(),
        /// The settings.
        settings: NetworkSettings = NetworkSettings::default(),
    }
}

answer! {
    /// What a return would do. Amounts are rupiah.
    pub struct ReturnQuoted {
        /// Whether the sale has come; if not, the return would wait for it.
        sold: bool,
        /// What would come back of the sale.
        amount: Rupiah,
        /// What of it is handed out in money.
        money: Rupiah,
        /// What would be returned above the sale.
        above: Rupiah,
        /// What an exchange gives out above what comes back.
        new_purchase: Rupiah,
        /// Payments by claims that would be given back.
        claims: Vec<ClaimBackFields>,
        /// What would be kept of the award.
        kept: Rupiah,
        /// What would be taken back of it.
        taken_back: Rupiah,
        /// What of that was not used yet; this and the next three are absent if the account was not given.
        [omit] free: Option<Rupiah>,
        /// What the member used and would owe.
        [omit] debt: Option<Rupiah>,
        /// What had expired.
        [omit] expired: Option<Rupiah>,
        /// What nobody owes.
        [omit] lost: Option<Rupiah>,
    }
}

answer! {
    /// A payment by a claim that would be given back.
    pub struct ClaimBackFields {
        /// The redemption.
        of: String,
        /// Who holds the claim.
        owner: ClaimOwner,
        /// How much of it, in rupiah.
        amount: Rupiah,
    }
}

record! {
    /// States of a network, and its messages that were not delivered.
    pub struct NetworkStates {
        /// States by key.
        states: StateNodes,
        /// Messages that were sent and not acknowledged; one that an inbox has is taken as applied.
        out: Vec<Event> = Vec::new(),
    }
}

answer! {
    /// Whether states add up.
    pub struct NetworkCheck {
        /// Whether they do.
        holds: bool,
        /// The first law that does not hold.
        [omit] law: Option<NetworkLaw>,
        /// The key where it does not.
        [omit] key: Option<String>,
        /// One side, in rupiah.
        [omit] is: Option<Rupiah>,
        /// The other side, in rupiah.
        [omit] should: Option<Rupiah>,
    }
}

record! {
    /// States and an instant.
    pub struct ViewRequest {
        /// States by key.
        states: StateNodes,
        /// The instant.
        now: CivilTime,
    }
}

answer! {
    /// What a till carries into a sale.
    pub struct TillView {
        /// Of an account: the shopper.
        [omit] shopper: Option<ShopperFields>,
        /// Of a shop: the merchant.
        [omit] merchant: Option<MerchantFields>,
        /// Of a day: its counters.
        [omit] counters: Option<CounterFields>,
    }
}

answer! {
    /// What a host is to send.
    pub struct DueEvents {
        /// The events, without source, id and time.
        events: Vec<EventToSend>,
    }
}

answer! {
    /// An event without source, id and time.
    pub struct EventToSend {
        /// Its type.
        r#type: EventKind,
        /// Its owner.
        subject: Owner,
        /// What it says.
        data: EventDetail,
    }
}

record! {
    /// An event, and what is known of it.
    pub struct StatusRequest {
        /// The event.
        event: Event,
        /// The state of its `seen` key; absent if there is none.
        seen: Option<SeenState>,
    }
}

loyalty_rules::words! {
    /// What is known of an event.
    pub enum KnownStatus {
        /// It did not come.
        Unknown = "unknown",
        /// It counts.
        Applied = "applied",
        /// It waits.
        Waiting = "waiting",
        /// Another event of its source and id counts.
        Conflict = "conflict",
    }
}

loyalty_rules::wire_words! {
    KnownStatus;
}

answer! {
    /// What became of an event.
    pub struct EventStatus {
        /// What became of it.
        status: KnownStatus,
        /// What it led to.
        facts: Vec<Fact>,
        /// What it told others.
        out: Vec<Event>,
    }
}

answer! {
    /// What is under way, waits or stands open.
    pub struct NetworkDiagnosis {
        /// The number of messages under way.
        under_way: Count,
        /// The oldest of them.
        [omit] oldest: Option<OldestMessage>,
        /// Requests that wait.
        waiting: Vec<WaitingRequest>,
        /// Payments that a sale counts on and nobody has decided, or that were decided and have no sale.
        open_tenders: Vec<OpenTender>,
        /// What came back above what was sold.
        suspense: Vec<SuspenseAmount>,
    }
}

answer! {
    /// A message under way.
    pub struct OldestMessage {
        /// Who sent it.
        source: Source,
        /// Its id.
        id: Id,
        /// Since when.
        time: AsWritten,
    }
}

answer! {
    /// A request that waits.
    pub struct WaitingRequest {
        /// The key that it waits for.
        on: String,
        /// Who sent it.
        source: Source,
        /// Its id.
        id: Id,
        /// Since when.
        since: AsWritten,
    }
}

answer! {
    /// A payment that is not settled.
    pub struct OpenTender {
        /// The key of the sale.
        key: String,
        /// The redemption.
        redemption: String,
        /// What the sale claims, in rupiah.
        want: Rupiah,
        /// What was granted, in rupiah.
        granted: Rupiah,
    }
}

answer! {
    /// What came back above what was sold.
    pub struct SuspenseAmount {
        /// The key of the sale.
        key: String,
        /// Rupiah.
        amount: Rupiah,
    }
}

/// The states of a kind, by key.
fn of_kind<T: Read>(states: &StateNodes, kind: &str) -> Result<BTreeMap<String, T>, Refusal> {
    let list = Path::Root.key("states");
    let of_kind = states.0.iter().filter(|(key, node)| key.split('/').next() == Some(kind) && *node != Node::Null);
    of_kind.map(|(key, node)| Ok((key.clone(), read(node, &list.key(key))?))).collect()
}

/// The states that must add up, by kind.
struct Books {
    shops: BTreeMap<String, ShopState>,
    sales: BTreeMap<String, SaleState>,
    vouchers: BTreeMap<String, VoucherState>,
    accounts: BTreeMap<String, AccountState>,
    inboxes: BTreeMap<String, InboxState>,
}

impl Books {
    fn read(states: &StateNodes) -> Result<Self, Refusal> {
        Ok(Self {
            shops: of_kind(states, "shop")?,
            sales: of_kind(states, "sale")?,
            vouchers: of_kind(states, "voucher")?,
            accounts: of_kind(states, "account")?,
            inboxes: of_kind(states, "inbox")?,
        })
    }

    fn network<'a>(&'a self, sent: &'a [Event]) -> Network<'a> {
        Network {
            shops: self.shops.iter().map(|(key, shop)| (key.trim_start_matches("shop/"), shop)).collect(),
            sales: self.sales.iter().map(|(key, sale)| (key.as_str(), sale)).collect(),
            vouchers: self.vouchers.iter().map(|(key, voucher)| (key.as_str(), voucher)).collect(),
            accounts: self.accounts.iter().map(|(key, account)| (key.as_str(), account)).collect(),
            inboxes: self.inboxes.iter().map(|(key, inbox)| (key.as_str(), inbox)).collect(),
            sent,
        }
    }
}

fn check(request: &NetworkStates) -> Result<NetworkCheck, Refusal> {
    let books = Books::read(&request.states)?;
    Ok(match books.network(&request.out).breach()? {
        None => NetworkCheck { holds: true, law: None, key: None, is: None, should: None },
        Some(breach) => {
            NetworkCheck { holds: false, law: Some(breach.law), key: Some(breach.key), is: Some(breach.is), should: Some(breach.should) }
        }
    })
}

fn view(request: &ViewRequest) -> Result<TillView, Refusal> {
    let account = of_kind::<AccountState>(&request.states, "account")?.into_values().next();
    let shop = of_kind::<ShopState>(&request.states, "shop")?.into_values().next();
    let day = of_kind::<DayState>(&request.states, "day")?.into_iter().next();
    let shopper = account.map(|account| account.shopper(&request.now)).transpose()?;
    let merchant = shop.map(|shop| fold::merchant(&shop)).transpose()?;
    Ok(TillView {
        shopper: shopper.map(|shopper| ShopperFields {
            prior_points_milli: shopper.prior_points,
            purchases: shopper.purchases,
            carried: shopper.carried,
        }),
        merchant: merchant.map(|merchant| MerchantFields {
            suspended: merchant.suspended,
            registered: merchant.registered,
            fund_balance: merchant.fund_balance,
            outstanding: merchant.outstanding,
        }),
        counters: day.map(|(key, day)| CounterFields {
            day: key.rsplit('/').next().and_then(|day| day.parse().ok()),
            released_today: day.released,
            awards_by_slot: Some(day.awards).filter(|awards| *awards != BySlot::default()),
            released_by_slot: Some(day.released_by_slot).filter(|released| *released != BySlot::default()),
        }),
    })
}

fn due(request: &ViewRequest) -> Result<DueEvents, Refusal> {
    let states = DueStates {
        accounts: of_kind(&request.states, "account")?,
        days: of_kind(&request.states, "due")?,
        redemptions: of_kind(&request.states, "red")?,
        vouchers: of_kind(&request.states, "voucher")?,
    };
    let event = |due: fold::DueEvent| EventToSend { r#type: due.data.kind(), subject: due.subject, data: due.data };
    Ok(DueEvents { events: states.due(&request.now).into_iter().map(event).collect() })
}

#[expect(clippy::unnecessary_wraps, reason = "every operation may refuse")]
fn status(request: &StatusRequest) -> Result<EventStatus, Refusal> {
    let nothing = |status| EventStatus { status, facts: Vec::new(), out: Vec::new() };
    let Some(seen) = &request.seen else { return Ok(nothing(KnownStatus::Unknown)) };
    if !seen.is_of(&request.event) {
        return Ok(nothing(KnownStatus::Conflict));
    }
    let status = if seen.outcome == Outcome::Waiting { KnownStatus::Waiting } else { KnownStatus::Applied };
    Ok(EventStatus { status, facts: seen.facts.clone(), out: seen.out.clone() })
}

fn diagnose(request: &NetworkStates) -> Result<NetworkDiagnosis, Refusal> {
    let books = Books::read(&request.states)?;
    let network = books.network(&request.out);
    let Books { sales, vouchers, .. } = &books;
    let oldest = network.under_way().min_by_key(|event| event.time.0.instant_nanos());
    let waits = |(key, event): (&String, &Event)| WaitingRequest {
        on: key.clone(),
        source: event.source.clone(),
        id: event.id.clone(),
        since: event.time,
    };
    let waiting = vouchers.iter().flat_map(|(key, voucher)| voucher.waiting.iter().map(move |event| (key, event)));
    let tenders = sales.iter().flat_map(|(key, sale)| sale.tenders.iter().map(move |(of, tender)| (key, of, tender)));
    let open = tenders.filter(|(_, _, tender)| tender.want != tender.amount).map(|(key, of, tender)| OpenTender {
        key: key.clone(),
        redemption: of.clone(),
        want: tender.want,
        granted: tender.amount,
    });
    let above = sales.iter().filter(|(_, sale)| !sale.above.is_zero());
    Ok(NetworkDiagnosis {
        under_way: Count::from_result(crate::count(network.under_way().count()))?,
        oldest: oldest.map(|event| OldestMessage { source: event.source.clone(), id: event.id.clone(), time: event.time }),
        waiting: waiting.map(waits).collect(),
        open_tenders: open.collect(),
        suspense: above.map(|(key, sale)| SuspenseAmount { key: key.clone(), amount: sale.above }).collect(),
    })
}
