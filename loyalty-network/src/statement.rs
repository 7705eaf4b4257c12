use crate::fault::Faults as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use loyalty_rules::calendar::{Date, Month};
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::funding::ExpiredTo;
use loyalty_rules::quantity::Rupiah;
use loyalty_rules::sort;
use loyalty_rules::words;

words! {
    /// The accounts of a shop's statement.
    #[derive(PartialOrd, Ord)]
    pub enum StatementAccount {
        /// Cash and bank.
        Cash = "cash",
        /// Rounding of cash payments (VC-9).
        CashRounding = "cash_rounding",
        /// The shop's guarantee fund.
        GuaranteeFund = "guarantee_fund",
        /// What other shops owe for their vouchers taken here.
        NetworkReceivable = "network_receivable",
        /// What is owed to shops that took vouchers of this one.
        NetworkPayable = "network_payable",
        /// What is owed to the operator.
        OperatorPayable = "operator_payable",
        /// What producer and operator owe for their parts of vouchers.
        PartnerReceivable = "partner_receivable",
        /// Sales.
        Sales = "sales",
        /// What vouchers cost.
        VoucherExpense = "voucher_expense",
        /// Vouchers issued and not yet used.
        VoucherLiability = "voucher_liability",
    }
}

words! {
    /// What happens to a shop's accounts.
    pub enum StatementEventKind {
        /// A voucher is promised.
        Issue = "issue",
        /// Producer or operator bear their part of it (SP).
        Funded = "funded",
        /// A voucher is sold (VC-8).
        SellVoucher = "sell_voucher",
        /// A voucher of this shop is used here.
        RedeemOwn = "redeem_own",
        /// A voucher of another shop is used here.
        Accept = "accept",
        /// A voucher of this shop is used elsewhere.
        Honour = "honour",
        /// A voucher of this shop is used here no more, because its purchase went back (VC-5).
        RedeemOwnUndone = "redeem_own_undone",
        /// The same of another shop's voucher.
        AcceptUndone = "accept_undone",
        /// The same elsewhere of a voucher of this shop.
        HonourUndone = "honour_undone",
        /// A voucher is taken back.
        Reverse = "reverse",
        /// A voucher expires.
        Expire = "expire",
        /// The guarantee fund is paid in.
        TopUp = "top_up",
        /// The fund pays other shops.
        ClearingPaid = "clearing_paid",
        /// The operator covers what the fund lacks.
        ClearingCovered = "clearing_covered",
        /// Other shops' funds, or the operator, pay this shop.
        ClearingReceived = "clearing_received",
        /// A cash payment is rounded up.
        RoundedUp = "rounded_up",
        /// A cash payment is rounded down.
        RoundedDown = "rounded_down",
    }
}

impl StatementEventKind {
    /// The account that is debited and the one that is credited.
    pub const fn accounts(self, expired_to: ExpiredTo) -> (StatementAccount, StatementAccount) {
        use StatementAccount as Account;
        match (self, expired_to) {
            (Self::Issue, _) => (Account::VoucherExpense, Account::VoucherLiability),
            (Self::Funded, _) => (Account::PartnerReceivable, Account::VoucherExpense),
            (Self::SellVoucher, _) => (Account::Cash, Account::VoucherLiability),
            (Self::RedeemOwn, _) => (Account::VoucherLiability, Account::Sales),
            (Self::Accept, _) => (Account::NetworkReceivable, Account::Sales),
            (Self::Honour, _) => (Account::VoucherLiability, Account::NetworkPayable),
            (Self::RedeemOwnUndone, _) => (Account::Sales, Account::VoucherLiability),
            (Self::AcceptUndone, _) => (Account::Sales, Account::NetworkReceivable),
            (Self::HonourUndone, _) => (Account::NetworkPayable, Account::VoucherLiability),
            (Self::Reverse, _) | (Self::Expire, ExpiredTo::Shop) => (Account::VoucherLiability, Account::VoucherExpense),
            (Self::Expire, ExpiredTo::Operator) => (Account::VoucherLiability, Account::GuaranteeFund),
            (Self::TopUp, _) => (Account::GuaranteeFund, Account::Cash),
            (Self::ClearingPaid, _) => (Account::NetworkPayable, Account::GuaranteeFund),
            (Self::ClearingCovered, _) => (Account::NetworkPayable, Account::OperatorPayable),
            (Self::ClearingReceived, _) => (Account::Cash, Account::NetworkReceivable),
            (Self::RoundedUp, _) => (Account::Cash, Account::CashRounding),
            (Self::RoundedDown, _) => (Account::CashRounding, Account::Cash),
        }
    }
}

/// An event of a shop's month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementEvent<'a> {
    /// When.
    pub date: Date,
    /// What.
    pub kind: StatementEventKind,
    /// What it refers to.
    pub reference: &'a str,
    /// How much, in rupiah, zero or more.
    pub amount: Rupiah,
}

/// A line of a statement: a debit or a credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementLine<'a> {
    /// When.
    pub date: Date,
    /// The account.
    pub account: StatementAccount,
    /// In rupiah; zero on a credit line.
    pub debit: Rupiah,
    /// In rupiah; zero on a debit line.
    pub credit: Rupiah,
    /// What it refers to.
    pub reference: &'a str,
}

