//! What a voucher keeps after refunds of its purchase.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::decide::{CountersAfter, DecideRequest, GoodsLine, ReceiptFields, ShopperAfter, place};
use crate::api::fields::RoundingFields;
use crate::api::json::{Json, Node};
use crate::api::wire::{Amount, At, Defs, Describe, Path, Positive, Read, Refusal, Write, answer, record, to_json};
use crate::award::{self, BelowQuota, Inputs, Kept, Label};
use crate::error::{Error, Fault, Field};
use crate::operations;
use crate::quantity::{Count, Points, Quantity, Rate, Rounding, Rupiah};
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

/// A refund on the base in rupiah, an exchange, or goods of the receipt's lines.
#[derive(Clone, Debug, PartialEq)]
pub enum RefundFields {
    Refund(Rupiah),
    Exchange(ExchangeFields),
    Lines(ReturnFields),
}

record! {
    /// Goods that come back (PT-9).
    pub struct ReturnFields {
        /// What comes back of the receipt's lines.
        lines: Vec<LineBack>,
    }
}

record! {
    /// What comes back of a line.
    pub struct LineBack {
        /// The place of the line on the receipt, from 0.
        line: Count,
        /// Pieces, 1 or more, of a line that was sold by the piece.
        quantity: Option<Positive>,
        /// Thousandths of what the price is for, 1 or more, of a line that was sold by them.
        quantity_milli: Option<Positive>,
    }
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
            Node::Object(fields) if fields.iter().any(|(key, _)| key == "lines") => Self::Lines(ReturnFields::read(at)),
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
            Self::Lines(lines) => lines.write(json),
        }
    }
}

impl Describe for RefundFields {
    fn schema(defs: &mut Defs) -> String {
        format!("{{\"anyOf\":[{},{},{}]}}", Rupiah::schema(defs), ExchangeFields::schema(defs), ReturnFields::schema(defs))
    }
}

impl RefundFields {
    /// What was given back of a purchase of which `base` earns, and what was taken instead.
    ///
    /// Goods that come back fall on what was paid with money before they fall on what was paid with vouchers.
    pub fn exchanges(refunds: &[Self], receipt: Option<&ReceiptFields>, base: Rupiah) -> Result<Vec<award::Exchange>, Refusal> {
        let (mut lines, mut left, mut exchanges) = (Lines::of(receipt), base, Vec::new());
        for (index, refund) in refunds.iter().enumerate() {
            let exchange = match refund {
                Self::Refund(back) => award::Exchange { back: *back, out: Rupiah::ZERO },
                Self::Exchange(ExchangeFields { back, out }) => award::Exchange { back: back.0, out: out.0 },
                Self::Lines(back) => {
                    let returned = lines.take(back, &REFUNDS.entry(index))?;
                    let back = returned.iter().try_fold(Rupiah::ZERO, |sum, (_, amount)| sum.checked_add(*amount))?;
                    award::Exchange { back: back.min(left), out: Rupiah::ZERO }
                }
            };
            // What is above the base is refused where it is given back.
            left = left.left_after(exchange.back).checked_add(exchange.out).unwrap_or(base).min(base);
            exchanges.push(exchange);
        }
        Ok(exchanges)
    }

    /// The goods that came back with each refund.
    fn returned(refunds: &[Self], receipt: &ReceiptFields) -> Result<Vec<Vec<award::Returned>>, Refusal> {
        let mut lines = Lines::of(Some(receipt));
        let refunds = refunds.iter().enumerate().map(|(index, refund)| match refund {
            Self::Lines(back) => lines.take(back, &REFUNDS.entry(index)),
            Self::Refund(_) | Self::Exchange(_) => Err(Refusal::at(Fault::RefundNeedsLines, &REFUNDS.entry(index))),
        });
        refunds.collect()
    }
}

const REFUNDS: Path<'static> = Path::Key(&Path::Root, "refunds");

/// The lines of a receipt, and what has come back of each.
struct Lines<'a> {
    goods: Option<(&'a [GoodsLine], Rounding)>,
    back: Vec<Count>,
}

impl<'a> Lines<'a> {
    fn of(receipt: Option<&'a ReceiptFields>) -> Self {
        let goods = receipt.and_then(ReceiptFields::goods);
        Self { back: goods.iter().flat_map(|(lines, _)| lines.iter().map(|_| Count::ZERO)).collect(), goods }
    }

