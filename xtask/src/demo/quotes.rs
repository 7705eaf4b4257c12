//! What a shopper below the quota is told before paying, and whether following it gives just that.

use loyalty_rules::Error;
use loyalty_rules::award::{Award, Merchant, Quote, Reason, decide, quote};
use loyalty_rules::quantity::Rupiah;

use super::rating::{Case, Explained};
use super::receipts::Receipt;
use crate::sh::Outcome;

/// A quote, and the award of who follows it.
pub struct Told {
    pub quote: Quote,
    pub followed: Award,
    /// Whether it is the award that was quoted, and a rupiah less is no full voucher yet.
    pub is_so: bool,
}

/// Quotes a receipt that misses the quota as it stood before its decision, and follows the quote.
pub fn tell(case: &Case, receipt: &Receipt, decision: &Explained) -> Outcome<Option<Told>> {
    let refused = |error: Error| format!("quote of receipt {}: {error}", receipt.basket);
    told(case, receipt, decision).map_err(refused)
}

fn told(case: &Case, receipt: &Receipt, decision: &Explained) -> Result<Option<Told>, Error> {
    let (sale, merchant) = (case.sale(receipt), Merchant::default());
    let quote = quote(&case.program, &sale, &decision.prior, &merchant, &decision.counters)?;
    let Some(at_quota) = quote.at_quota else { return Ok(None) };
    let with = |more: Rupiah| {
        let mut raised = sale;
        raised.total = sale.total.checked_add(more)?;
        decide(&case.program, &raised, &decision.prior, &merchant, &decision.counters)
    };
    let followed = with(quote.missing)?;
    let short = with(quote.missing.checked_sub(Rupiah::new(1)?)?)?;
    let is_so = followed == at_quota && quote.now == decision.award && short.reason() != Reason::Full;
    Ok(Some(Told { quote, followed, is_so }))
}

/// How many quotes of these receipts were followed, and how many gave something else.
pub fn follow_all(case: &Case, receipts: &[Receipt], decisions: &[Explained]) -> Outcome<(u64, u64)> {
    let (mut followed, mut wrong) = (0, 0);
    for decision in decisions {
        let Some(receipt) = receipts.get(decision.index) else { continue };
        if let Some(told) = tell(case, receipt, decision)? {
            followed += 1;
            wrong += u64::from(!told.is_so);
        }
    }
    Ok((followed, wrong))
}
