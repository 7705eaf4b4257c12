use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::Bill;
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::Rupiah;

/// An account and what an event writes to it, in rupiah; one of the two is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: String,
    /// What it is debited with.
    pub debit: Rupiah,
    /// What it is credited with.
    pub credit: Rupiah,
}

/// How an event is settled, in rupiah.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled<'a> {
    /// By kind, each zero or more; none if it is to be received or paid back.
    pub payments: &'a [(&'a str, Rupiah)],
    /// What cash rounding adds to what is payable (VC-9).
    pub rounding: Rupiah,
    /// The voucher that is given; negative of one that is taken back.
    pub voucher: Rupiah,
    /// What goes back on the vouchers that paid, where no payment says so.
    pub voucher_back: Rupiah,
}

impl Bill {
    /// The event in double entry (OR-1), by account: payments by kind, or what is to be received, against goods, service,
    /// tips and taxes; and the value of a voucher that was given, as a cost against a debt. Debit and credit have one sum.
    ///
    /// | account | |
    /// |---|---|
    /// | `payment:` and a kind; without payments `receivable`, and `payment:voucher` for what goes back on vouchers | what is paid; on the credit side if it goes back |
    /// | `rounding` | what cash rounding adds to it (VC-9) |
    /// | `sales`, `service`, `tips` | without the tax they hold |
    /// | `tax:` and a rate in basis points | the tax |
    /// | `voucher_cost`, `voucher_debt` | a voucher given, or taken back |
    ///
    /// ```
    /// use loyalty_network::{ChargedOn, PricedSale, Sale, SaleLine, Settled};
    /// use loyalty_rules::quantity::Quantity;
    /// use loyalty_rules::quantity::{Count, Rate, Rupiah};
    ///
    /// let (quantity, service_on) = (Quantity::Pieces(Count::new(2)?), ChargedOn::Net);
    /// let lines = [SaleLine { quantity, price: Rupiah::new(10_000)?, discount: Rupiah::ZERO, tax: None }];
    /// let sale = Sale { lines: &lines, discount: Rupiah::ZERO, service: Rate::ZERO, service_on, tips: Rupiah::ZERO, tax: None };
    /// let settled = Settled { payments: &[("cash", Rupiah::new(20_000)?)], voucher: Rupiah::new(700)?, ..Settled::default() };
    /// let postings = PricedSale::new(&sale)?.bill()?.postings(&settled)?;
    /// let accounts: Vec<_> = postings.iter().map(|p| (p.account.as_str(), p.debit.get(), p.credit.get())).collect();
    /// let voucher = [("voucher_cost", 700, 0), ("voucher_debt", 0, 700)];
    /// assert_eq!(accounts[..2], [("payment:cash", 20_000, 0), ("sales", 0, 20_000)]);
    /// assert_eq!(accounts[2..], voucher);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for a rounding that turns what is payable around or rounds zero, or for payments that do not sum to what
    /// is due, without its sign; `out_of_range` if a sum leaves the domain.
    pub fn postings(&self, settled: &Settled<'_>) -> Result<Vec<Posting>, Error> {
        let Settled { payments, rounding, voucher, voucher_back } = *settled;
        let due = self.payable.checked_add(rounding)?;
        let turns = match self.payable.cmp(&Rupiah::ZERO) {
            Ordering::Less => due > Rupiah::ZERO,
            Ordering::Equal => !rounding.is_zero(),
            Ordering::Greater => due < Rupiah::ZERO,
        };
        if turns {
            return Err(Fault::RoundingTurns.error().at("rounding"));
        }
        // Debits are positive.
        let mut balances = BTreeMap::<String, Rupiah>::new();
        let mut post = |account: String, amount: Rupiah| {
            let balance = balances.entry(account).or_default();
            *balance = balance.checked_add(amount)?;
            Ok::<_, Error>(())
        };
        let goes_back = self.payable < Rupiah::ZERO;
        let mut paid = 0_i128;
        for (kind, amount) in payments {
            // A list in memory is shorter than 2⁶⁰.
            paid = paid.wrapping_add(amount.get().into());
            post(format!("payment:{kind}"), if goes_back { amount.negated() } else { *amount })?;
        }
        if payments.is_empty() {
            post("receivable".to_string(), due.checked_add(voucher_back)?)?;
            post("payment:voucher".to_string(), voucher_back.negated())?;
        } else if paid != i128::from(due.magnitude().get()) {
            return Err(Fault::PaymentsMissPayable.error().at("payments"));
        }
        for (account, amount) in [
            ("sales", self.net_goods),
            ("service", self.net_service),
            ("tips", self.tips),
            ("rounding", rounding),
            ("voucher_debt", voucher),
        ] {
            post(account.to_string(), amount.negated())?;
        }
        for (rate, taxed) in &self.taxes {
            post(format!("tax:{}", rate.bp()), taxed.tax.negated())?;
        }
        post("voucher_cost".to_string(), voucher)?;
        let posting = |(account, balance): (String, Rupiah)| {
            let (debit, credit) = if balance > Rupiah::ZERO { (balance, Rupiah::ZERO) } else { (Rupiah::ZERO, balance.negated()) };
            Posting { account, debit, credit }
        };
        Ok(balances.into_iter().filter(|(_, balance)| !balance.is_zero()).map(posting).collect())
    }
}
