use alloc::vec::Vec;
use core::cmp::Reverse;

use loyalty_rules::quantity::{Count, Ratio, Rupiah};
use loyalty_rules::sort;
use loyalty_rules::words;

words! {
    /// A third of the products, by rank (PL-19).
    pub enum Third {
        /// The lowest.
        Low = "low",
        /// The middle.
        Middle = "middle",
        /// The highest.
        High = "high",
    }
}

words! {
    /// What a product does for a shop (PL-19).
    pub enum ProductClass {
        /// Bought often at a low margin: it brings people in and needs no reward.
        Gateway = "gateway",
        /// Worth more than it is bought: it deserves the multiplier.
        Push = "push",
        /// Bought often at a margin that is not low.
        Star = "star",
        /// None of the others.
        Plain = "plain",
    }
}

/// A product's figures of some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductFigures {
    /// Its margin.
    pub margin: Ratio,
    /// Units sold.
    pub units: Count,
    /// Its sales, in rupiah.
    pub sales: Rupiah,
}

/// Where a product stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductStanding {
    /// By margin.
    pub margin: Third,
    /// By units sold.
    pub frequency: Third,
    /// By sales.
    pub contribution: Third,
}

impl ProductStanding {
    /// The class of margin and frequency.
    pub const fn class(self) -> ProductClass {
        match (self.margin, self.frequency) {
            (Third::Low, Third::High) => ProductClass::Gateway,
            (_, Third::High) => ProductClass::Star,
            (Third::Low, _) => ProductClass::Plain,
            _ => ProductClass::Push,
        }
    }
}

/// Where each product stands, in thirds by rank (PL-19): of n products the one of rank r = 0 … n − 1, rising, is in the
/// third 3 r ÷ n, rounded down. Of equal products the later one ranks lower.
///
/// ```
/// use loyalty_planning::{ProductFigures, product_standings};
/// use loyalty_rules::quantity::{Count, Ratio, Rupiah};
///
/// let product = |margin, units, sales| {
///     Ok::<_, loyalty_rules::Error>(ProductFigures { margin: Ratio::from_bp(margin)?, units: Count::new(units)?, sales: Rupiah::new(sales)? })
/// };
/// // Spinach is bought most at a thin margin; dried chillies earn the most on each sale.
/// let standings = product_standings(&[product(800, 300, 900_000)?, product(2_500, 40, 400_000)?, product(1_500, 90, 300_000)?]);
/// assert_eq!(standings.iter().map(|standing| standing.class().name()).collect::<Vec<_>>(), ["gateway", "push", "push"]);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
pub fn product_standings(products: &[ProductFigures]) -> Vec<ProductStanding> {
    let by_margin = thirds(products, |product| product.margin);
    let by_units = thirds(products, |product| product.units);
    let by_sales = thirds(products, |product| product.sales);
    let standing = |((margin, frequency), contribution)| ProductStanding { margin, frequency, contribution };
    by_margin.into_iter().zip(by_units).zip(by_sales).map(standing).collect()
}

fn thirds<T: Ord>(products: &[ProductFigures], figure: impl Fn(&ProductFigures) -> T) -> Vec<Third> {
    let mut ranked: Vec<_> = products.iter().enumerate().map(|(index, product)| (figure(product), Reverse(index))).collect();
    sort::ascending(&mut ranked);
    let third = |rank: usize| match rank.saturating_mul(3).checked_div(products.len()) {
        Some(0) => Third::Low,
        Some(1) => Third::Middle,
        _ => Third::High,
    };
    let mut thirds: Vec<_> = ranked.into_iter().enumerate().map(|(rank, (_, Reverse(index)))| (index, third(rank))).collect();
    sort::by_key(&mut thirds, |(index, _)| *index);
    thirds.into_iter().map(|(_, third)| third).collect()
}
