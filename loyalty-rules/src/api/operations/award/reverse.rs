//! What a voucher keeps after refunds of its purchase.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::decide::{CountersAfter, ShopperAfter};
use crate::api::fields::RoundingFields;
use crate::api::json::{Json, Node};
use crate::api::wire::{Amount, At, Defs, Describe, Read, Refusal, Write, answer, record, to_json};
use crate::award::{self, BelowQuota, Inputs, Kept};
use crate::error::{Error, Field};
use crate::operations;
use crate::quantity::{Points, Rate, Rupiah};
use crate::tables::Mechanism;

crate::wire_words! {
    Kept;
}

operations! {
    "award.reverse" ["AW-8"] "What a voucher keeps after refunds of its purchase.": reverse, ReverseRequest => ReversedAward;
}

record! {
    /// An issued voucher and the refunds of its purchase.
    pub struct ReverseRequest {
        /// The amount the award was made on, in rupiah.
        base: Rupiah,
        /// The rate of the award in basis points.
        rate_bp: Rate,
        /// What the quota looked at, in rupiah; the base if absent.
        total: Option<Rupiah>,
        /// How the value was rounded.
        rounding: RoundingFields = RoundingFields::default(),
        /// What was issued in rupiah, if it was capped.
        issued: Option<Rupiah>,
        /// The quota in rupiah.
        quota: Rupiah = Rupiah::ZERO,
        /// What happens when refunds undo the quota.
        below_quota: BelowQuota = BelowQuota::default(),
        /// The standby rate of the points held before the purchase, in basis points.
        standby_bp: Rate = Rate::ZERO,
        /// What was given back of the purchase, one after the other.
        refunds: Vec<RefundFields>,
    }
}

/// A refund on the base in rupiah, or an exchange.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RefundFields {
    Refund(Rupiah),
    Exchange(ExchangeFields),
}

record! {
    /// An exchange of goods (AW-8).
    #[derive(Copy)]
    pub struct ExchangeFields {
        /// The goods given back, in rupiah on the base.
        back: Amount,
        /// The goods taken instead, in rupiah.
        out: Amount,
    }
}

impl Read for RefundFields {
    fn read(at: &At<'_>) -> Self {
        match at.node {
            Node::Object(_) => Self::Exchange(ExchangeFields::read(at)),
            _ => Self::Refund(Rupiah::read(at)),
        }
    }
}

impl Write for RefundFields {
    fn write(&self, json: &mut Json) {
        match self {
            Self::Refund(refund) => refund.write(json),
            Self::Exchange(exchange) => exchange.write(json),
        }
    }
}

impl Describe for RefundFields {
    fn schema(defs: &mut Defs) -> String {
        format!("{{\"anyOf\":[{},{}]}}", Rupiah::schema(defs), ExchangeFields::schema(defs))
    }
}

impl RefundFields {
    /// What was given back, and what was taken instead.
    pub fn exchanges(refunds: &[Self]) -> Vec<award::Exchange> {
        let exchange = |refund: &Self| match *refund {
            Self::Refund(back) => award::Exchange { back, out: Rupiah::ZERO },
            Self::Exchange(ExchangeFields { back, out }) => award::Exchange { back: back.0, out: out.0 },
        };
        refunds.iter().map(exchange).collect()
    }
}

answer! {
    /// A voucher after refunds.
    pub struct ReversedAward {
        /// The value kept after each refund, in rupiah.
        kept: Vec<Rupiah>,
        /// What each refund takes back, in rupiah.
        taken_back: Vec<Rupiah>,
        /// What is kept after each refund in thousandths of a point: of a basic points program.
        [omit] points_milli: Option<Vec<Points>>,
        /// Why, after the last refund.
        reason: Kept,
        /// What the exchanges took above the original base, in rupiah: a new purchase. Present if there is any.
        [omit] new_purchase: Option<Rupiah>,
        /// The shopper after it: of a purchase that was decided here.
        [omit] shopper: Option<ShopperAfter>,
        /// The counters after it: of a purchase that was decided here.
        [omit] counters: Option<CountersAfter>,
    }
}

fn reverse(request: &ReverseRequest) -> Result<ReversedAward, Refusal> {
    let mut voucher = award::Issued::new(request.base, request.rate_bp, request.rounding.rounding())?;
    voucher.total = request.total.unwrap_or(request.base);
    voucher.value = request.issued.unwrap_or(voucher.value);
    voucher.quota = request.quota;
    voucher.below_quota = request.below_quota;
    voucher.standby = request.standby_bp;
    Ok(ReversedAward::of(&voucher.proved()?, &RefundFields::exchanges(&request.refunds))?.0)
}

