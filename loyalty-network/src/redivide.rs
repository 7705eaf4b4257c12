use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::count;
use super::place::Point;
use super::territory::{Located, Outlet, Territory, largest, located, sum, territory};
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Rate, Ratio};
use loyalty_rules::sort;

/// The most sets of moves, repetitions counted, of which all are compared.
const MAX_SETS: usize = 1_000_000;
/// The most comparisons of moves one by one.
const MAX_WORK: usize = 25_000_000;

/// An outlet and who serves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldOutlet<'a> {
    /// The outlet.
    pub outlet: Outlet<'a>,
    /// Its seller, by the place in the list of sellers.
    pub seller: usize,
}

/// An outlet that changes its seller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Its place in the list of outlets.
    pub outlet: usize,
    /// The place of the seller who gives it.
    pub from: usize,
    /// The place of the seller who receives it.
    pub to: usize,
}

/// Territories after a few moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redivision {
    /// The moves, by the id of the outlet.
    pub moves: Vec<Move>,
    /// The territories after them, in the order of the sellers.
    pub territories: Vec<Territory>,
    /// The largest potential after them ÷ the mean, truncated; `None` if nothing has potential.
    pub largest: Option<Ratio>,
    /// Whether the bound holds.
    pub is_reached: bool,
    /// Whether it is proved that fewer moves do not reach it.
    pub is_least: bool,
}

/// Moves as few outlets as needed until the largest potential ÷ the mean is within a bound, exactly compared (TR-4). No
/// seller loses the last outlet.
///
/// * Sets of 1, 2, 3 … moves are compared in full while (outlets × (sellers − 1))ⁿ is at most 1,000,000. Of the first sets that
///   do, the one with the smallest largest potential, then the smallest sum of squared distances to the centres that
///   receive, then the first by outlet id and seller.
/// * Beyond that the largest gives, one by one, the outlet that leaves the larger of the two smallest, then the nearest to the
///   centre that receives, then the first by outlet id and seller, as long as that lowers the larger one.
///
/// Centres are those before any move; a seller without outlets is near to all.
///
/// ```
/// use loyalty_network::{HeldOutlet, Outlet, Place, Potential, redivide};
/// use loyalty_rules::quantity::Ratio;
///
/// let held = |id, lon_e7, potential, seller| {
///     let (place, potential) = (Place::from_e7(-62_000_000, lon_e7)?, Potential::new(potential)?);
///     Ok::<_, loyalty_rules::Error>(HeldOutlet { outlet: Outlet { id, place, potential }, seller })
/// };
/// let outlets = [held("a", 1_060_000_000, 50, 0)?, held("b", 1_065_000_000, 40, 0)?, held("c", 1_070_000_000, 30, 1)?];
/// let redivision = redivide(&outlets, 2, Ratio::from_bp(12_000)?)?;
/// let [the_move] = redivision.moves[..] else { panic!() };
/// assert_eq!((the_move.outlet, the_move.from, the_move.to), (1, 0, 1)); // 50 and 70 of 60
/// assert!(redivision.is_reached && redivision.is_least);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` at `sellers` without any, and at `outlets[…].seller` for a place outside their list; `out_of_range` at
/// `bound_bp` below 10,000; at `outlets` `too_large` above 10,000 or if moves one by one would take more than 25,000,000 comparisons, and
/// `out_of_range` if potentials sum beyond CV-1.
pub fn redivide(outlets: &[HeldOutlet<'_>], sellers: usize, bound: Ratio) -> Result<Redivision, Error> {
    if sellers == 0 {
        return Err(Fault::SellerCount.error().at("sellers"));
    }
    if let Some(index) = outlets.iter().position(|held| held.seller >= sellers) {
        return Err(Fault::UnknownSeller.error().at(Field::within("outlets", index, "seller")));
    }
    if bound < Ratio::from(Rate::WHOLE) {
        return Err(Fault::BoundBelowMean.error().at("bound_bp"));
    }
    let board = Board::of(outlets, sellers, bound)?;
    let state = State::of(&board);
    let (holders, is_reached, is_least) = if board.allows(state.highest(&[])) {
        (board.holders.clone(), true, true)
    } else if let Some(holders) = board.fewest_moves(&state) {
        (holders, true, true)
    } else {
        let (holders, is_reached) = board.moves_one_by_one(state)?;
        (holders, is_reached, false)
    };
    let mut parts = vec![Vec::new(); sellers];
    let mut moves = Vec::new();
    for ((outlet, from), to) in board.outlets.iter().zip(&board.holders).zip(&holders) {
        if let Some(part) = parts.get_mut(*to) {
            part.push(*outlet);
        }
        if from != to {
            moves.push(Move { outlet: outlet.place, from: *from, to: *to });
        }
    }
    let territories: Vec<Territory> = parts.into_iter().map(territory).collect::<Result<_, _>>()?;
    Ok(Redivision { moves, largest: largest(&territories)?, territories, is_reached, is_least })
}

/// What does not change while moves are looked for.
struct Board<'a> {
    /// By id.
    outlets: Vec<Located<'a>>,
    /// Their sellers before any move.
    holders: Vec<usize>,
    /// The centres of the sellers' outlets before any move.
    centres: Vec<Option<Point>>,
    sum: i128,
    bound: Ratio,
}