    /// Takes goods back, and answers their lines and what was paid for them.
    fn take(&mut self, refund: &ReturnFields, path: &Path<'_>) -> Result<Vec<award::Returned>, Refusal> {
        let list = path.key("lines");
        let (goods, rounding) = self.goods.ok_or(Refusal::at(Fault::RefundWithoutLines, &list))?;
        let mut returned = Vec::new();
        for (index, part) in refund.lines.iter().enumerate() {
            let at = list.entry(index);
            let place = usize::try_from(part.line.get()).unwrap_or(usize::MAX);
            let (Some(line), Some(back)) = (goods.get(place), self.back.get_mut(place)) else {
                return Err(Refusal::at(Fault::NoSuchLine, &at.key("line")));
            };
            let line = line.line()?;
            let quantity = Quantity::of(part.quantity.map(|units| units.0), part.quantity_milli.map(|units| units.0));
            let quantity = quantity.map_err(|error| Refusal::inside(error, &at))?;
            if quantity.is_thousandths() != line.quantity.is_thousandths() {
                return Err(Refusal::at(Fault::ReturnedInOtherUnit, &at));
            }
            let before = line.kept(*back, rounding)?;
            let sum = Count::new(back.get().wrapping_add(quantity.units().get()));
            *back = sum.map_err(|_| Refusal::at(Fault::RefundAboveRest, &at))?;
            let after = line.kept(*back, rounding).map_err(|error| Refusal::inside(error, &at))?;
            returned.push((place, before.left_after(after)));
        }
        Ok(returned)
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
        /// What is kept of the goods under each offer after the last refund; present if the program has offers.
        [omit] groups: Option<Vec<GroupKept>>,
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
    let exchanges = RefundFields::exchanges(&request.refunds, None, request.base)?;
    Ok(ReversedAward::of(&voucher.proved()?, &exchanges)?.0)
}

/// What the voucher of a decided receipt keeps.
pub fn reverse_decided(decided: &DecideRequest, refunds: &[RefundFields]) -> Result<ReversedAward, Refusal> {
    if !decided.program.has_offers() {
        let inputs = decided.inputs()?;
        let exchanges = RefundFields::exchanges(refunds, Some(&decided.receipt), inputs.base())?;
        return Ok(ReversedAward::of_decided(&inputs, &exchanges)?);
    }
    let goods = decided.goods()?;
    let offers = &goods.offers;
    let kept = offers.keep(&goods.purchase(), &RefundFields::returned(refunds, &decided.receipt)?)?;
    let mut held = kept.award.award.value();
    let mut taken_back = Vec::new();
    for after in &kept.kept {
        taken_back.push(held.checked_sub(*after)?);
        held = *after;
    }
    let groups = kept.award.groups.iter().zip(&kept.groups).map(|(group, remainder)| {
        let offer = group.offer.and_then(|place| offers.get(place));
        GroupKept { offer: group.offer.map(place), id: offer.and_then(|offer| offer.id), kept: remainder.kept, reason: remainder.reason }
    });
    Ok(ReversedAward {
        taken_back,
        points_milli: offers.has(Mechanism::Points).then_some(kept.points),
        reason: kept.reason,
        groups: Some(groups.collect()),
        new_purchase: None,
        shopper: Some(kept.shopper.into()),
        counters: Some(CountersAfter::of(&kept.counters, goods.mechanism())),
        kept: kept.kept,
    })
}

answer! {
    /// What is kept of the voucher of some goods.
    pub struct GroupKept {
        /// The place of the offer that took them, from 0; absent for the program itself.
        [omit] offer: Option<Count>,
        /// The offer's id.
        [omit] id: Option<Label<64>>,
        /// The value kept, in rupiah.
        kept: Rupiah,
        /// Why.
        reason: Kept,
    }
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
        Ok((Self { kept, taken_back, points_milli: None, reason, groups: None, new_purchase, shopper: None, counters: None }, refunded))
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
    #[inline(never)]
    pub fn reversed_to_json(&self, refunds: &[award::Exchange]) -> Result<String, Error> {
        ReversedAward::of_decided(self, refunds).map(|reversed| to_json(&reversed))
    }
}
