//! What more spending, waiting or luck would bring.

use crate::api::operations::award::decide::DecideRequest;
use crate::api::wire::{Refusal, answer, to_json};
use crate::award::{self, Award, Cap, Quote, Reason};
use crate::calendar::TimeOfDay;
use crate::operations;
use crate::quantity::{Rate, Rupiah};
use crate::tables::{Digit, Slot};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

operations! {
    "award.quote" ["AW-9"] "What more spending, waiting or luck would bring.": quote, DecideRequest => QuoteAnswer;
}

answer! {
    /// A quote.
    pub struct QuoteAnswer {
        /// Rupiah from the total to the quota; 0 when it is met.
        missing: Rupiah,
        /// The award as it stands.
        now: AwardAhead,
        /// The award with the missing amount added to the total; null when nothing is missing.
        at_quota: Option<AwardAhead>,
        /// The next slot of the same selling day with a strictly higher rate.
        next: Option<NextSlot>,
        /// The highest column of a stopwatch.
        best: Option<Outlook>,
        /// The lowest column of a stopwatch.
        worst: Option<Outlook>,
    }
}

answer! {
    /// An award run ahead.
    pub struct AwardAhead {
        /// Why.
        reason: Reason,
        /// The rate in basis points.
        rate_bp: Rate,
        /// The value in rupiah.
        value: Rupiah,
        /// The limits that lowered the value.
        capped_by: Vec<Cap>,
    }
}

answer! {
    /// A later slot with a higher rate.
    pub struct NextSlot {
        /// The slot.
        slot: Slot,
        /// Its rate in basis points.
        rate_bp: Rate,
        /// When it starts, `HH:MM[:SS[.f]]`; null without a window.
        starts_at: Option<String>,
    }
}

answer! {
    /// What a digit would bring.
    pub struct Outlook {
        /// The digit.
        digit: Digit,
        /// Its rate in basis points.
        rate_bp: Rate,
        /// The value with the total raised to the quota if it is missed, in rupiah.
        value: Rupiah,
    }
}

impl From<Award> for AwardAhead {
    fn from(award: Award) -> Self {
        Self { reason: award.reason(), rate_bp: award.rate(), value: award.value(), capped_by: award.caps().iter().collect() }
    }
}

impl From<award::Outlook> for Outlook {
    fn from(outlook: award::Outlook) -> Self {
        Self { digit: outlook.digit, rate_bp: outlook.rate, value: outlook.value }
    }
}

fn quote(request: &DecideRequest) -> Result<QuoteAnswer, Refusal> {
    if request.program.has_offers() {
        let goods = request.goods()?;
        return Ok(goods.offers.quote(&goods.purchase())?.into());
    }
    let inputs = request.inputs()?;
    Ok((&award::quote(&inputs.program, &inputs.receipt, &inputs.shopper, &inputs.merchant, &inputs.counters)?).into())
}

impl From<award::NextSlot> for NextSlot {
    fn from(next: award::NextSlot) -> Self {
        Self { slot: next.slot, rate_bp: next.rate, starts_at: next.starts_at_tenths.map(time_of_day) }
    }
}

impl From<award::GoodsQuote> for QuoteAnswer {
    fn from(quote: award::GoodsQuote) -> Self {
        let ahead = |award: award::GoodsAward| award.basket.award.into();
        Self {
            missing: quote.missing,
            now: ahead(quote.now),
            at_quota: quote.at_quota.map(ahead),
            next: quote.next.map(Into::into),
            best: quote.best.map(Into::into),
            worst: quote.worst.map(Into::into),
        }
    }
}

impl From<&Quote> for QuoteAnswer {
    fn from(quote: &Quote) -> Self {
        Self {
            missing: quote.missing,
            now: quote.now.into(),
            at_quota: quote.at_quota.map(Into::into),
            next: quote.next.map(Into::into),
            best: quote.best.map(Into::into),
            worst: quote.worst.map(Into::into),
        }
    }
}

/// For hosts that hold programs rather than requests.
impl Quote {
    /// The answer of `award.quote` (AW-9).
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Merchant, Program, Receipt, Shopper, quote};
    /// use loyalty_rules::quantity::Rupiah;
    ///
    /// let program = Program::from_json(br#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus"}"#).unwrap();
    /// let receipt = Receipt::new(Rupiah::new(250_000)?);
    /// let quote = quote(&program, &receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
    /// assert!(quote.to_json().ends_with(r#""best":{"digit":0,"rate_bp":1100,"value":27500},"worst":{"digit":1,"rate_bp":200,"value":5000}}"#));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        to_json(&QuoteAnswer::from(self))
    }
}

/// `HH:MM[:SS[.f]]`.
fn time_of_day(tenths: u32) -> String {
    let whole = TimeOfDay::from_seconds(tenths / 10).unwrap_or_default();
    match (tenths % 10, tenths / 10 % 60) {
        (0, _) => format!("{whole}"),
        (tenth, 0) => format!("{whole}:00.{tenth}"),
        (tenth, _) => format!("{whole}.{tenth}"),
    }
}
