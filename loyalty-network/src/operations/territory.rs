//! Territories: who serves which outlets.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::tasks::PlaceFields;
use crate::fault::Faults as _;
use crate::{
    Attainment, Division, FactorWeight, Fairness, HeldOutlet, Outlet, Potential, Prospect, ProspectScore, Redivision, Territory,
    TerritorySales, TotalAttainment, Weights,
};
use loyalty_rules::api::wire::{Amount, Path, Refusal, answer, distinct, operations, record, small};
use loyalty_rules::error::{Fault, Field};
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};

loyalty_rules::wire_integers! {
    Potential: 0, 1_000_000_000_000_i64, PotentialOutOfRange, |number| small(number, Fault::PotentialOutOfRange).and_then(Self::new), |value| value.get();
}

operations! {
    "territory.potential" ["TR-1"] "The potential of outlets from sales, density and competition.": potential, ProspectRequest => ProspectAnswer;
    "territory.divide" ["TR-1"] "Outlets divided among sellers, even in potential and close together.": divide, DivideRequest => DivideAnswer;
    "territory.fairness" ["TR-2"] "How even territories are.": fairness, FairnessRequest => FairnessAnswer;
    "territory.attainment" ["TR-3"] "What territories sell of their targets, and which are falling.": attainment, AttainmentRequest => AttainmentAnswer;
    "territory.redivide" ["TR-4"] "The fewest outlets that change their seller until territories are even enough.": redivide, RedivideRequest => RedivideAnswer;
}

record! {
    /// Outlets and what their potential is made of.
    pub struct ProspectRequest {
        /// The outlets, each id once.
        outlets: Vec<ProspectFields>,
        /// How much each factor counts.
        weights: ProspectWeights,
    }
}

record! {
    /// An outlet and what its potential is made of.
    pub struct ProspectFields {
        /// Its id.
        id: String,
        /// Its sales.
        sales: Count,
        /// How many shoppers live around.
        density: Count,
        /// How much competition there is.
        competition: Count,
    }
}

record! {
    /// How much each factor of a potential counts, not all zero.
    pub struct ProspectWeights {
        /// Sales.
        sales: FactorWeight,
        /// Shoppers around.
        density: FactorWeight,
        /// Absent competition.
        competition: FactorWeight,
    }
}

answer! {
    /// The potential of outlets.
    pub struct ProspectAnswer {
        /// In declared order.
        outlets: Vec<ScoredOutlet>,
    }
}

answer! {
    /// The potential of an outlet.
    pub struct ScoredOutlet {
        /// Its id.
        id: String,
        /// The weighted mean of the factors in basis points.
        potential_bp: Rate,
        /// Its sales ÷ the highest in basis points.
        sales_bp: Rate,
        /// Its density ÷ the highest in basis points.
        density_bp: Rate,
        /// 10,000 − its competition ÷ the highest in basis points.
        competition_bp: Rate,
    }
}

fn potential(request: &ProspectRequest) -> Result<ProspectAnswer, Refusal> {
    distinct("outlets", "id", request.outlets.iter().map(|outlet| outlet.id.as_str()))?;
    let ProspectWeights { sales, density, competition } = request.weights;
    let weights = Weights::new([sales, density, competition])?;
    let prospect = |fields: &ProspectFields| Prospect { sales: fields.sales, density: fields.density, competition: fields.competition };
    let prospects: Vec<_> = request.outlets.iter().map(prospect).collect();
    let scored = |(fields, score): (&ProspectFields, ProspectScore)| ScoredOutlet {
        id: fields.id.clone(),
        potential_bp: score.potential,
        sales_bp: score.sales,
        density_bp: score.density,
        competition_bp: score.competition,
    };
    Ok(ProspectAnswer { outlets: request.outlets.iter().zip(crate::prospect_scores(&prospects, weights)).map(scored).collect() })
}

record! {
    /// Outlets to divide.
    pub struct DivideRequest {
        /// The outlets, at most 10,000, each id once.
        outlets: Vec<OutletFields>,
        /// The ids of the sellers, each once, at most as many as there are outlets.
        sellers: Vec<String>,
    }
}

record! {
    /// An outlet.
    pub struct OutletFields {
        /// Its id.
        id: String,
        /// Where it is.
        place: PlaceFields,
        /// What it may bring, in whatever unit all outlets share.
        potential: Potential,
    }
}

impl OutletFields {
    fn outlet(&self) -> Outlet<'_> {
        Outlet { id: &self.id, place: self.place.place(), potential: self.potential }
    }
}

