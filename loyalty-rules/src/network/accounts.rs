use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Bill;
use crate::error::{Error, Fault};
use crate::quantity::Rupiah;

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

impl Bill {
    /// The event in double entry (OR-1), by account: payments by kind, or what is to be received, against goods, service,
    /// tips and taxes; and the value of a voucher that was given, as a cost against a debt. Debit and credit have one sum.
    ///
    /// | account | |
    /// |---|---|
    /// | `payment:` and a kind, `receivable` without payments | what is paid; on the credit side if it goes back |
    /// | `sales`, `service`, `tips` | without the tax they hold |
    /// | `tax:` and a rate in basis points | the tax |
    /// | `voucher_cost`, `voucher_debt` | a voucher given |
    ///
    /// ```
    /// use loyalty_rules::network::{PricedSale, Sale, SaleLine};
    /// use loyalty_rules::quantity::{Count, Rate, Rupiah};
    ///
    /// let lines = [SaleLine { quantity: Count::new(2)?, price: Rupiah::new(10_000)?, discount: Rupiah::ZERO, tax: None }];
    /// let sale = Sale { lines: &lines, discount: Rupiah::ZERO, service: Rate::ZERO, tips: Rupiah::ZERO, tax: None };
    /// let postings = PricedSale::new(&sale)?.bill()?.postings(&[("cash", Rupiah::new(20_000)?)], Rupiah::new(700)?)?;
    /// let accounts: Vec<_> = postings.iter().map(|p| (p.account.as_str(), p.debit.get(), p.credit.get())).collect();
    /// let voucher = [("voucher_cost", 700, 0), ("voucher_debt", 0, 700)];
    /// assert_eq!(accounts[..2], [("payment:cash", 20_000, 0), ("sales", 0, 20_000)]);
    /// assert_eq!(accounts[2..], voucher);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for payments that do not sum to what is payable, without its sign; `out_of_range` if a sum leaves the
    /// domain.
    pub fn postings(&self, payments: &[(&str, Rupiah)], voucher: Rupiah) -> Result<Vec<Posting>, Error> {
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
            post("receivable".to_string(), self.payable)?;
        } else if paid != i128::from(self.payable.magnitude().get()) {
            return Err(Fault::PaymentsMissPayable.error().at("payments"));
        }
        for (account, amount) in [("sales", self.net_goods), ("service", self.net_service), ("tips", self.tips), ("voucher_debt", voucher)]
        {
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
