//! Every tenth receipt goes back line by line, all lines but the last; a single line goes back whole.

use std::collections::BTreeMap;

use loyalty_rules::Error;
use loyalty_rules::award::{Issued, Kept, Remainder};
use loyalty_rules::funding::Funding;
use loyalty_rules::quantity::Rupiah;
use loyalty_rules::tables::Column;

use super::rating::{Case, Explained};
use super::receipts::Receipt;
use crate::sh::Outcome;

#[derive(Default)]
pub struct Refunds {
    pub receipts: u64,
    pub lines: u64,
    /// Receipts whose lines sum to more than can earn, which ends the refund.
    pub ended_by_base: u64,
    /// Why the vouchers above Rp0 keep what they keep.
    pub reasons: BTreeMap<&'static str, u64>,
    pub refunded: i64,
    pub issued: i64,
    pub kept: i64,
    /// Producer, retailer, operator.
    pub issued_parts: [i64; 3],
    pub taken_parts: [i64; 3],
    pub left_parts: [i64; 3],
    /// Receipts that end elsewhere when their lines go back in reverse order, or all at once.
    other_order: u64,
    /// Receipts whose parts taken back and parts left are not the parts issued, or not what is kept.
    unbalanced: u64,
    /// Receipts of which nothing is left but of whose voucher something is.
    not_void: u64,
}

impl Refunds {
    /// Refunds each receipt whose lines are known.
    pub fn of(case: &Case, receipts: &[Receipt], decisions: &[Explained]) -> Outcome<Self> {
        let mut refunds = Self::default();
        let funding = case.program.terms().funding.ok_or("a program without funding")?;
        for decision in decisions {
            if let Some(receipt) = receipts.get(decision.index) {
                let refused = |error: Error| format!("refund of receipt {}: {error}", receipt.basket);
                refunds.add(receipt, &issued(case, receipt, decision).map_err(refused)?, &funding).map_err(refused)?;
            }
        }
        Ok(refunds)
    }

    fn add(&mut self, receipt: &Receipt, voucher: &Issued, funding: &Funding) -> Result<(), Error> {
        let lines = refunded_lines(receipt);
        let issued = funding.split(voucher.value);
        let (mut left, mut taken) = (issued, [0; 3]);
        let mut before = voucher.keep(Rupiah::ZERO)?;
        let (refunded, ended) = one_by_one(voucher, lines.iter(), |after| {
            add_parts(&mut taken, left.take_back(before.kept.checked_sub(after.kept)?)?.as_slice());
            before = after;
            Ok(())
        })?;
        let reverse = one_by_one(voucher, lines.iter().rev(), |_| Ok(()))?;
        let sum: i64 = lines.iter().map(|line| line.get()).sum();
        let at_once = voucher.keep(Rupiah::new(sum)?.min(voucher.base))?;

        self.receipts += 1;
        self.lines += u64::try_from(lines.len()).unwrap_or_default();
        self.ended_by_base += u64::from(sum > voucher.base.get());
        if !voucher.value.is_zero() {
            *self.reasons.entry(ended.reason.name()).or_default() += 1;
        }
        self.refunded += refunded.get();
        self.issued += voucher.value.get();
        self.kept += ended.kept.get();
        add_parts(&mut self.issued_parts, issued.as_slice());
        add_parts(&mut self.left_parts, left.as_slice());
        self.taken_parts.iter_mut().zip(taken).for_each(|(sum, part)| *sum += part);

        let mut parts = issued.as_slice().iter().zip(left.as_slice()).zip(taken);
        let is_whole = parts.all(|((issued, left), taken)| issued.get() == left.get() + taken);
        let sum_left: i64 = left.as_slice().iter().map(|part| part.get()).sum();
        let is_void = ended.reason == Kept::FullyRefunded && ended.kept.is_zero() && left.as_slice().iter().all(|part| part.is_zero());
        self.other_order += u64::from(reverse != (refunded, ended) || at_once != ended);
        self.unbalanced += u64::from(!is_whole || sum_left != ended.kept.get());
        self.not_void += u64::from(refunded == voucher.base && !is_void);
        Ok(())
    }

    pub fn sums(&self, receipts: usize) -> [(&'static str, bool); 5] {
        let tenth = u64::try_from(receipts / 10).ok();
        let taken_back: i64 = self.taken_parts.iter().sum();
        let parts = self.issued_parts.iter().zip(self.left_parts).zip(self.taken_parts);
        [
            ("every tenth receipt was refunded", Some(self.receipts) == tenth),
            ("lines refunded in reverse order, or at once, end at the same rupiah: each receipt", self.other_order == 0),
            ("parts taken back + parts left = parts issued: each receipt and party", {
                self.unbalanced == 0 && parts.into_iter().all(|((issued, left), taken)| *issued == left + taken)
            }),
            ("vouchers taken back + vouchers kept = vouchers issued", taken_back + self.kept == self.issued),
            ("a receipt refunded whole leaves Rp0 of its voucher and of each part", self.not_void == 0),
        ]
    }
}

/// The voucher of a decision as it was issued.
fn issued(case: &Case, receipt: &Receipt, decision: &Explained) -> Result<Issued, Error> {
    let (terms, award) = (case.program.terms(), &decision.award);
    let mut voucher = Issued::new(award.base(), award.rate(), terms.rounding)?;
    voucher.total = receipt.total;
    voucher.value = award.value();
    voucher.quota = terms.quota.of(case.column(receipt).unwrap_or(Column::FIRST));
    voucher.below_quota = terms.below_quota;
    voucher.standby = terms.standby.rate(decision.prior.prior_points);
    Ok(voucher)
}

/// Refunds lines one after the other, never more than the base; what was refunded and what the voucher keeps.
fn one_by_one<'a>(
    voucher: &Issued,
    lines: impl Iterator<Item = &'a Rupiah>,
    mut step: impl FnMut(Remainder) -> Result<(), Error>,
) -> Result<(Rupiah, Remainder), Error> {
    let mut refunded = Rupiah::ZERO;
    let mut ended = voucher.keep(refunded)?;
    for line in lines {
        refunded = refunded.checked_add(*line)?.min(voucher.base);
        ended = voucher.keep(refunded)?;
        step(ended)?;
    }
    Ok((refunded, ended))
}

/// All lines but the last, or the only one.
fn refunded_lines(receipt: &Receipt) -> &[Rupiah] {
    match receipt.lines.as_slice() {
        [] => &[],
        [only] => std::slice::from_ref(only),
        [lines @ .., _] => lines,
    }
}

fn add_parts(sums: &mut [i64; 3], parts: &[Rupiah]) {
    for (sum, part) in sums.iter_mut().zip(parts) {
        *sum += part.get();
    }
}