answer! {
    /// Outlets divided among sellers.
    pub struct DivideAnswer {
        /// In the order of the sellers.
        territories: Vec<TerritoryAnswer>,
        /// The largest potential ÷ the mean in basis points, truncated; null if nothing has potential.
        largest_bp: Option<Ratio>,
        /// What it cannot exceed: (mean + 5 ÷ 4 × the greatest outlet) ÷ mean in basis points, truncated.
        bound_bp: Option<Ratio>,
    }
}

answer! {
    /// The outlets of a seller.
    pub struct TerritoryAnswer {
        /// The seller's id.
        seller: String,
        /// The ids of the outlets, sorted.
        outlets: Vec<String>,
        /// The sum of their potentials.
        potential: Count,
        /// How far they spread around their centre, in metres.
        spread_m: Count,
    }
}

/// Refuses a seller that stands twice.
fn distinct_sellers(sellers: &[String]) -> Result<BTreeMap<&str, usize>, Refusal> {
    let mut places = BTreeMap::new();
    for (index, seller) in sellers.iter().enumerate() {
        if places.insert(seller.as_str(), index).is_some() {
            return Err(Fault::NotDistinct.error().at(Field::entry("sellers", index)).into());
        }
    }
    Ok(places)
}

fn territories(territories: &[Territory], sellers: &[String], outlets: &[Outlet<'_>]) -> Vec<TerritoryAnswer> {
    let answer = |(territory, seller): (&Territory, &String)| TerritoryAnswer {
        seller: seller.clone(),
        outlets: territory.outlets.iter().filter_map(|place| Some(outlets.get(*place)?.id.into())).collect(),
        potential: territory.potential,
        spread_m: territory.spread_m,
    };
    territories.iter().zip(sellers).map(answer).collect()
}

fn divide(request: &DivideRequest) -> Result<DivideAnswer, Refusal> {
    let DivideRequest { outlets, sellers } = request;
    distinct("outlets", "id", outlets.iter().map(|outlet| outlet.id.as_str()))?;
    distinct_sellers(sellers)?;
    let outlets: Vec<_> = outlets.iter().map(OutletFields::outlet).collect();
    let Division { territories: parts, largest, bound } = crate::divide(&outlets, sellers.len())?;
    Ok(DivideAnswer { territories: territories(&parts, sellers, &outlets), largest_bp: largest, bound_bp: bound })
}

record! {
    /// Territories to compare.
    pub struct FairnessRequest {
        /// One or more, each id once.
        territories: Vec<TerritoryPotential>,
    }
}

record! {
    /// What a territory may bring.
    pub struct TerritoryPotential {
        /// Its id.
        id: String,
        /// Its potential.
        potential: Count,
    }
}

answer! {
    /// How even territories are.
    pub struct FairnessAnswer {
        /// The mean potential, truncated.
        mean: Count,
        /// The largest ÷ the mean in basis points, truncated.
        largest_bp: Ratio,
        /// The Gini coefficient in basis points, truncated: 0 if all are equal.
        gini_bp: Ratio,
    }
}

fn fairness(request: &FairnessRequest) -> Result<FairnessAnswer, Refusal> {
    distinct("territories", "id", request.territories.iter().map(|territory| territory.id.as_str()))?;
    let potentials: Vec<_> = request.territories.iter().map(|territory| territory.potential).collect();
    let Fairness { mean, largest, gini } = crate::fairness(&potentials)?;
    Ok(FairnessAnswer { mean, largest_bp: largest, gini_bp: gini })
}

record! {
    /// Territories and their sales.
    pub struct AttainmentRequest {
        /// The territories, each id once.
        territories: Vec<TerritorySalesFields>,
        /// A territory is falling when its sales are below those before by more than this share, in basis points.
        falling_bp: Rate = Rate::from_bp(1_000).unwrap_or_default(),
    }
}

record! {
    /// The sales of a territory.
    pub struct TerritorySalesFields {
        /// Its id.
        id: String,
        /// Its sales in rupiah.
        sales: Amount,
        /// The sales wanted, in rupiah.
        target: Amount,
        /// The sales of the period before, in rupiah.
        before: Option<Amount>,
    }
}

answer! {
    /// What territories sell of their targets.
    pub struct AttainmentAnswer {
        /// In declared order.
        territories: Vec<TerritoryAttainment>,
        /// All of them.
        all: AllAttainment,
    }
}

answer! {
    /// What a territory sells of its target.
    pub struct TerritoryAttainment {
        /// Its id.
        id: String,
        /// Sales ÷ target in basis points, truncated; null without a target.
        attainment_bp: Option<Ratio>,
        /// (Sales − before) ÷ before in basis points, truncated toward zero; null without sales before.
        change_bp: Option<Ratio>,
        /// Whether it is falling.
        falling: bool,
    }
}

answer! {
    /// What all territories sell of their targets.
    pub struct AllAttainment {
        /// Their sales in rupiah.
        sales: Rupiah,
        /// Their targets in rupiah.
        target: Rupiah,
        /// Sales ÷ target in basis points, truncated; null without a target.
        attainment_bp: Option<Ratio>,
        /// How many are falling.
        falling: Count,
    }
}

fn attainment(request: &AttainmentRequest) -> Result<AttainmentAnswer, Refusal> {
    distinct("territories", "id", request.territories.iter().map(|territory| territory.id.as_str()))?;
    let (list, mut sales) = (Path::Root.key("territories"), Vec::new());
    let (mut territories, mut all_falling) = (Vec::new(), Count::ZERO);
    for (index, fields) in request.territories.iter().enumerate() {
        let territory = TerritorySales { sales: fields.sales.0, target: fields.target.0, before: fields.before.map(|before| before.0) };
        let Attainment { attainment, change, is_falling } =
            crate::attainment(&territory, request.falling_bp).map_err(|error| Refusal::inside(error, &list.entry(index)))?;
        if is_falling {
            all_falling = all_falling.succ()?;
        }
        sales.push(territory);
        let id = fields.id.clone();
        territories.push(TerritoryAttainment { id, attainment_bp: attainment, change_bp: change, falling: is_falling });
    }
    let TotalAttainment { sales, target, attainment } = crate::total_attainment(&sales)?;
    Ok(AttainmentAnswer { territories, all: AllAttainment { sales, target, attainment_bp: attainment, falling: all_falling } })
}

record! {
    /// Territories that have become uneven.
    pub struct RedivideRequest {
        /// The outlets, at most 10,000, each id once.
        outlets: Vec<HeldOutletFields>,
        /// The ids of the sellers, each once.
        sellers: Vec<String>,
        /// The most that the largest ÷ the mean may be, in basis points, 10,000 or more.
        bound_bp: Ratio,
    }
}

record! {
    /// An outlet and who serves it.
    pub struct HeldOutletFields {
        [flat] outlet: OutletFields,
        /// The id of the seller.
        seller: String,
    }
}

answer! {
    /// Territories after a few moves.
    pub struct RedivideAnswer {
        /// By the id of the outlet.
        moves: Vec<OutletMove>,
        /// The territories after them, in the order of the sellers.
        territories: Vec<TerritoryAnswer>,
        /// The largest ÷ the mean after them in basis points, truncated; null if nothing has potential.
        largest_bp: Option<Ratio>,
        /// Whether the bound holds.
        reached: bool,
        /// Whether it is proved that fewer moves do not reach it.
        least: bool,
    }
}

answer! {
    /// An outlet that changes its seller.
    pub struct OutletMove {
        /// The id of the outlet.
        outlet: String,
        /// The id of the seller who gives it.
        from: String,
        /// The id of the seller who receives it.
        to: String,
    }
}

fn redivide(request: &RedivideRequest) -> Result<RedivideAnswer, Refusal> {
    let RedivideRequest { outlets: fields, sellers, bound_bp } = request;
    distinct("outlets", "id", fields.iter().map(|held| held.outlet.id.as_str()))?;
    let places = distinct_sellers(sellers)?;
    let outlets: Vec<_> = fields.iter().map(|held| held.outlet.outlet()).collect();
    // A place outside the list is refused by the rule.
    let seller = fields.iter().map(|held| places.get(held.seller.as_str()).copied().unwrap_or(usize::MAX));
    let held: Vec<_> = outlets.iter().zip(seller).map(|(outlet, seller)| HeldOutlet { outlet: *outlet, seller }).collect();
    let Redivision { moves, territories: parts, largest, is_reached, is_least } = crate::redivide(&held, sellers.len(), *bound_bp)?;
    let seller = |place: usize| sellers.get(place).cloned().unwrap_or_default();
    let moves = moves.iter().map(|each| OutletMove {
        outlet: outlets.get(each.outlet).map_or("", |outlet| outlet.id).into(),
        from: seller(each.from),
        to: seller(each.to),
    });
    Ok(RedivideAnswer {
        moves: moves.collect(),
        territories: territories(&parts, sellers, &outlets),
        largest_bp: largest,
        reached: is_reached,
        least: is_least,
    })
}
