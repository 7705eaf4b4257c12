use crate::fault::Faults as _;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::funding::allocate;
use loyalty_rules::quantity::{Count, DOMAIN_MAX, Line, Mode, Quantity, Rate, Rupiah};
use loyalty_rules::words;

words! {
    /// What is rounded when a tax is computed (OR-1).
    #[derive(Default)]
    pub enum TaxBy {
        /// All of an event that bears one rate, at once.
        #[default]
        Event = "event",
        /// Each line, and the service, alone.
        Line = "line",
    }
}

words! {
    /// What of a sale is awarded (AW-2).
    #[derive(Default)]
    pub enum AwardOn {
        /// The goods.
        #[default]
        Goods = "goods",
        /// Goods, service and taxes.
        Payable = "payable",
    }
}

words! {
    /// The amount of a line that a charge is taken of (OR-1).
    #[derive(Default)]
    pub enum ChargedOn {
        /// After discounts.
        #[default]
        Net = "net",
        /// Before discounts.
        Gross = "gross",
    }
}

words! {
    /// The part of an amount that a tax rate is applied to (OR-1).
    #[derive(Default)]
    pub enum TaxBase {
        /// All of it.
        #[default]
        Full = "full",
        /// Eleven twelfths of it: PPN of 12 % on a base of 11/12 of the price.
        ElevenTwelfths = "eleven_twelfths",
    }
}

/// A line of a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaleLine {
    /// How much.
    pub quantity: Quantity,
    /// The price of a unit in rupiah, zero or more.
    pub price: Rupiah,
    /// What is taken off the line in rupiah, zero or more.
    pub discount: Rupiah,
    /// Its own rate of tax; the sale's if absent.
    pub tax: Option<Rate>,
}

/// How a sale is taxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxTerms {
    /// The rate of the service, and of lines without their own.
    pub rate: Rate,
    /// Whether prices hold the tax already.
    pub inclusive: bool,
    /// How it is rounded to whole rupiah.
    pub mode: Mode,
    /// What is rounded at once.
    pub by: TaxBy,
    /// The amount of a line that bears it; gross only on top of prices.
    pub on: ChargedOn,
    /// Whether the service bears it too.
    pub with_service: bool,
    /// The part of an amount that bears it.
    pub base: TaxBase,
}

/// A sale as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale<'a> {
    /// Its lines.
    pub lines: &'a [SaleLine],
    /// What is taken off the whole in rupiah, zero or more.
    pub discount: Rupiah,
    /// The rate of the service, of the goods.
    pub service: Rate,
    /// The amount of a line that the service is taken of.
    pub service_on: ChargedOn,
    /// Tips in rupiah, zero or more.
    pub tips: Rupiah,
    /// How it is taxed, if it is.
    pub tax: Option<TaxTerms>,
}

/// What bears one rate of tax, in rupiah.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taxed {
    /// The sum that bears it, as marked.
    pub base: Rupiah,
    /// The tax.
    pub tax: Rupiah,
}

/// The money of an event in rupiah; negative for what goes back (OR-1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// The lines after all discounts, as marked.
    pub goods: Rupiah,
    /// The service, as marked.
    pub service: Rupiah,
    /// Tips.
    pub tips: Rupiah,
    /// By rate, without those that nothing bears.
    pub taxes: BTreeMap<Rate, Taxed>,
    /// What is paid: goods + service + tips + the taxes that prices do not hold.
    pub payable: Rupiah,
    /// The goods without the tax that they hold.
    pub net_goods: Rupiah,
    /// The service without the tax that it holds.
    pub net_service: Rupiah,
}

/// A sale with the value of each line, or what is left of it after returns.
///
/// ```text
///  lines − discounts ──▶ value of each line ──▶ Bill: goods, service, taxes, tips
///                              │
///         units taken back ────┴──▶ what is left of each ──▶ Bill; the difference goes back
/// ```
///
/// ```
/// use loyalty_network::{ChargedOn, PricedSale, Sale, SaleLine, TaxBase, TaxBy, TaxTerms};
/// use loyalty_rules::quantity::Quantity;
/// use loyalty_rules::quantity::{Count, Mode, Rate, Rupiah};
///
/// let (count, rupiah) = (|number| Count::new(number).unwrap(), |amount| Rupiah::new(amount).unwrap());
/// let line = |quantity, price| SaleLine { quantity: Quantity::Pieces(count(quantity)), price: rupiah(price), discount: Rupiah::ZERO, tax: None };
/// let rate = Rate::from_bp(1_100)?;
/// let (on, base) = (ChargedOn::Net, TaxBase::Full);
/// let tax = TaxTerms { rate, inclusive: false, mode: Mode::HalfUp, by: TaxBy::Event, on, with_service: true, base };
/// let lines = [line(3, 10_000), line(1, 20_000)];
/// let service = Rate::from_bp(500)?;
/// let sale = Sale { lines: &lines, discount: rupiah(5_000), service, service_on: on, tips: rupiah(1_000), tax: Some(tax) };
/// let sale = PricedSale::new(&sale)?; // 5,000 off: 3,000 of the first line, 2,000 of the second
/// let bill = sale.bill()?;
/// assert_eq!((bill.goods.get(), bill.service.get()), (45_000, 2_250));
/// assert_eq!(bill.payable.get(), 45_000 + 2_250 + 5_198 + 1_000); // 11 % of 47,250
///
/// let left = sale.less(&[count(1), Count::ZERO])?; // one of three goes back
/// let back = sale.exchanged(&left, None)?;
/// assert_eq!((back.goods.get(), back.service.get(), back.payable.get()), (-9_000, -450, -9_000 - 450 - 1_040));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedSale {
    lines: Vec<PricedLine>,
    service: Rate,
    service_on: ChargedOn,
    tips: Rupiah,
    tax: Option<TaxTerms>,
}

