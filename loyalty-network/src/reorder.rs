use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::Count;

/// What is known of a product's stock and sales. Units, but for the days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockedProduct {
    /// There now.
    pub on_hand: Count,
    /// Ordered and not there yet.
    pub on_order: Count,
    /// Sold and not delivered yet.
    pub backordered: Count,
    /// Sold in `days`.
    pub sold: Count,
    /// The days it was sold in, 1 or more.
    pub days: Count,
    /// Days from an order to its arrival.
    pub lead_days: Count,
    /// Days from one order to the next.
    pub review_days: Count,
    /// What should always be there.
    pub safety: Count,
    /// The units of a pack, 1 or more.
    pub pack: Count,
}

/// When and how much to order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reorder {
    /// Thousandths of a unit sold a day, truncated.
    pub per_day_milli: Count,
    /// Sold in the lead time, rounded up, + safety: at it an order is due.
    pub reorder_point: Count,
    /// There + ordered − still to be delivered, units; negative if more is promised.
    pub position: i64,
    /// What to order: 0 above the reorder point, else whole packs up to what is sold until the next order arrives, + safety.
    pub suggest: Count,
    /// Whole days that what is there lasts; `None` if nothing is sold.
    pub days_left: Option<Count>,
    /// Whether less is there than should always be.
    pub is_low: bool,
}

impl StockedProduct {
    /// When and how much to order, by what was sold (OR-4).
    ///
    /// ```
    /// use loyalty_network::StockedProduct;
    /// use loyalty_rules::quantity::Count;
    ///
    /// let count = |number| Count::new(number).unwrap();
    /// let rice = StockedProduct {
    ///     on_hand: count(20),
    ///     on_order: Count::ZERO,
    ///     backordered: Count::ZERO,
    ///     sold: count(100),
    ///     days: count(30),
    ///     lead_days: count(5),
    ///     review_days: count(7),
    ///     safety: count(10),
    ///     pack: count(12),
    /// };
    /// let reorder = rice.reorder()?;
    /// assert_eq!((reorder.per_day_milli.get(), reorder.reorder_point.get()), (3_333, 27)); // 16.67 up, + 10
    /// assert_eq!(reorder.suggest.get(), 36); // 40 + 10 − 20 = 30, in packs of 12
    /// assert_eq!(reorder.days_left, Some(count(6)));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for days or a pack of zero, or if a result leaves the domain.
    pub fn reorder(&self) -> Result<Reorder, Error> {
        for (number, field) in [(self.days, "days"), (self.pack, "pack")] {
            if number == Count::ZERO {
                return Err(Fault::BelowOne.error().at(field));
            }
        }
        // Numbers below 2⁵⁴, so that products of two stay below 2¹⁰⁸.
        let number = |count: Count| i128::from(count.get());
        let (on_hand, sold, safety, pack) = (number(self.on_hand), number(self.sold), number(self.safety), number(self.pack));
        let sold_in = |days: i128| up(sold.wrapping_mul(days), number(self.days));
        let reorder_point = sold_in(number(self.lead_days)).wrapping_add(safety);
        let position = on_hand.wrapping_add(number(self.on_order)).wrapping_sub(number(self.backordered));
        let target = sold_in(number(self.lead_days).wrapping_add(number(self.review_days))).wrapping_add(safety);
        let wanted = if position > reorder_point { 0 } else { target.wrapping_sub(position).max(0) };
        let over = |part: i128, whole: Count| part.checked_div(number(whole));
        Ok(Reorder {
            per_day_milli: Count::from_result(over(sold.wrapping_mul(1_000), self.days).unwrap_or_default())?,
            reorder_point: Count::from_result(reorder_point)?,
            position: loyalty_rules::quantity::result_within_domain(i64::try_from(position).ok())?,
            suggest: Count::from_result(up(wanted, pack).saturating_mul(pack))?,
            days_left: over(on_hand.wrapping_mul(number(self.days)), self.sold).map(Count::from_result).transpose()?,
            is_low: self.on_hand < self.safety,
        })
    }
}

/// part ÷ whole rounded up, of numbers that are not negative; 0 for a whole of 0.
fn up(part: i128, whole: i128) -> i128 {
    part.wrapping_add(whole).wrapping_sub(1).checked_div(whole).unwrap_or_default()
}