/// What moves change.
#[derive(Clone)]
struct State {
    /// By seller.
    potentials: Vec<i64>,
    /// How many outlets each has.
    counts: Vec<usize>,
    /// The sellers by potential before any move, the largest first.
    ranked: Vec<usize>,
}

impl State {
    fn of(board: &Board<'_>) -> Self {
        let sellers = board.centres.len();
        let (mut potentials, mut counts) = (vec![0_i64; sellers], vec![0_usize; sellers]);
        for (outlet, seller) in board.outlets.iter().zip(&board.holders) {
            if let (Some(potential), Some(count)) = (potentials.get_mut(*seller), counts.get_mut(*seller)) {
                // The sum of all is in the domain.
                *potential = potential.wrapping_add(outlet.potential);
                *count = count.wrapping_add(1);
            }
        }
        let mut ranked: Vec<usize> = (0..sellers).collect();
        sort::by_key(&mut ranked, |seller| Reverse(at(&potentials, *seller)));
        Self { potentials, counts, ranked }
    }

    /// The potential and the place of each seller.
    fn sellers(&self) -> impl Iterator<Item = (i64, usize)> {
        self.potentials.iter().copied().zip(0..)
    }

    /// Gives an outlet to another seller.
    fn shift(&mut self, potential: i64, from: usize, to: usize) {
        if let (Some(given), Some(count)) = (self.potentials.get_mut(from), self.counts.get_mut(from)) {
            *given = given.wrapping_sub(potential);
            *count = count.wrapping_sub(1);
        }
        if let (Some(received), Some(count)) = (self.potentials.get_mut(to), self.counts.get_mut(to)) {
            *received = received.wrapping_add(potential);
            *count = count.wrapping_add(1);
        }
    }

    /// The largest potential after moves: of who takes part, or of the first who does not.
    fn highest(&self, moves: &[Move]) -> i64 {
        let takes_part = |seller: &&usize| moves.iter().any(|each| each.from == **seller || each.to == **seller);
        let others = self.ranked.iter().find(|seller| !takes_part(seller));
        let changed = moves.iter().flat_map(|each| [&each.from, &each.to]);
        others.into_iter().chain(changed).map(|seller| at(&self.potentials, *seller)).max().unwrap_or_default()
    }
}

/// The best of the sets of moves looked at; outlets by their place by id.
struct Found {
    highest: i64,
    squares: u64,
    moves: Vec<Move>,
}