/// Amounts in rupiah are exact here, whatever their size; those that are answered lie in the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PricedLine {
    quantity: Quantity,
    /// What the line is worth after all discounts.
    value: i128,
    /// What is left of it.
    left: i128,
    /// What the line costs before discounts, where a charge is taken of that; else its value.
    gross: i128,
    /// What is left of it.
    gross_left: i128,
    tax: Option<Rate>,
}

impl PricedSale {
    /// Prices a sale (OR-1): quantity × price − discount of each line, the discount of the whole split over the lines by
    /// these amounts (SP-1).
    ///
    /// # Errors
    /// `bad_config` for a discount above what it is taken off, or a line's rate without a tax; `out_of_range` for a negative
    /// amount, or if the goods leave the domain even when as much comes back.
    pub fn new(sale: &Sale<'_>) -> Result<Self, Error> {
        let needs_gross = sale.service_on == ChargedOn::Gross || sale.tax.is_some_and(|tax| tax.on == ChargedOn::Gross);
        if let Some(TaxTerms { inclusive: true, on: ChargedOn::Gross, .. }) = sale.tax {
            return Err(Fault::InclusiveOfGross.error().at("tax.on"));
        }
        let (mut amounts, mut all, mut gross) = (Vec::new(), 0_i128, 0_i128);
        for (index, line) in sale.lines.iter().enumerate() {
            let refuse = |fault: Fault, field| Err(fault.error().at(Field::within("lines", index, field)));
            // Below 2¹⁰⁶.
            let cost = line.quantity.cost(line.price, Count::ONE, Line::ROUNDING);
            let amount = cost.wrapping_sub(exact(line.discount));
            match line {
                SaleLine { price, .. } if *price < Rupiah::ZERO => return refuse(Fault::Negative, "price"),
                SaleLine { discount, .. } if *discount < Rupiah::ZERO => return refuse(Fault::Negative, "discount"),
                SaleLine { tax: Some(_), .. } if sale.tax.is_none() => return refuse(Fault::RateWithoutTax, "tax_bp"),
                _ if amount < 0 => return refuse(Fault::DiscountAboveAmount, "discount"),
                _ => amounts.push(amount),
            }
            all = all.saturating_add(amount);
            gross = gross.saturating_add(cost);
        }
        for (amount, field) in [(sale.discount, "discount"), (sale.tips, "tips")] {
            if amount < Rupiah::ZERO {
                return Err(Fault::Negative.error().at(field));
            }
        }
        if exact(sale.discount) > all {
            return Err(Fault::DiscountAboveAmount.error().at("discount"));
        }
        // What comes back for it was sold within the domain, so more than twice that is too much in any case.
        let most = i128::from(DOMAIN_MAX).wrapping_mul(2);
        if all.wrapping_sub(exact(sale.discount)) > most || (needs_gross && gross > most) {
            return Err(Fault::ResultOutsideDomain.error().at("lines"));
        }
        let weights: Vec<u64> = amounts.iter().map(|amount| u64::try_from(*amount).unwrap_or_default()).collect();
        let parts = if sale.discount.is_zero() { vec![Rupiah::ZERO; weights.len()] } else { allocate(sale.discount, &weights)? };
        // An exact part is at most its amount, and one above a whole rupiah is not rounded above it.
        let values = amounts.iter().zip(parts).map(|(amount, part)| amount.wrapping_sub(exact(part)));
        let line = |(line, value): (&SaleLine, i128)| {
            let gross = if needs_gross { line.quantity.cost(line.price, Count::ONE, Line::ROUNDING) } else { value };
            PricedLine { quantity: line.quantity, value, left: value, gross, gross_left: gross, tax: line.tax }
        };
        Ok(Self {
            lines: sale.lines.iter().zip(values).map(line).collect(),
            service: sale.service,
            service_on: sale.service_on,
            tips: sale.tips,
            tax: sale.tax,
        })
    }

