//! A shop's month.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::fault::Faults as _;
use crate::{Statement, StatementAccount, StatementEvent, StatementEventKind, StatementLine};
use loyalty_rules::api::json::Node;
use loyalty_rules::api::wire::{Amount, Path, Refusal, answer, operations, read, record};
use loyalty_rules::calendar::{Date, Month};
use loyalty_rules::funding::ExpiredTo;
use loyalty_rules::quantity::Rupiah;

loyalty_rules::wire_words! {
    StatementAccount: UnknownStatementAccount;
    StatementEventKind;
}

operations! {
    "statement.month" ["VC-8 VC-9 GF-8 CL-4 SP-1"] "A shop's vouchers of a month in double entry.": month, MonthRequest => MonthAnswer;
}

record! {
    /// A shop's month.
    pub struct MonthRequest {
        /// The shop.
        shop: String,
        /// The month, `YYYY-MM`.
        month: Month,
        /// The balances before it in rupiah by account, debit positive; they sum to zero.
        opening: BTreeMap<String, Rupiah> = BTreeMap::new(),
        /// What happened, in any order.
        events: Vec<MonthEvent>,
        /// Who keeps the money behind a voucher that expired.
        expired_to: ExpiredTo = ExpiredTo::default(),
    }
}

record! {
    /// An event of a shop's month.
    pub struct MonthEvent {
        /// When.
        date: Date,
        /// What.
        r#type: StatementEventKind,
        /// What it refers to.
        reference: String,
        /// How much, in rupiah.
        amount: Amount,
    }
}

answer! {
    /// A shop's statement.
    pub struct MonthAnswer {
        /// Two lines an event, the debit first, by date, then order of the events; none for Rp0.
        lines: Vec<MonthLine>,
        /// Opening + debits − credits in rupiah of every account named or used; they sum to zero.
        balances: BTreeMap<String, Rupiah>,
        /// The debits together, in rupiah.
        debit: Rupiah,
        /// The credits together, in rupiah; the same.
        credit: Rupiah,
        /// The lines as CSV with a header.
        csv: String,
    }
}

answer! {
    /// A line of a statement.
    pub struct MonthLine {
        /// When.
        date: Date,
        /// The account.
        account: StatementAccount,
        /// In rupiah; 0 on a credit line.
        debit: Rupiah,
        /// In rupiah; 0 on a debit line.
        credit: Rupiah,
        /// What it refers to.
        reference: String,
    }
}

fn month(request: &MonthRequest) -> Result<MonthAnswer, Refusal> {
    let path = Path::Root.key("opening");
    let opening = request.opening.iter().map(|(name, balance)| {
        let account = read::<StatementAccount>(&Node::Text(name.clone()), &path.key(name))?;
        Ok::<_, Refusal>((account, *balance))
    });
    let events = request.events.iter().map(|event| StatementEvent {
        date: event.date,
        kind: event.r#type,
        reference: &event.reference,
        amount: event.amount.0,
    });
    let (opening, events) = (opening.collect::<Result<_, _>>()?, events.collect::<Vec<_>>());
    let statement = Statement::of(request.month, &opening, &events, request.expired_to)?;
    let line = |line: &StatementLine<'_>| MonthLine {
        date: line.date,
        account: line.account,
        debit: line.debit,
        credit: line.credit,
        reference: line.reference.to_owned(),
    };
    Ok(MonthAnswer {
        lines: statement.lines.iter().map(line).collect(),
        balances: statement.balances.iter().map(|(account, balance)| (account.name().to_owned(), *balance)).collect(),
        debit: statement.total,
        credit: statement.total,
        csv: statement.csv(),
    })
}