impl<'a> Board<'a> {
    fn of(held: &[HeldOutlet<'a>], sellers: usize, bound: Ratio) -> Result<Self, Error> {
        let outlets: Vec<_> = held.iter().map(|held| held.outlet).collect();
        let mut both: Vec<_> = located(&outlets)?.into_iter().zip(held.iter().map(|held| held.seller)).collect();
        sort::by_key(&mut both, |(outlet, _)| outlet.id);
        let (outlets, holders): (Vec<_>, Vec<_>) = both.into_iter().unzip();
        let mut points = vec![Vec::new(); sellers];
        for (outlet, seller) in outlets.iter().zip(&holders) {
            if let Some(points) = points.get_mut(*seller) {
                points.push(outlet.point);
            }
        }
        let centres = points.into_iter().map(|points| Point::centre(points.into_iter())).collect();
        Ok(Self { sum: sum(&outlets), outlets, holders, centres, bound })
    }

    /// Whether the largest potential is within the bound.
    fn allows(&self, highest: i64) -> bool {
        // Below 2⁵³ × 2¹⁴ × 2⁶⁴ and 2⁵³ × 2⁵³.
        let ten_thousands = i128::from(highest).wrapping_mul(10_000).wrapping_mul(count(self.centres.len()));
        ten_thousands <= self.sum.wrapping_mul(self.bound.bp().into())
    }

    /// The squared distance of an outlet to the centre of a seller.
    fn square(&self, outlet: &Located<'_>, seller: usize) -> u64 {
        self.centres.get(seller).copied().flatten().map_or(0, |centre| outlet.point.square_to(centre))
    }

    /// The sellers after the fewest moves, if they are few enough to compare all sets.
    fn fewest_moves(&self, state: &State) -> Option<Vec<usize>> {
        let single = self.outlets.len().saturating_mul(self.centres.len().saturating_sub(1));
        let sets = core::iter::successors(Some(single), |sets| Some(sets.saturating_mul(single)));
        let depths = (1..=self.outlets.len()).zip(sets.take_while(|sets| *sets <= MAX_SETS));
        let found = depths.into_iter().find_map(|(depth, _)| {
            let mut best = None;
            self.search(depth, 0, &mut state.clone(), &mut Vec::new(), &mut best);
            best
        })?;
        let mut holders = self.holders.clone();
        for each in found.moves {
            if let Some(holder) = holders.get_mut(each.outlet) {
                *holder = each.to;
            }
        }
        Some(holders)
    }

    /// Looks at all sets of so many more moves of outlets from a place on, in the order of outlet and seller.
    fn search(&self, depth: usize, from_place: usize, state: &mut State, moves: &mut Vec<Move>, best: &mut Option<Found>) {
        let Some(depth_left) = depth.checked_sub(1) else { return self.judge(state, moves, best) };
        for (place, (outlet, from)) in self.outlets.iter().zip(&self.holders).enumerate().skip(from_place) {
            for to in (0..self.centres.len()).filter(|to| to != from) {
                state.shift(outlet.potential, *from, to);
                moves.push(Move { outlet: place, from: *from, to });
                self.search(depth_left, place.wrapping_add(1), state, moves, best);
                moves.pop();
                state.shift(outlet.potential, to, *from);
            }
        }
    }

    /// Keeps a set of moves if the bound holds after it and it is better than the best so far.
    fn judge(&self, state: &State, moves: &[Move], best: &mut Option<Found>) {
        let highest = state.highest(moves);
        if !self.allows(highest) || moves.iter().any(|each| state.counts.get(each.from) == Some(&0)) {
            return;
        }
        let square = |each: &Move| self.outlets.get(each.outlet).map_or(0, |outlet| self.square(outlet, each.to));
        let squares = moves.iter().map(square).fold(0_u64, u64::wrapping_add);
        if best.as_ref().is_none_or(|best| (highest, squares) < (best.highest, best.squares)) {
            *best = Some(Found { highest, squares, moves: moves.to_vec() });
        }
    }

    /// The sellers after moves one by one, and whether the bound holds.
    fn moves_one_by_one(&self, mut state: State) -> Result<(Vec<usize>, bool), Error> {
        let mut holders = self.holders.clone();
        let mut work = 0;
        loop {
            let (highest, giver) = state.sellers().max_by_key(|(potential, seller)| (*potential, Reverse(*seller))).unwrap_or_default();
            if self.allows(highest) {
                return Ok((holders, true));
            }
            let Some((place, potential, receiver)) = self.best_move(&state, &holders, (highest, giver), &mut work)? else {
                return Ok((holders, false));
            };
            state.shift(potential, giver, receiver);
            if let Some(holder) = holders.get_mut(place) {
                *holder = receiver;
            }
        }
    }

    /// The outlet, with its potential, that the giver had better move, and to whom; `None` if that lowers nothing.
    fn best_move(
        &self,
        state: &State,
        holders: &[usize],
        (highest, giver): (i64, usize),
        work: &mut usize,
    ) -> Result<Option<(usize, i64, usize)>, Error> {
        if state.counts.get(giver) == Some(&1) {
            return Ok(None);
        }
        // The larger of the two after a move.
        let larger = |potential: i64, received: i64| highest.wrapping_sub(potential).max(received.wrapping_add(potential));
        let receivers = || state.sellers().filter(|(_, seller)| *seller != giver);
        let lowest = receivers().map(|(potential, _)| potential).min().unwrap_or_default();
        // An outlet that is not at its first seller has moved. Who has least receives best.
        let movable = || {
            let outlets = self.outlets.iter().zip(&self.holders).zip(holders).enumerate();
            let mine = outlets.filter(|(_, ((_, first), now))| (**first, **now) == (giver, giver));
            mine.map(|(place, ((outlet, _), _))| (larger(outlet.potential, lowest), place, outlet))
        };
        let Some(least) = movable().map(|(larger, ..)| larger).min().filter(|least| *least < highest) else { return Ok(None) };
        let alike: Vec<_> = movable().filter(|(larger, ..)| *larger == least).collect();
        *work = work.saturating_add(holders.len()).saturating_add(alike.len().saturating_mul(self.centres.len()));
        if *work > MAX_WORK {
            return Err(Fault::TooManyMoves.error().at("outlets"));
        }
        let moves = alike.into_iter().flat_map(|(_, place, outlet)| {
            let alike = receivers().filter(move |(received, _)| larger(outlet.potential, *received) == least);
            alike.map(move |(_, seller)| (self.square(outlet, seller), place, seller, outlet.potential))
        });
        Ok(moves.min().map(|(_, place, seller, potential)| (place, potential, seller)))
    }
}

fn at(potentials: &[i64], seller: usize) -> i64 {
    potentials.get(seller).copied().unwrap_or_default()
}
