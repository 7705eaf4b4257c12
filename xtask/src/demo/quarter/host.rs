//! A host in memory over the typed fold: it loads the states of an event's keys, applies, stores and delivers. It has no
//! loyalty logic.

use std::collections::{BTreeMap, HashMap};
use std::mem::take;

use loyalty_network::fold::{self, *};
use loyalty_rules::api::wire::AsWritten;
use loyalty_rules::calendar::CivilTime;
use serde_json::{Value, json};

use crate::sh::Outcome;

/// Every so many events comes again, and another one with its id.
pub const AGAIN: usize = 50;

/// Declares the stores: the word that their keys begin with, the states by key, the field of [`States`].
macro_rules! stores {
    ($($kind:literal $map:ident: $store:ty, $field:ident;)*) => {
        /// States by key.
        #[derive(Default, PartialEq)]
        pub struct Stored {
            pub vouchers: BTreeMap<String, VoucherState>,
            $(pub $map: $store,)*
        }

        impl Stored {
            /// Takes out what stands at the keys.
            fn load(&mut self, keys: &Keys) -> States {
                let mut states = States::default();
                for key in &keys.write {
                    match kind(key) {
                        $($kind => states.$field = self.$map.remove(key),)*
                        _ => states.vouchers.extend(self.vouchers.remove_entry(key)),
                    }
                }
                states
            }

            /// Puts in what is to stand at the keys; false if a state stands at another one.
            fn store(&mut self, keys: Keys, mut states: States) -> bool {
                for key in keys.write {
                    // What was loaded is gone already, so that an absent state stays absent.
                    match kind(&key) {
                        $($kind => self.$map.extend(states.$field.take().map(|state| (key, state))),)*
                        _ => self.vouchers.extend(states.vouchers.remove_entry(&key)),
                    }
                }
                states == States::default()
            }
        }
    };
}

stores! {
    "seen" seen: HashMap<String, SeenState>, seen;
    "inbox" inboxes: BTreeMap<String, InboxState>, inbox;
    "shop" shops: BTreeMap<String, ShopState>, shop;
    "day" days: HashMap<String, DayState>, day;
    "month" months: HashMap<String, MonthState>, month;
    "sale" sales: BTreeMap<String, SaleState>, sale;
    "red" redemptions: BTreeMap<String, RedemptionState>, redemption;
    "account" accounts: BTreeMap<String, AccountState>, account;
    "due" dues: BTreeMap<String, DueState>, due;
    "period" periods: BTreeMap<String, PeriodState>, period;
}

fn kind(key: &str) -> &str {
    key.split('/').next().unwrap_or_default()
}

/// States, messages under way, and what was seen of them.
pub struct Host {
    pub stored: Stored,
    terms: NetworkTerms,
    pub now: CivilTime,
    /// Messages under way, and how many messages led to each.
    outbox: Vec<Event>,
    lengths: Vec<usize>,
    /// What was applied, in order.
    pub log: Vec<Event>,
    /// Events that will come again.
    again: Vec<Event>,
    pub breaches: Vec<Breach>,
    pub counts: Counts,
}

#[derive(Default)]
pub struct Counts {
    /// Events that came again.
    pub repeated: usize,
    /// How often everything was added up, and the most messages under way then.
    pub looks: usize,
    pub most_under_way: usize,
    /// The longest chain of messages.
    pub longest: usize,
    /// Events that waited, states of other keys, repetitions that counted: none is right.
    pub waited: usize,
    pub other_keys: usize,
    pub counted_again: usize,
}

impl Host {
    /// An empty host.
    pub fn new(terms: NetworkTerms, now: CivilTime) -> Self {
        let (stored, outbox, lengths, log, again, breaches, counts) = Default::default();
        Self { stored, terms, now, outbox, lengths, log, again, breaches, counts }
    }

    /// A report whose id nobody names; what it led to.
    pub fn report(&mut self, kind: &str, subject: &str, data: &Value) -> Outcome<&[Fact]> {
        self.happens(kind, subject, &format!("e{}", self.log.len()), data)
    }

    /// Something happens outside; what it led to.
    pub fn happens(&mut self, kind: &str, subject: &str, id: &str, data: &Value) -> Outcome<&[Fact]> {
        let (kind, time) = (format!("loyalty.{kind}"), self.now.to_string());
        let event =
            json!({"specversion": "1.0", "type": kind, "source": "tills", "id": id, "time": time, "subject": subject, "data": data});
        let request = json!({"event": event}).to_string();
        let event = read_event(request.as_bytes()).map_err(|refused| format!("{request}: {refused}"))?;
        self.apply(event, 0)?;
        Ok(self.stored.seen.get(&format!("seen/tills|{}", encoded(id))).map_or(&[], |seen| &seen.facts))
    }