    /// What is left after units of each line were taken back, all of them since the sale: value × units left ÷ units,
    /// rounded down. So partial returns give back in sum what one return gives. Tips stay.
    ///
    /// # Errors
    /// `bad_config` unless there is one number a line, or none; `over_refund` for more units than were sold.
    pub fn less(&self, returned: &[Count]) -> Result<Self, Error> {
        if returned.is_empty() {
            return Ok(self.clone());
        }
        if returned.len() != self.lines.len() {
            return Err(Fault::ReturnedCount.error().at("returned"));
        }
        let mut left = self.clone();
        for (index, (line, back)) in left.lines.iter_mut().zip(returned).enumerate() {
            let all = line.quantity.units();
            let units = all.get().wrapping_sub(back.get());
            if units < 0 {
                return Err(Fault::RefundAboveRest.error().at(Field::entry("returned", index)));
            }
            let left = |of: i128| Mode::Down.divide(of.wrapping_mul(units.into()), all.get().into());
            (line.left, line.gross_left) = (left(line.value), left(line.gross));
        }
        Ok(left)
    }

    /// The same lines, of which those that `earns` says no of are worth nothing (PT-9).
    #[must_use]
    pub fn earning(&self, earns: impl Fn(usize) -> bool) -> Self {
        let mut earning = self.clone();
        for (place, line) in earning.lines.iter_mut().enumerate() {
            if !earns(place) {
                (line.left, line.gross_left) = (0, 0);
            }
        }
        earning
    }

    /// The units taken back of each line when an event takes more of some, each named once by its place.
    ///
    /// # Errors
    /// `out_of_range` for a line that the sale does not have; `bad_config` for one that stands twice, for pieces of what was
    /// sold in thousandths and the other way round or, at `returned`, for another number of them; `over_refund` above what is
    /// left.
    pub fn taken_back(&self, returned: &[Count], back: &[(Count, Quantity)]) -> Result<Vec<Count>, Error> {
        self.less(returned)?;
        let mut taken = if returned.is_empty() { vec![Count::ZERO; self.lines.len()] } else { returned.to_vec() };
        let mut named = BTreeSet::new();
        for (index, (line, quantity)) in back.iter().enumerate() {
            let refuse = |fault: Fault, field| Err(fault.error().at(Field::within("back", index, field)));
            let field = if quantity.is_thousandths() { "quantity_milli" } else { "quantity" };
            let place = usize::try_from(line.get()).unwrap_or(usize::MAX);
            let (Some(sold), Some(taken)) = (self.lines.get(place), taken.get_mut(place)) else {
                return refuse(Fault::LineOutsideSale, "line");
            };
            if !named.insert(line) {
                return refuse(Fault::NotDistinct, "line");
            }
            if quantity.is_thousandths() != sold.quantity.is_thousandths() {
                return refuse(Fault::OtherUnit, field);
            }
            // Two numbers of the domain stay below 2⁵⁴.
            let after = taken.get().wrapping_add(quantity.units().get());
            if after > sold.quantity.units().get() {
                return refuse(Fault::RefundAboveRest, field);
            }
            *taken = Count::new(after)?;
        }
        Ok(taken)
    }

    /// The money of the sale, or of what is left of it.
    ///
    /// # Errors
    /// `out_of_range` if an amount leaves the domain.
    pub fn bill(&self) -> Result<Bill, Error> {
        self.sums().bill()
    }

    /// The money of what goes back from here to what is left after it, and of what is sold for it.
    ///
    /// # Errors
    /// `out_of_range` if an amount leaves the domain.
    pub fn exchanged(&self, after: &Self, sold: Option<&Self>) -> Result<Bill, Error> {
        let sums = after.sums().plus(&self.sums(), -1);
        sold.map_or(sums.clone(), |sold| sums.plus(&sold.sums(), 1)).bill()
    }

    /// What an award sees of it (AW-2), exactly; tips never count.
    pub(crate) fn awarded(&self, on: AwardOn) -> i128 {
        let sums = self.sums();
        match on {
            AwardOn::Goods => sums.goods,
            AwardOn::Payable => sums.payable().wrapping_sub(sums.tips),
        }
    }