/// A shop's month in double entry. Amounts are rupiah.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Two lines an event, the debit first, by date, then order of the events; none for Rp0.
    pub lines: Vec<StatementLine<'a>>,
    /// Opening + debits − credits of every account named or used; they sum to zero.
    pub balances: BTreeMap<StatementAccount, Rupiah>,
    /// The debits together, which the credits equal.
    pub total: Rupiah,
}

impl<'a> Statement<'a> {
    /// The statement of a month. A debit balance is positive.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use loyalty_network::{Statement, StatementAccount, StatementEvent, StatementEventKind};
    /// use loyalty_rules::{funding::ExpiredTo, quantity::Rupiah};
    ///
    /// let (date, amount) = ("2025-03-01".parse()?, Rupiah::new(15_000)?);
    /// let issued = StatementEvent { date, kind: StatementEventKind::Issue, reference: "V1", amount };
    /// let month = Statement::of("2025-03".parse()?, &BTreeMap::new(), &[issued], ExpiredTo::Shop)?;
    /// assert_eq!(month.balances[&StatementAccount::VoucherLiability].get(), -15_000);
    /// assert_eq!(month.csv().lines().nth(1), Some("2025-03-01,voucher_expense,15000,0,V1"));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for opening balances that do not sum to zero, or a date outside the month; `out_of_range` for a
    /// negative amount, or if a sum leaves the domain.
    pub fn of(
        month: Month,
        opening: &BTreeMap<StatementAccount, Rupiah>,
        events: &[StatementEvent<'a>],
        expired_to: ExpiredTo,
    ) -> Result<Self, Error> {
        // At most ten accounts.
        if opening.values().fold(0_i64, |sum, balance| sum.wrapping_add(balance.get())) != 0 {
            return Err(Fault::OpeningNotBalanced.error().at("opening"));
        }
        for (index, event) in events.iter().enumerate() {
            if Month::of(event.date) != month {
                return Err(Fault::OtherMonth.error().at(Field::within("events", index, "date")));
            }
            if event.amount < Rupiah::ZERO {
                return Err(Fault::Negative.error().at(Field::within("events", index, "amount")));
            }
        }
        let mut by_date: Vec<_> = events.iter().filter(|event| !event.amount.is_zero()).collect();
        sort::by_key(&mut by_date, |event| event.date);
        let mut lines = Vec::new();
        // Exact on the way, in numbers that no request can fill: the order of the events decides nothing.
        let mut exact: BTreeMap<_, _> = opening.iter().map(|(account, balance)| (*account, i128::from(balance.get()))).collect();
        let mut total = 0_i128;
        for StatementEvent { date, kind, reference, amount } in by_date.into_iter().copied() {
            let (debited, credited) = kind.accounts(expired_to);
            let zero = Rupiah::ZERO;
            lines.push(StatementLine { date, account: debited, debit: amount, credit: zero, reference });
            lines.push(StatementLine { date, account: credited, debit: zero, credit: amount, reference });
            let amount = i128::from(amount.get());
            for (account, change) in [(debited, amount), (credited, amount.wrapping_neg())] {
                let balance: &mut i128 = exact.entry(account).or_default();
                *balance = balance.wrapping_add(change);
            }
            total = total.wrapping_add(amount);
        }
        let mut balances = BTreeMap::new();
        for (account, balance) in exact {
            balances.insert(account, Rupiah::from_result(i64::try_from(balance).ok())?);
        }
        Ok(Self { lines, balances, total: Rupiah::from_result(i64::try_from(total).ok())? })
    }

    /// The lines as CSV (RFC 4180) with a header, a line feed after each. A reference that a spreadsheet would run as a
    /// formula has an apostrophe before it.
    pub fn csv(&self) -> String {
        let mut csv = String::from("date,account,debit,credit,reference\n");
        for StatementLine { date, account, debit, credit, reference } in &self.lines {
            // Writing to a `String` does not fail.
            let _ = write!(csv, "{date},{},{debit},{credit},", account.name());
            let apostrophe = if is_formula(reference) { "'" } else { "" };
            if reference.contains([',', '"', '\r', '\n']) {
                let _ = write!(csv, "\"{apostrophe}{}\"", reference.replace('"', "\"\""));
            } else {
                let _ = write!(csv, "{apostrophe}{reference}");
            }
            csv.push('\n');
        }
        csv
    }
}

/// Whether a spreadsheet would run a cell: references are ids that other tills choose.
fn is_formula(cell: &str) -> bool {
    match cell.as_bytes() {
        [b'=' | b'@' | b'\t' | b'\r', ..] => true,
        [b'+' | b'-', number @ ..] => !is_number(number),
        _ => false,
    }
}

/// Digits, perhaps with a point and more digits.
fn is_number(text: &[u8]) -> bool {
    let is_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let mut parts = text.split(|byte| *byte == b'.');
    parts.clone().count() <= 2 && parts.all(is_digits)
}