impl ReversedAward {
    /// What a voucher keeps after each refund, and what is refunded by then.
    pub fn of(voucher: &award::Issued, refunds: &[award::Exchange]) -> Result<(Self, Vec<Rupiah>), Error> {
        let mut after = voucher.untouched()?;
        let (mut kept, mut taken_back, mut refunded) = (Vec::new(), Vec::new(), Vec::new());
        for (index, refund) in refunds.iter().enumerate() {
            let taken = after.give_back(voucher, *refund).map_err(|error| match error.field().parts() {
                ("out", ..) => error.at(Field::within("refunds", index, "out")),
                _ => error.at(Field::entry("refunds", index)),
            })?;
            kept.push(after.kept);
            refunded.push(after.refunded);
            taken_back.push(taken);
        }
        let new_purchase = Some(after.new_purchase).filter(|amount| !amount.is_zero());
        let reason = after.reason;
        Ok((Self { kept, taken_back, points_milli: None, reason, new_purchase, shopper: None, counters: None }, refunded))
    }

    /// What the voucher of a receipt that was decided here keeps, with the shopper and the counters after it.
    pub fn of_decided(inputs: &Inputs, refunds: &[award::Exchange]) -> Result<Self, Error> {
        let Inputs { program, receipt, shopper, merchant, counters } = inputs;
        let voucher = award::Issued::of(program, receipt, shopper, merchant, counters)?;
        let (reversed, refunded) = Self::of(&voucher, refunds)?;
        let steps = reversed.kept.iter().zip(&refunded);
        let earned = steps.map(|(kept, refunded)| voucher.earned(program, shopper, *refunded, *kept)).collect::<Result<Vec<_>, _>>()?;
        let kept = reversed.kept.last().copied().unwrap_or(voucher.value);
        let award = award::decide(program, receipt, shopper, merchant, counters)?;
        let is_whole = reversed.reason == Kept::FullyRefunded;
        let last = earned.last().map_or_else(|| voucher.earned(program, shopper, Rupiah::ZERO, kept), |earned| Ok(*earned))?;
        let (shopper, counters) = program.after_reversal(&award, shopper, counters, (kept, last), is_whole)?;
        let mechanism = program.terms().table.mechanism();
        let points_milli = (mechanism == Mechanism::Points).then(|| earned.iter().map(|earned| earned.points).collect());
        Ok(Self { points_milli, shopper: Some(shopper.into()), counters: Some(CountersAfter::of(&counters, mechanism)), ..reversed })
    }
}

/// For hosts that hold programs rather than requests.
impl Inputs {
    /// The answer of `program.reverse` (AW-8): what the voucher of this receipt keeps after each of the refunds.
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Exchange, Inputs, Merchant, Play, Program, Receipt, Shopper, Terms};
    /// use loyalty_rules::quantity::Rupiah;
    /// use loyalty_rules::tables::{Digit, TableName};
    ///
    /// let program = Program::new(Terms::new(TableName::parse("stopwatch/below_15/plus")?))?;
    /// let receipt = Receipt::new(Rupiah::new(250_000)?).with(Play::Digit(Digit::new(5)?));
    /// let (shopper, merchant, counters) = (Shopper::default(), Merchant::default(), Counters::default());
    /// let inputs = Inputs { program, receipt, shopper, merchant, counters };
    /// let refund = |back| Exchange { back, out: Rupiah::ZERO };
    ///
    /// let told = inputs.reversed_to_json(&[refund(Rupiah::new(100_000)?)])?;
    /// assert!(told.starts_with(r#"{"kept":[9000],"taken_back":[6000],"reason":"kept""#));
    ///
    /// let refused = inputs.reversed_to_json(&[refund(Rupiah::new(250_001)?)]).unwrap_err();
    /// assert_eq!((refused.kind().name(), refused.field().to_string()), ("over_refund", "refunds[0]".into()));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`decide`](award::decide); `over_refund`, at the refund.
    pub fn reversed_to_json(&self, refunds: &[award::Exchange]) -> Result<String, Error> {
        ReversedAward::of_decided(self, refunds).map(|reversed| to_json(&reversed))
    }
}
