use alloc::vec::Vec;

use super::Backing;
use loyalty_rules::award::Merchant;
use loyalty_rules::error::Error;
use loyalty_rules::funding::{Fund, FundEvent, FundState, FundTerms, NoticeKind};
use loyalty_rules::quantity::Rupiah;

/// The fund of a run. Vouchers are redeemed the morning after, oldest first; what cannot be paid stays promised and is
/// asked for again.
pub(super) struct BackingFund {
    fund: Fund,
    top_up: bool,
    promised: Vec<Rupiah>,
    outstanding: Rupiah,
}

impl BackingFund {
    pub(super) fn new(backing: Backing) -> Result<Self, Error> {
        let terms = FundTerms::new(backing.requirement).map_err(|refused| refused.at("fund.requirement"))?;
        let fund = Fund::new(terms, backing.balance).map_err(|refused| refused.at("fund.balance"))?;
        Ok(Self { fund, top_up: backing.top_up, promised: Vec::new(), outstanding: Rupiah::ZERO })
    }

    /// Redeems, checks, and tops up when warned; whether the check suspends the merchant.
    pub(super) fn open(&mut self) -> Result<bool, Error> {
        let Self { fund, promised, outstanding, .. } = self;
        let mut redeem = |value: Rupiah| -> Result<bool, Error> {
            // The balance is looked at first: what cannot be paid may be asked for on hundreds of mornings.
            let is_short = value > fund.balance() || fund.apply(&FundEvent::Draw { amount: value })?.is_some();
            if !is_short {
                *outstanding = outstanding.checked_sub(value)?;
            }
            Ok(is_short)
        };
        let mut redeemed = Ok(());
        promised.retain(|value| {
            redeem(*value).unwrap_or_else(|refused| {
                redeemed = Err(refused);
                true
            })
        });
        redeemed?;
        let notice = self.fund.apply(&FundEvent::Check { at: None })?.map(|notice| notice.kind);
        if self.top_up && notice == Some(NoticeKind::Warning) {
            let amount = self.fund.requirement().left_after(self.fund.balance());
            self.fund.apply(&FundEvent::TopUp { amount })?;
        }
        Ok(notice == Some(NoticeKind::Suspended))
    }

    #[inline]
    pub(super) fn issue(&mut self, value: Rupiah) -> Result<(), Error> {
        if !value.is_zero() {
            self.outstanding = self.outstanding.checked_add(value)?;
            self.promised.push(value);
        }
        Ok(())
    }

    pub(super) fn merchant(&self) -> Merchant {
        let suspended = self.fund.state() == FundState::Suspended;
        Merchant { suspended, fund_balance: self.fund.balance(), outstanding: self.outstanding, ..Merchant::default() }
    }
}