    fn sums(&self) -> Sums {
        // The goods are below 2⁵⁵, so that all products stay below 2⁷⁰.
        let goods = self.lines.iter().fold(0_i128, |sum, line| sum.wrapping_add(line.left));
        let served = self.lines.iter().fold(0_i128, |sum, line| sum.wrapping_add(line.charged(self.service_on)));
        let service = Mode::Down.divide(served.wrapping_mul(self.service.bp().into()), 10_000);
        let mut sums = Sums { goods, service, tips: exact(self.tips), ..Sums::default() };
        let Some(terms) = self.tax else { return sums };
        let lines = self.lines.iter().map(|line| (line.tax.unwrap_or(terms.rate), line.charged(terms.on)));
        let taxed_service = if terms.with_service { service } else { 0 };
        for (rate, marked) in lines.chain([(terms.rate, taxed_service)]).filter(|(_, marked)| *marked > 0) {
            let [base, tax] = sums.taxes.entry(rate).or_default();
            *base = base.wrapping_add(marked);
            *tax = tax.wrapping_add(terms.tax(marked, rate));
        }
        if terms.by == TaxBy::Event {
            for (rate, [base, tax]) in &mut sums.taxes {
                *tax = terms.tax(*base, *rate);
            }
        }
        let tax = sums.taxes.values().fold(0_i128, |sum, [_, tax]| sum.wrapping_add(*tax));
        if terms.inclusive {
            let mode = if terms.by == TaxBy::Line { terms.mode } else { Mode::Down };
            sums.tax_in_service = TaxTerms { mode, ..terms }.tax(taxed_service, terms.rate);
            sums.tax_in_goods = tax.wrapping_sub(sums.tax_in_service);
        } else {
            sums.tax_on_top = tax;
        }
        sums
    }
}

impl PricedLine {
    const fn charged(&self, on: ChargedOn) -> i128 {
        match on {
            ChargedOn::Net => self.left,
            ChargedOn::Gross => self.gross_left,
        }
    }
}

impl TaxTerms {
    fn tax(self, marked: i128, rate: Rate) -> i128 {
        let (part, whole) = match self.base {
            TaxBase::Full => (1, 10_000),
            TaxBase::ElevenTwelfths => (11, 120_000),
        };
        // At most 2¹⁷.
        let rate = i128::from(rate.bp()).wrapping_mul(part);
        let whole = if self.inclusive { rate.wrapping_add(whole) } else { whole };
        self.mode.divide(marked.wrapping_mul(rate), whole)
    }
}

/// A bill before its amounts are held against the domain.
#[derive(Clone, Debug, Default)]
struct Sums {
    goods: i128,
    service: i128,
    tips: i128,
    /// Base and tax by rate.
    taxes: BTreeMap<Rate, [i128; 2]>,
    tax_on_top: i128,
    tax_in_goods: i128,
    tax_in_service: i128,
}

impl Sums {
    /// These and those of a sign. Each is below 2⁵⁶.
    fn plus(&self, other: &Self, sign: i128) -> Self {
        let sum = |one: i128, other: i128| one.wrapping_add(other.wrapping_mul(sign));
        let mut taxes = self.taxes.clone();
        for (rate, [more_base, more_tax]) in &other.taxes {
            let [base, tax] = taxes.entry(*rate).or_default();
            (*base, *tax) = (sum(*base, *more_base), sum(*tax, *more_tax));
        }
        Self {
            goods: sum(self.goods, other.goods),
            service: sum(self.service, other.service),
            tips: sum(self.tips, other.tips),
            taxes,
            tax_on_top: sum(self.tax_on_top, other.tax_on_top),
            tax_in_goods: sum(self.tax_in_goods, other.tax_in_goods),
            tax_in_service: sum(self.tax_in_service, other.tax_in_service),
        }
    }

    fn payable(&self) -> i128 {
        [self.service, self.tips, self.tax_on_top].iter().fold(self.goods, |sum, part| sum.wrapping_add(*part))
    }

    fn bill(&self) -> Result<Bill, Error> {
        let rupiah = |exact: i128| Rupiah::from_result(i64::try_from(exact).ok());
        let borne = self.taxes.iter().filter(|(_, amounts)| **amounts != [0, 0]);
        let taxed = |(rate, [base, tax]): (&Rate, &[i128; 2])| Ok((*rate, Taxed { base: rupiah(*base)?, tax: rupiah(*tax)? }));
        Ok(Bill {
            goods: rupiah(self.goods)?,
            service: rupiah(self.service)?,
            tips: rupiah(self.tips)?,
            taxes: borne.map(taxed).collect::<Result<_, Error>>()?,
            payable: rupiah(self.payable())?,
            net_goods: rupiah(self.goods.wrapping_sub(self.tax_in_goods))?,
            net_service: rupiah(self.service.wrapping_sub(self.tax_in_service))?,
        })
    }
}

impl Bill {
    /// What an award sees of the event (AW-2); tips never count.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn awarded(&self, on: AwardOn) -> Result<Rupiah, Error> {
        match on {
            AwardOn::Goods => Ok(self.goods),
            AwardOn::Payable => self.payable.checked_sub(self.tips),
        }
    }
}

fn exact(amount: Rupiah) -> i128 {
    amount.get().into()
}
