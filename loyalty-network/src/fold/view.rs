//! What is seen of states: what a till carries into an event, and what is due.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::account::usable;
use super::event::{DayReport, EventDetail, NowReport, ReservedRequest};
use super::name::{ClaimOwner, Id, Name, Owner, decoded};
use super::reserved::waits_until;
use super::state::{AccountState, DueState, RedemptionState, VoucherState};
use loyalty_rules::award::Shopper;
use loyalty_rules::calendar::{CivilTime, Date, Month};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, PointValue, Rupiah};

impl AccountState {
    /// The shopper as a sale sees it: the points that can be used at an instant, and the purchases.
    ///
    /// ```
    /// use loyalty_network::fold::AccountState;
    ///
    /// let shopper = AccountState::default().shopper(&"2025-03-03T10:00:00+07:00".parse()?)?;
    /// assert_eq!((shopper.prior_points.milli(), shopper.purchases.get()), (0, 0));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` if the points leave the domain.
    pub fn shopper(&self, now: &CivilTime) -> Result<Shopper, Error> {
        let open = usable(self, now).iter().try_fold(Rupiah::ZERO, |sum, (_, open)| sum.checked_add(*open))?;
        // A purchase that was given back before it came does not count yet.
        let purchases = Count::new(self.purchases.0.max(0))?;
        Ok(Shopper::new(PointValue::default().points(open)?, purchases))
    }
}

/// Something that a host is to send.
#[derive(Clone, Debug, PartialEq)]
pub struct DueEvent {
    /// Its owner.
    pub subject: Owner,
    /// What it says, and so its type.
    pub data: EventDetail,
}

/// States by key of which something can be due.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DueStates {
    /// Accounts.
    pub accounts: BTreeMap<String, AccountState>,
    /// Days at whose start vouchers expire.
    pub days: BTreeMap<String, DueState>,
    /// Redemptions.
    pub redemptions: BTreeMap<String, RedemptionState>,
    /// Vouchers.
    pub vouchers: BTreeMap<String, VoucherState>,
}

impl DueStates {
    /// What is due at an instant: lots that have expired, days to close whose vouchers have, and requests that wait, or keep a
    /// claim, past their deadline.
    ///
    /// ```
    /// use loyalty_network::fold::{DueState, DueStates};
    ///
    /// let due = DueState { vouchers: vec!["A~s1".to_string()], ..DueState::default() };
    /// let states = DueStates { days: [("due/A/2025-04-02".to_string(), due)].into(), ..DueStates::default() };
    /// assert!(states.due(&"2025-04-01T23:59:59+07:00".parse()?).is_empty());
    /// let due = states.due(&"2025-04-02T00:00:00+07:00".parse()?);
    /// assert_eq!((due[0].subject.as_str(), due[0].data.kind().name()), ("shop/A", "loyalty.day.close"));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn due(&self, now: &CivilTime) -> Vec<DueEvent> {
        let is_past = |instant: Option<CivilTime>| instant.is_some_and(|instant| now.nanos_since(&instant) >= 0);
        let has_expired = |account: &AccountState| account.lots.values().any(|lot| is_past(lot.expires) && !lot.open().is_zero());
        let mut events = Vec::new();
        for (key, _) in self.accounts.iter().filter(|(_, account)| has_expired(account)) {
            let subject = Owner::account(key.trim_start_matches("account/"));
            events.push(DueEvent { subject, data: EventDetail::AccountTick(NowReport { now: *now }) });
        }
        for (key, _) in self.days.iter().filter(|(_, due)| !due.closed && !due.vouchers.is_empty()) {
            let mut parts = key.trim_start_matches("due/").split('/');
            let (Some(shop), Some(Ok(day))) = (parts.next(), parts.next().map(str::parse::<Date>)) else { continue };
            if day <= now.date() {
                events.push(DueEvent { subject: Owner::shop(shop), data: EventDetail::DayClose(DayReport { day }) });
            }
        }
        let is_over = |deadline: Option<CivilTime>| deadline.is_some_and(|deadline| now.nanos_since(&deadline) > 0);
        for (key, redemption) in self.redemptions.iter().filter(|(_, redemption)| is_over(redemption.deadline) && !redemption.ended) {
            events.extend(redemption.month.and_then(|month| end(key, month)));
        }
        for event in self.vouchers.values().flat_map(|voucher| &voucher.waiting).filter(|event| is_over(waits_until(event))) {
            let keys = super::keys(event).write;
            let of_kind = |kind: &str| keys.iter().find(|key| key.starts_with(kind));
            let month = of_kind("month/").and_then(|key| key.rsplit('/').next()).and_then(|month| month.parse().ok());
            events.extend(of_kind("red/").zip(month).and_then(|(key, month)| end(key, month)));
        }
        events
    }
}

/// The end of the redemption of a key.
fn end(key: &str, month: Month) -> Option<DueEvent> {
    let mut parts = key.strip_prefix("red/")?.split('|');
    let owner = ClaimOwner::new(parts.next()?)?;
    let (shop, redemption) = (Name::new(parts.next()?)?, Id::new(&decoded(parts.next()?))?);
    let subject = owner.subject();
    Some(DueEvent { subject, data: EventDetail::RequestEnd(ReservedRequest { redemption, owner, shop, month }) })
}
