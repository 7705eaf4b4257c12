//! What expires soon, and what is owed.

use crate::api::document::{ProgramDocument, agreed};
use crate::api::operations::voucher::token::VoucherTerms;
use crate::api::wire::{Amount, AsWritten, Path, Refusal, answer, record};
use crate::award::Origin;
use crate::calendar::CivilTime;
use crate::error::Fault;
use crate::ledger::voucher::{self, Expiring, IssuedVoucher, VoucherRedemption, Worth};
use crate::operations;
use crate::quantity::{Count, Points, Rupiah};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

operations! {
    "voucher.reminders" ["VC-10"] "What expires soon, by shopper.": reminders, RemindersRequest => RemindersAnswer;
    "voucher.debt" ["VC-1 VC-5 VC-8"] "What issued vouchers still owe.": debt, DebtRequest => DebtAnswer;
}

record! {
    /// What shoppers hold.
    pub struct RemindersRequest {
        /// Vouchers and lots of points.
        items: Vec<ItemFields>,
        /// The instant of the reminder.
        as_of: CivilTime,
        /// How many times 24 hours ahead it looks; here or in the program's `reminder_days`.
        days: Option<Count>,
        /// The program, whose reminder days hold where this request states none.
        program: Option<ProgramDocument>,
    }
}

record! {
    /// A voucher or a lot of points.
    pub struct ItemFields {
        /// Its id.
        id: String,
        /// Whose it is.
        shopper: String,
        /// From when it can no longer be used; never without.
        expires: Option<CivilTime>,
        /// What a voucher is worth in rupiah; this or `points_milli`.
        value: Option<Amount>,
        /// Thousandths of a point, 0 or more.
        points_milli: Option<Points>,
    }
}

answer! {
    /// What expires soon.
    pub struct RemindersAnswer {
        /// One reminder a shopper, sorted.
        reminders: Vec<ReminderFields>,
    }
}

answer! {
    /// What a shopper is to be reminded of.
    pub struct ReminderFields {
        /// The shopper.
        shopper: String,
        /// The vouchers together, in rupiah.
        value: Rupiah,
        /// The points together, in thousandths.
        points_milli: Points,
        /// The items by their expiry, then id.
        items: Vec<ExpiringItem>,
    }
}

answer! {
    /// An item that expires soon.
    pub struct ExpiringItem {
        /// Its id.
        id: String,
        /// From when it can no longer be used.
        expires: AsWritten,
    }
}

record! {
    /// Vouchers and their redemptions.
    pub struct DebtRequest {
        /// The vouchers, each id once.
        vouchers: Vec<IssuedFields>,
        /// Their redemptions, in any order.
        redemptions: Vec<PartFields> = Vec::new(),
        /// The instant that is asked about.
        as_of: CivilTime,
    }
}

record! {
    /// A voucher that was issued.
    pub struct IssuedFields {
        /// Its unique id.
        id: String,
        /// The shop that owes it.
        issuer: String,
        /// What it is worth, in rupiah.
        value: Amount,
        /// When it was issued.
        issued_at: CivilTime,
        /// From when it can no longer be used; never without.
        expires: Option<CivilTime>,
        /// Whether it was given or paid for.
        origin: Origin = Origin::default(),
    }
}

record! {
    /// A redemption of a voucher, in whole or in part, or its undoing.
    pub struct PartFields {
        /// The voucher.
        id: String,
        /// How much of it, in rupiah; below 0 for what was undone.
        amount: Rupiah,
        /// When.
        time: CivilTime,
    }
}

answer! {
    /// What vouchers owe.
    pub struct DebtAnswer {
        /// All of it, in rupiah.
        debt: Rupiah,
        /// The same by issuer in rupiah, zeros included.
        by_issuer: alloc::collections::BTreeMap<String, Rupiah>,
        /// Of vouchers that were given, in rupiah.
        promotional: Rupiah,
        /// Of vouchers that were paid for, in rupiah.
        purchased: Rupiah,
        /// Vouchers redeemed above their value, sorted.
        over_redeemed: Vec<String>,
        /// Ids of redemptions without a voucher, sorted.
        unknown: Vec<String>,
    }
}

fn reminders(request: &RemindersRequest) -> Result<RemindersAnswer, Refusal> {
    let path = Path::Root.key("items");
    let items = request.items.iter().enumerate().map(|(index, item)| {
        let worth = match (item.value, item.points_milli) {
            (Some(value), None) => Worth::Value(value.0),
            (None, Some(points)) => Worth::Points(points),
            _ => return Err(Refusal::at(Fault::ValueOrPoints, &path.entry(index))),
        };
        Ok(Expiring { id: &item.id, shopper: &item.shopper, expires: item.expires, worth })
    });
    let terms = VoucherTerms::of(request.program.as_ref(), None)?;
    let of_program = terms.get(|terms| terms.reminder_days).map(|days| Count::new(days.into())).transpose()?;
    let days = agreed(request.days, of_program, "days")?.ok_or(Fault::Missing.error().at("days"))?;
    let reminders = voucher::reminders(&items.collect::<Result<Vec<_>, _>>()?, &request.as_of, days)?;
    let item = |(id, expires): (&str, CivilTime)| ExpiringItem { id: id.to_owned(), expires: AsWritten(expires) };
    let reminders = reminders.into_iter().map(|reminder| ReminderFields {
        shopper: reminder.shopper.to_owned(),
        value: reminder.value,
        points_milli: reminder.points,
        items: reminder.items.into_iter().map(item).collect(),
    });
    Ok(RemindersAnswer { reminders: reminders.collect() })
}

fn debt(request: &DebtRequest) -> Result<DebtAnswer, Refusal> {
    let vouchers = request.vouchers.iter().map(|fields| IssuedVoucher {
        id: &fields.id,
        issuer: &fields.issuer,
        value: fields.value.0,
        issued_at: fields.issued_at,
        expires: fields.expires,
        origin: fields.origin,
    });
    let redemptions =
        request.redemptions.iter().map(|fields| VoucherRedemption { id: &fields.id, amount: fields.amount, time: fields.time });
    let debt = voucher::debt(&vouchers.collect::<Vec<_>>(), &redemptions.collect::<Vec<_>>(), &request.as_of)?;
    let owned = |ids: Vec<&str>| ids.into_iter().map(ToOwned::to_owned).collect();
    Ok(DebtAnswer {
        debt: debt.debt,
        by_issuer: debt.by_issuer.into_iter().map(|(issuer, owed)| (issuer.to_owned(), owed)).collect(),
        promotional: debt.promotional,
        purchased: debt.purchased,
        over_redeemed: owned(debt.over_redeemed),
        unknown: owned(debt.unknown),
    })
}
