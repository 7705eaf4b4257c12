//! The keys of an event, from the event alone (NW-1).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::event::{Event, EventClass, EventDetail, ReservedRequest};
use super::name::{ClaimName, ClaimOwner, Id, Owner, OwnerKind, encoded};
use loyalty_rules::calendar::{Date, Month};
use loyalty_rules::sort::ascending;

/// The states that an event touches.
///
/// ```
/// use loyalty_network::fold::keys;
/// # let event = br#"{"event": {"specversion": "1.0", "type": "loyalty.topup", "source": "/A/office", "id": "t1",
/// #     "time": "2025-03-03T08:00:00+07:00", "subject": "shop/A", "data": {"amount": 30000}}}"#;
/// # let event = loyalty_network::fold::read_event(event)?;
///
/// // A top-up of shop A, with the id t1 from its office.
/// let keys = keys(&event);
/// assert_eq!(keys.owner.as_str(), "shop/A");
/// assert_eq!(keys.write, ["seen/%2FA%2Foffice|t1", "shop/A"]);
/// # Ok::<(), loyalty_rules::api::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Whose event it is.
    pub owner: Owner,
    /// The keys of the states that it may change, sorted by their bytes.
    pub write: Vec<String>,
    /// The keys of states that it only reads.
    pub read: Vec<String>,
}

/// The keys of an event.
pub fn keys(event: &Event) -> Keys {
    let mut write = alloc::vec![seen(event)];
    if event.class() == EventClass::Message {
        write.push(inbox_of(event));
    }
    if event.subject.kind() != OwnerKind::Network {
        write.push(event.subject.as_str().into());
    }
    more(event, &mut write);
    ascending(&mut write);
    write.dedup();
    Keys { owner: event.subject.clone(), write, read: Vec::new() }
}

/// The keys of an event beside those that every event of its owner has.
fn more(event: &Event, keys: &mut Vec<String>) {
    let shop = event.subject.name();
    let sale_of_day = |of: &Id, day: Date| [sale(shop, of), format!("day/{shop}/{day}"), ClaimName::of(shop, of.as_str()).key()];
    match &event.data {
        EventDetail::Sale(report) => keys.extend(sale_of_day(&event.id, report.day)),
        EventDetail::Play(report) => keys.extend(sale_of_day(&report.of, report.of_day)),
        EventDetail::Return(report) => keys.extend(sale_of_day(&report.of, report.of_day)),
        EventDetail::Exchange(report) => keys.extend(sale_of_day(&report.of, report.of_day)),
        EventDetail::Void(report) => keys.extend(sale_of_day(&report.of, report.of_day)),
        EventDetail::Accept(report) => keys.push(sale(shop, &report.sale)),
        EventDetail::Opening(report) => keys.extend(report.vouchers.iter().map(|opening| opening.voucher.key())),
        EventDetail::DayClose(report) => keys.extend([format!("day/{shop}/{}", report.day), format!("due/{shop}/{}", report.day)]),
        EventDetail::MonthClose(report) => keys.push(month(shop, report.month)),
        EventDetail::RedeemVoucher(request) => {
            let owner = ClaimOwner::of_voucher(&request.voucher);
            keys.extend(redemption(&owner, request.purchase.shop.as_str(), &event.id, request.purchase.month));
        }
        EventDetail::RedeemPoints(request) => {
            let owner = ClaimOwner::of_account(shop);
            keys.extend(redemption(&owner, request.purchase.shop.as_str(), &event.id, request.purchase.month));
        }
        EventDetail::Reserve(request) => {
            let owner = request.voucher.as_ref().map_or_else(|| ClaimOwner::of_account(shop), ClaimOwner::of_voucher);
            keys.extend(redemption(&owner, request.purchase.shop.as_str(), &event.id, request.purchase.month));
        }
        EventDetail::Commit(request) | EventDetail::Release(request) | EventDetail::RequestEnd(request) => {
            let ReservedRequest { redemption: of, owner, shop, month } = request;
            keys.extend(redemption(owner, shop.as_str(), of, *month));
        }
        EventDetail::Undo(undo) => keys.extend(redemption(&undo.owner, undo.shop.as_str(), &undo.redemption, undo.of_month)),
        EventDetail::UndoAsk(request) => keys.push(sale(shop, &request.sale)),
        EventDetail::ClaimUsed(used) => {
            if let (Some(of), Some(month)) = (&used.redemption, used.month) {
                let account = || (event.subject.kind() == OwnerKind::Account).then(|| ClaimOwner::of_account(shop));
                let owner = used.voucher.as_ref().map(ClaimOwner::of_voucher).or_else(account);
                keys.extend(owner.into_iter().flat_map(|owner| redemption(&owner, used.acceptor.as_str(), of, month)));
            }
        }
        EventDetail::Due(due) => keys.push(format!("due/{shop}/{}", due.date)),
        EventDetail::Expire(expire) => keys.push(expire.voucher.key()),
        EventDetail::Tender(tender) => keys.push(sale(shop, &tender.sale)),
        EventDetail::Closed(closed) => keys.push(format!("period/{}", closed.period.0.get())),
        EventDetail::TopUp(_)
        | EventDetail::Draw(_)
        | EventDetail::Check(_)
        | EventDetail::AccountTick(_)
        | EventDetail::PeriodClose(_)
        | EventDetail::Join(_)
        | EventDetail::Leave(_)
        | EventDetail::Pause(_)
        | EventDetail::Program(_)
        | EventDetail::Transfer(_)
        | EventDetail::Merge(_)
        | EventDetail::Earn(_)
        | EventDetail::LotsIn(_)
        | EventDetail::ClaimReverse(_)
        | EventDetail::ClaimReversed(_)
        | EventDetail::ClaimUnused(_)
        | EventDetail::ClaimExpired(_)
        | EventDetail::DebtPaid(_)
        | EventDetail::ClearingReceived(_)
        | EventDetail::ClearingDraw(_) => {}
    }
}

/// The key of what became of an event.
pub(super) fn seen(event: &Event) -> String {
    format!("seen/{}|{}", encoded(event.source.as_str()), encoded(event.id.as_str()))
}

/// The key of a sale, which is also the source of its messages.
pub(super) fn sale(shop: &str, id: &Id) -> String {
    format!("sale/{shop}/{}", encoded(id.as_str()))
}

fn month(shop: &str, month: Month) -> String {
    format!("month/{shop}/{month}")
}

/// The keys of a redemption: its own, and those of its voucher. An account's state holds its months.
fn redemption(owner: &ClaimOwner, acceptor: &str, id: &Id, of_month: Month) -> Vec<String> {
    let mut keys = alloc::vec![format!("red/{}|{acceptor}|{}", owner.as_str(), encoded(id.as_str()))];
    if let Some(voucher) = owner.voucher() {
        keys.push(month(voucher.issuer(), of_month));
        keys.push(voucher.key());
    }
    keys
}

/// The key of the inbox that counts a message.
pub(super) fn inbox_of(event: &Event) -> String {
    format!("inbox/{}|{}", event.subject.as_str(), event.source.as_str())
}