    fn apply(&mut self, event: Event, length: usize) -> Outcome {
        let keys = keys(&event);
        let states = self.stored.load(&keys);
        let applied = self.answer(&event, states)?;
        self.counts.waited += usize::from(applied.outcome != fold::Outcome::Applied);
        self.lengths.extend(applied.out().iter().map(|_| length + 1));
        self.outbox.extend_from_slice(applied.out());
        let states = applied.states.ok_or_else(|| format!("{} came before", event.id.as_str()))?;
        self.counts.other_keys += usize::from(!self.stored.store(keys, states));
        self.counts.longest = self.counts.longest.max(length);
        if self.log.len().is_multiple_of(AGAIN) {
            self.again.push(event.clone());
        }
        self.log.push(event);
        Ok(())
    }

    fn answer(&self, event: &Event, states: States) -> Outcome<Applied> {
        let refused = |refused| format!("{} {} of {}: {refused}", event.data.kind().name(), event.id.as_str(), event.subject.as_str());
        fold::apply(event, None, states, &self.terms).map_err(refused)
    }

    /// An event that counted comes again, and with another time. Of a message, what became of it may be forgotten.
    fn comes_again(&mut self, event: &Event) -> Outcome {
        let time = AsWritten(CivilTime::from_epoch(0, event.time.0.offset()).map_err(|error| error.to_string())?);
        let forged = Event { time, ..event.clone() };
        let keys = keys(event);
        let states = self.stored.load(&keys);
        let forgotten = States { seen: states.seen.clone().filter(|_| event.number.is_none()), ..states.clone() };
        let (again, conflict) = (fold::Outcome::Duplicate, fold::Outcome::Conflict);
        for (event, states, expected) in [(event, forgotten, again), (event, states.clone(), again), (&forged, states.clone(), conflict)] {
            let answer = self.answer(event, states)?;
            self.counts.counted_again += usize::from((answer.outcome, answer.states) != (expected, None));
        }
        self.stored.store(keys, states);
        self.counts.repeated += 1;
        Ok(())
    }

    /// Delivers all messages, the newest first, and then what comes again.
    pub fn deliver(&mut self) -> Outcome {
        while let Some((message, length)) = self.outbox.pop().zip(self.lengths.pop()) {
            self.apply(message, length)?;
        }
        for event in take(&mut self.again) {
            self.comes_again(&event)?;
        }
        Ok(())
    }

    /// What is due happens; messages go.
    pub fn due(&mut self) -> Outcome {
        let Stored { accounts, dues, redemptions, vouchers, .. } = &mut self.stored;
        let states = DueStates { accounts: take(accounts), days: take(dues), redemptions: take(redemptions), vouchers: take(vouchers) };
        let due = states.due(&self.now);
        (*accounts, *dues, *redemptions, *vouchers) = (states.accounts, states.days, states.redemptions, states.vouchers);
        for DueEvent { subject, data } in due {
            let (source, id) = Source::new("host").zip(Id::new(&format!("d{}", self.log.len()))).ok_or("no id")?;
            self.apply(Event { source, id, time: AsWritten(self.now), subject, number: None, data }, 0)?;
        }
        self.deliver()
    }

    /// Looks whether everything adds up, with the messages under way.
    pub fn check(&mut self) -> Outcome {
        let Stored { shops, sales, vouchers, accounts, inboxes, .. } = &mut self.stored;
        let mut network = Network { sent: &self.outbox, ..Network::default() };
        (network.shops, network.sales, network.vouchers) = (take(shops), take(sales), take(vouchers));
        (network.accounts, network.inboxes) = (take(accounts), take(inboxes));
        self.breaches.extend(network.breach().map_err(|error| error.to_string())?);
        self.counts.looks += 1;
        self.counts.most_under_way = self.counts.most_under_way.max(self.outbox.len());
        (*shops, *sales, *vouchers) = (network.shops, network.sales, network.vouchers);
        (*accounts, *inboxes) = (network.accounts, network.inboxes);
        Ok(())
    }

    /// Each owner's log by itself, in an empty host.
    pub fn replayed(&self) -> Outcome<Stored> {
        let mut host = Self::new(self.terms.clone(), self.now);
        let mut by_owner = BTreeMap::<&Owner, Vec<&Event>>::new();
        self.log.iter().for_each(|event| by_owner.entry(&event.subject).or_default().push(event));
        by_owner.into_values().flatten().try_for_each(|event| host.apply(event.clone(), 0))?;
        Ok(host.stored)
    }
}
