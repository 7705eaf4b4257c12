use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::error::{Error, Fault};
use crate::quantity::{Rate, Ratio};
use crate::tables::{Edition, MarginClass, Mechanism, RateTable, TableName};
use crate::words::words;

words! {
    /// Why a tier is not safe.
    pub enum Risk {
        /// Its highest rate is above the share of the margin.
        Share = "share",
        /// Its highest rate leaves less than the least margin.
        MinMargin = "min_margin",
    }
}

/// What a tier must leave of a margin to be safe (PL-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierTerms {
    /// The margin; it also picks the margin class.
    pub margin: Ratio,
    /// The most of the margin that the highest rate may take; 60 % unless told (the sources say 50 … 70 %).
    pub share: Rate,
    /// The least margin that the highest rate must leave.
    pub min_margin: Ratio,
}

/// The printed tiers of a margin class, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiers {
    /// The class of the margin.
    pub margin_class: MarginClass,
    /// The safe tiers by highest rate, then mean, descending; then in printed order.
    pub safe: Vec<TableName>,
    /// The others in printed order, each with its risks: share, least margin.
    pub at_risk: Vec<(TableName, Vec<Risk>)>,
}

impl TierTerms {
    /// Terms for a margin: 60 % of it may be given, and nothing need be left.
    pub fn new(margin: Ratio) -> Self {
        Self { margin, share: Rate::from_bp(6_000).unwrap_or_default(), min_margin: Ratio::ZERO }
    }

    /// Judges the printed tiers of the margin's class by their highest rate, exactly. The time auction's edition is
    /// the recommended one unless told; the stopwatch has none.
    ///
    /// ```
    /// use loyalty_rules::planning::TierTerms;
    /// use loyalty_rules::{quantity::Ratio, tables::Mechanism};
    ///
    /// let tiers = TierTerms::new(Ratio::from_bp(1_000)?).judge(Mechanism::TimeAuction, None)?; // up to 6 %
    /// assert_eq!(tiers.safe.iter().map(|table| table.tier()).collect::<Vec<_>>(), ["gold", "silver"]);
    /// assert_eq!(tiers.at_risk[0].0.tier(), "platinum"); // 6.5 %
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `unknown_table` for a stopwatch with an edition.
    pub fn judge(&self, mechanism: Mechanism, edition: Option<Edition>) -> Result<Tiers, Error> {
        let edition = match mechanism {
            Mechanism::Stopwatch if edition.is_some() => return Err(Fault::NoSuchTable.error().at("edition")),
            Mechanism::Stopwatch => None,
            Mechanism::TimeAuction => Some(edition.unwrap_or_default()),
        };
        let margin_class = MarginClass::of(self.margin);
        let (mut safe, mut at_risk) = (Vec::new(), Vec::new());
        let of_class = |name: &TableName| (name.mechanism(), name.edition(), name.margin_class()) == (mechanism, edition, margin_class);
        for table in TableName::all().filter(of_class).map(RateTable::from) {
            let risks = self.risks(table.highest());
            if risks.is_empty() { safe.push(table) } else { at_risk.extend(table.name().map(|name| (name, risks))) }
        }
        safe.sort_by_key(|table| Reverse((table.highest(), table.uniform_tenth_bp())));
        Ok(Tiers { margin_class, safe: safe.iter().filter_map(RateTable::name).collect(), at_risk })
    }

    fn risks(&self, highest: Rate) -> Vec<Risk> {
        // The products stay below 2⁶⁷, the difference below 2⁵⁴.
        let allowed = i128::from(self.margin.bp()).wrapping_mul(self.share.bp().into());
        let is_above_share = i128::from(highest.bp()).wrapping_mul(10_000) > allowed;
        let is_below_min = self.margin.bp().wrapping_sub(highest.bp().into()) < self.min_margin.bp();
        let risks = [is_above_share.then_some(Risk::Share), is_below_min.then_some(Risk::MinMargin)];
        risks.into_iter().flatten().collect()
    }
}
