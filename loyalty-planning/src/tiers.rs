use alloc::vec::Vec;
use core::cmp::Reverse;

use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Rate, Ratio, Rupiah, result_within_domain};
use loyalty_rules::sort;
use loyalty_rules::tables::{Edition, MarginClass, Mechanism, RateTable, TableName};
use loyalty_rules::words;

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

/// Every printed table of a margin class, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllTiers {
    /// The class of the margin.
    pub margin_class: MarginClass,
    /// The greatest rate that is safe, in tenths of a basis point; 0 if none is.
    pub allowed_tenth_bp: i64,
    /// Those safe by their highest rate, then those safe by their mean, then the rest; in each by highest rate, then mean,
    /// descending; then in printed order.
    pub tiers: Vec<JudgedTier>,
}

/// A printed table, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedTier {
    /// The table.
    pub table: TableName,
    /// Its highest rate, which a shopper who watches a clock gets (SW-5).
    pub highest: Rate,
    /// Its mean rate in tenths of a basis point.
    pub uniform_tenth_bp: u32,
    /// The risks of its highest rate; none if it is safe.
    pub forced: Vec<Risk>,
    /// The risks of its mean rate.
    pub uniform: Vec<Risk>,
    /// The least of the receipts from which on every purchase may earn the highest rate; `None` if not even the largest.
    pub quota_forced: Option<Rupiah>,
    /// The same for the mean rate.
    pub quota_uniform: Option<Rupiah>,
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
    /// use loyalty_planning::TierTerms;
    /// use loyalty_rules::{quantity::Ratio, tables::Mechanism};
    ///
    /// let tiers = TierTerms::new(Ratio::from_bp(1_000)?).judge(Mechanism::TimeAuction, None)?; // up to 6 %
    /// assert_eq!(tiers.safe.iter().map(|table| table.tier()).collect::<Vec<_>>(), ["gold", "silver"]);
    /// assert_eq!(tiers.at_risk[0].0.tier(), "platinum"); // 6.5 %
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `unknown_table` for a stopwatch with an edition; `bad_config` for a mechanism without tables.
    pub fn judge(&self, mechanism: Mechanism, edition: Option<Edition>) -> Result<Tiers, Error> {
        let edition = match mechanism {
            Mechanism::Stopwatch if edition.is_some() => return Err(Fault::NoSuchTable.error().at("edition")),
            Mechanism::Stopwatch => None,
            Mechanism::TimeAuction => Some(edition.unwrap_or_default()),
            Mechanism::Flat | Mechanism::Points => return Err(Fault::NoTableHere.error().at("mechanism")),
        };
        let margin_class = MarginClass::of(self.margin);
        let (mut safe, mut at_risk) = (Vec::new(), Vec::new());
        let of_class = |name: &TableName| (name.mechanism(), name.edition(), name.margin_class()) == (mechanism, edition, margin_class);
        for table in TableName::all().filter(of_class).map(RateTable::from) {
            let risks = self.risks(tenths(table.highest()));
            if risks.is_empty() { safe.push(table) } else { at_risk.extend(table.name().map(|name| (name, risks))) }
        }
        sort::by_key(&mut safe, |table| Reverse((table.highest(), table.uniform_tenth_bp())));
        Ok(Tiers { margin_class, safe: safe.iter().filter_map(RateTable::name).collect(), at_risk })
    }

    /// Judges every printed table of the margin's class by its highest and by its mean rate, both exactly, and tells from
    /// which purchase on a typical day carries it (PL-5).
    ///
    /// ```
    /// use loyalty_planning::TierTerms;
    /// use loyalty_rules::quantity::{Ratio, Rupiah};
    ///
    /// let receipts = [300_000, 100_000, 100_000].map(|amount| Rupiah::new(amount).unwrap());
    /// let all = TierTerms::new(Ratio::from_bp(1_000)?).judge_all(&receipts)?; // up to 6 %
    /// assert_eq!((all.allowed_tenth_bp, all.tiers.len()), (6_000, 12));
    /// assert_eq!(all.tiers[0].table.to_string(), "stopwatch/below_15/standard"); // 6 %, as a player can force it
    /// let plus = all.tiers.iter().find(|tier| tier.table.tier() == "plus").unwrap(); // 11 %
    /// assert_eq!((plus.uniform_tenth_bp, plus.quota_forced), (6_500, None)); // 11 % of 300,000 is above 6 % of 500,000
    /// assert_eq!(plus.quota_uniform, Some(receipts[0]));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for a negative receipt, or if the allowed rate leaves the domain.
    pub fn judge_all(&self, receipts: &[Rupiah]) -> Result<AllTiers, Error> {
        if let Some(index) = receipts.iter().position(|receipt| *receipt < Rupiah::ZERO) {
            return Err(Fault::Negative.error().at(Field::entry("receipts", index)));
        }
        // The products stay below 2⁷⁰, the difference below 2⁵⁸.
        let of_share = i128::from(self.margin.bp()).wrapping_mul(self.share.bp().into()).div_euclid(1_000);
        let above_min = i128::from(self.margin.bp()).wrapping_sub(self.min_margin.bp().into()).wrapping_mul(10);
        let allowed = of_share.min(above_min).max(0);
        let mut descending = receipts.to_vec();
        sort::by_key(&mut descending, |receipt| Reverse(*receipt));

        let margin_class = MarginClass::of(self.margin);
        let judged = |table: RateTable| {
            let (forced, uniform) = (tenths(table.highest()), table.uniform_tenth_bp());
            table.name().map(|name| JudgedTier {
                table: name,
                highest: table.highest(),
                uniform_tenth_bp: uniform,
                forced: self.risks(forced),
                uniform: self.risks(uniform),
                quota_forced: carried_from(&descending, forced, allowed),
                quota_uniform: carried_from(&descending, uniform, allowed),
            })
        };
        let of_class = TableName::all().filter(|name| name.margin_class() == margin_class);
        let mut tiers: Vec<JudgedTier> = of_class.map(RateTable::from).filter_map(judged).collect();
        let rank = |tier: &JudgedTier| (!tier.forced.is_empty(), !tier.forced.is_empty() && !tier.uniform.is_empty());
        sort::by_key(&mut tiers, |tier| (rank(tier), Reverse((tier.highest, tier.uniform_tenth_bp))));
        let allowed_tenth_bp = result_within_domain(i64::try_from(allowed).ok())?;
        Ok(AllTiers { margin_class, allowed_tenth_bp, tiers })
    }

    /// The risks of a rate in tenths of a basis point.
    fn risks(&self, rate_tenth_bp: u32) -> Vec<Risk> {
        // The products stay below 2⁷⁰, the differences below 2⁵⁸.
        let [margin, min_margin, share] = [self.margin.bp(), self.min_margin.bp(), self.share.bp().into()].map(i128::from);
        let rate = i128::from(rate_tenth_bp);
        let is_above_share = rate.wrapping_mul(1_000) > margin.wrapping_mul(share);
        let is_below_min = margin.wrapping_mul(10).wrapping_sub(rate) < min_margin.wrapping_mul(10);
        let risks = [is_above_share.then_some(Risk::Share), is_below_min.then_some(Risk::MinMargin)];
        risks.into_iter().flatten().collect()
    }
}

fn tenths(rate: Rate) -> u32 {
    u32::from(rate.bp()).wrapping_mul(10)
}

/// The least receipt such that a rate on it and all larger ones costs at most the allowed rate of all; rates in one unit,
/// receipts descending.
fn carried_from(descending: &[Rupiah], rate: u32, allowed: i128) -> Option<Rupiah> {
    // What leaves 128 bits is allowed more than any receipts of a request cost.
    let amount = |receipt: &Rupiah| i128::from(receipt.get());
    let all = descending.iter().fold(0_i128, |sum, receipt| sum.wrapping_add(amount(receipt)));
    let most = all.saturating_mul(allowed);
    let (mut rewarded, mut least) = (0_i128, None);
    for equal in descending.chunk_by(|one, next| one == next) {
        rewarded = equal.iter().fold(rewarded, |sum, receipt| sum.wrapping_add(amount(receipt)));
        if rewarded.wrapping_mul(rate.into()) > most {
            break;
        }
        least = equal.first().copied();
    }
    least
}
