//! Sales territories (TR-1 … TR-4).

use crate::campaign::{out_if, read_weights, share_bp, weighted_mean};
use crate::condition::distinct;
use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, out, refuse, text};
use crate::place::read_place;
use serde_json::{Value, json};

type Point = [Int; 3];

#[derive(Clone)]
struct Outlet {
    id: String,
    point: Point,
    potential: Int,
}

const OUTLETS: usize = 10_000;
const POTENTIAL: i64 = 1_000_000_000_000;

fn read_outlet(fields: &Fields) -> Answer<Outlet> {
    Ok(Outlet {
        id: fields.text("id")?.to_string(),
        point: read_place(fields.need("place")?)?.metres(),
        potential: between(fields.need("potential")?, 0, POTENTIAL)?,
    })
}

fn read_sellers(fields: &Fields) -> Answer<Vec<String>> {
    let sellers: Vec<String> = fields.list("sellers")?.iter().map(|item| text(item).map(String::from)).collect::<Answer<_>>()?;
    distinct(sellers.iter().map(String::as_str))?;
    if sellers.is_empty() {
        return refuse("bad_config");
    }
    Ok(sellers)
}

fn sum(outlets: &[Outlet]) -> Int {
    outlets.iter().map(|outlet| &outlet.potential).sum()
}

fn squared_distance(a: &Point, b: &Point) -> Int {
    (0..3).map(|k| (&a[k] - &b[k]) * (&a[k] - &b[k])).sum()
}

/// The mean of each coordinate, toward zero; nowhere without outlets.
fn centre(outlets: &[Outlet]) -> Option<Point> {
    if outlets.is_empty() {
        return None;
    }
    let count = int(outlets.len() as i64);
    let mean = |k: usize| Fraction::new(outlets.iter().map(|outlet| &outlet.point[k]).sum(), count.clone()).trunc().to_integer();
    Some([mean(0), mean(1), mean(2)])
}

fn spread_m(outlets: &[Outlet]) -> Int {
    let Some(centre) = centre(outlets) else {
        return int(0);
    };
    let squares: Int = outlets.iter().map(|outlet| squared_distance(&outlet.point, &centre)).sum();
    (squares / int(outlets.len() as i64)).sqrt()
}

/// The outlets of each seller, the ids sorted.
fn territories(sellers: &[String], parts: &[Vec<Outlet>]) -> Answer<Vec<Value>> {
    let mut list = Vec::new();
    for (seller, part) in sellers.iter().zip(parts) {
        let mut ids: Vec<&str> = part.iter().map(|outlet| outlet.id.as_str()).collect();
        ids.sort_unstable();
        list.push(json!({ "seller": seller, "outlets": ids, "potential": out(&sum(part))?, "spread_m": out(&spread_m(part))? }));
    }
    Ok(list)
}

/// The largest in basis points of the mean, truncated.
fn largest_bp(potentials: &[Int]) -> Option<Int> {
    let whole: Int = potentials.iter().sum();
    share_bp(&(potentials.iter().max().expect("a territory") * int(potentials.len() as i64)), &whole)
}

/// The set cut in two until every part has one seller.
fn bisect(mut outlets: Vec<Outlet>, sellers: usize, parts: &mut Vec<Vec<Outlet>>) {
    if sellers == 1 {
        parts.push(outlets);
        return;
    }
    let second = sellers / 2;
    let first = sellers - second;
    let extent = |axis: usize| {
        let of = |outlet: &Outlet| outlet.point[axis].clone();
        outlets.iter().map(of).max().expect("an outlet") - outlets.iter().map(of).min().expect("an outlet")
    };
    let mut axis = 0;
    for other in [1, 2] {
        if extent(other) > extent(axis) {
            axis = other;
        }
    }
    outlets.sort_by(|a, b| (&a.point[axis], a.id.as_bytes()).cmp(&(&b.point[axis], b.id.as_bytes())));
    let wanted = Fraction::new(sum(&outlets) * int(first as i64), int(sellers as i64));
    let over = |n: usize| fraction(&sum(&outlets[..n])) - &wanted;
    let zero = fraction(&int(0));
    let far = |n: usize| if over(n) < zero { -over(n) } else { over(n) };
    let allowed = first..=outlets.len() - second;
    let least = allowed.clone().map(far).min().expect("an outlet for each seller");
    let nearest: Vec<usize> = allowed.filter(|n| far(*n) == least).collect();
    // Outlets of no worth stay with the part that has too little.
    let below = nearest.iter().rfind(|n| over(**n) < zero);
    let cut = *below.unwrap_or(&nearest[0]);
    let rest = outlets.split_off(cut);
    bisect(outlets, first, parts);
    bisect(rest, second, parts);
}

/// TR-1.
pub fn divide(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["outlets", "sellers"])?;
    let list = fields.list("outlets")?;
    if list.len() > OUTLETS {
        return refuse("too_large");
    }
    let mut outlets = Vec::new();
    for item in list {
        outlets.push(read_outlet(&Fields::open(item, &["id", "place", "potential"])?)?);
    }
    distinct(outlets.iter().map(|outlet| outlet.id.as_str()))?;
    let sellers = read_sellers(&fields)?;
    if sellers.len() > outlets.len() {
        return refuse("bad_config");
    }
    let greatest = outlets.iter().map(|outlet| outlet.potential.clone()).max().expect("as many as sellers");
    let whole = sum(&outlets);
    out(&whole)?;
    let mut parts = Vec::new();
    bisect(outlets, sellers.len(), &mut parts);
    let potentials: Vec<Int> = parts.iter().map(|part| sum(part)).collect();
    let mut bound_bp = None;
    if whole > int(0) {
        let mean = Fraction::new(whole, int(sellers.len() as i64));
        let bound = &mean + Fraction::new(greatest * int(5), int(4));
        bound_bp = Some((bound / mean * int(10_000)).trunc().to_integer());
    }
    Ok(json!({
        "territories": territories(&sellers, &parts)?,
        "largest_bp": out_if(largest_bp(&potentials))?,
        "bound_bp": out_if(bound_bp)?,
    }))
}

/// TR-1: what an outlet may be worth.
pub fn potential(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["outlets", "weights"])?;
    let names = ["sales", "density", "competition"];
    let weights = read_weights(fields.need("weights")?, names)?;
    let mut outlets = Vec::new();
    for item in fields.list("outlets")? {
        let outlet = Fields::open(item, &["id", "sales", "density", "competition"])?;
        outlets.push((outlet.text("id")?, [outlet.natural(names[0])?, outlet.natural(names[1])?, outlet.natural(names[2])?]));
    }
    distinct(outlets.iter().map(|(id, _)| *id))?;
    let mut answers = Vec::new();
    for (id, values) in &outlets {
        let share = |k: usize| {
            let highest = outlets.iter().map(|(_, values)| &values[k]).max().expect("this one");
            share_bp(&values[k], highest).unwrap_or(int(0))
        };
        let (sales, density, competition) = (share(0), share(1), int(10_000) - share(2));
        answers.push(json!({
            "id": id,
            "potential_bp": out(&weighted_mean(&weights, &[&sales, &density, &competition]))?,
            "sales_bp": out(&sales)?,
            "density_bp": out(&density)?,
            "competition_bp": out(&competition)?,
        }));
    }
    Ok(json!({ "outlets": answers }))
}

/// TR-2.
pub fn fairness(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["territories"])?;
    let (mut ids, mut potentials) = (Vec::new(), Vec::new());
    for item in fields.list("territories")? {
        let inner = Fields::open(item, &["id", "potential"])?;
        ids.push(inner.text("id")?);
        potentials.push(inner.natural("potential")?);
    }
    distinct(ids)?;
    if potentials.is_empty() {
        return refuse("bad_config");
    }
    let whole: Int = potentials.iter().sum();
    if whole == int(0) {
        return refuse("not_defined");
    }
    let count = int(potentials.len() as i64);
    let mut apart = int(0);
    for a in &potentials {
        for b in &potentials {
            apart += if a > b { a - b } else { b - a };
        }
    }
    Ok(json!({
        "mean": out(&(&whole / &count))?,
        "largest_bp": out_if(largest_bp(&potentials))?,
        "gini_bp": out_if(share_bp(&apart, &(int(2) * count * whole)))?,
    }))
}

/// TR-3.
pub fn attainment(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["territories", "falling_bp"])?;
    let falling_bp = fields.rate_or("falling_bp", 1000)?;
    let (mut ids, mut territories) = (Vec::new(), Vec::new());
    let (mut all_sales, mut all_target, mut all_falling) = (int(0), int(0), 0);
    for item in fields.list("territories")? {
        let inner = Fields::open(item, &["id", "sales", "target", "before"])?;
        let id = inner.text("id")?;
        let (sales, target, before) = (inner.natural("sales")?, inner.natural("target")?, inner.natural_if("before")?);
        let falling =
            before.as_ref().is_some_and(|before| fraction(&sales) < Fraction::new(before * (int(10_000) - &falling_bp), int(10_000)));
        let change = before.and_then(|before| share_bp(&(&sales - &before), &before));
        territories.push(json!({
            "id": id,
            "attainment_bp": out_if(share_bp(&sales, &target))?,
            "change_bp": out_if(change)?,
            "falling": falling,
        }));
        ids.push(id);
        all_sales += sales;
        all_target += target;
        all_falling += usize::from(falling);
    }
    distinct(ids)?;
    Ok(json!({
        "territories": territories,
        "all": {
            "sales": out(&all_sales)?,
            "target": out(&all_target)?,
            "attainment_bp": out_if(share_bp(&all_sales, &all_target))?,
            "falling": all_falling,
        },
    }))
}

/// An outlet (its place in the order of ids) and the seller who takes it.
type Move = (usize, usize);

/// What a re-division looks at: the outlets in the order of their ids, and
/// whose each is.
struct Division {
    outlets: Vec<Outlet>,
    owners: Vec<usize>,
    sellers: usize,
    bound_bp: Int,
    /// Of each seller's outlets, before any move.
    centres: Vec<Option<Point>>,
}

impl Division {
    fn parts(&self, owners: &[usize]) -> Vec<Vec<Outlet>> {
        let mut parts = vec![Vec::new(); self.sellers];
        for (outlet, owner) in self.outlets.iter().zip(owners) {
            parts[*owner].push(outlet.clone());
        }
        parts
    }

    fn potentials(&self, owners: &[usize]) -> Vec<Int> {
        let mut potentials = vec![int(0); self.sellers];
        for (outlet, owner) in self.outlets.iter().zip(owners) {
            potentials[*owner] += &outlet.potential;
        }
        potentials
    }

    fn holds(&self, owners: &[usize]) -> bool {
        let potentials = self.potentials(owners);
        let largest = potentials.iter().max().expect("a seller");
        largest * int(10_000) * int(self.sellers as i64) <= &self.bound_bp * sum(&self.outlets)
    }

    fn after(&self, moves: &[Move]) -> Vec<usize> {
        let mut owners = self.owners.clone();
        for (outlet, to) in moves {
            owners[*outlet] = *to;
        }
        owners
    }

    /// Nobody who had an outlet is left without.
    fn leaves_nobody_bare(&self, owners: &[usize]) -> bool {
        (0..self.sellers).all(|seller| !self.owners.contains(&seller) || owners.contains(&seller))
    }

    fn squared_way(&self, (outlet, to): Move) -> Int {
        self.centres[to].as_ref().map_or(int(0), |centre| squared_distance(&self.outlets[outlet].point, centre))
    }

    /// The best of all sets of so many moves that meet the bound.
    fn exhaustive(&self, count: usize) -> Option<Vec<Move>> {
        let mut best = None;
        self.every_set(count, 0, &mut Vec::new(), &mut best);
        best.map(|(_, _, moves)| moves)
    }

    fn every_set(&self, left: usize, from: usize, moves: &mut Vec<Move>, best: &mut Option<(Int, Int, Vec<Move>)>) {
        if left == 0 {
            let owners = self.after(moves);
            if self.holds(&owners) && self.leaves_nobody_bare(&owners) {
                let largest = self.potentials(&owners).into_iter().max().expect("a seller");
                let way = moves.iter().map(|step| self.squared_way(*step)).sum();
                let found = (largest, way, moves.clone());
                if best.as_ref().is_none_or(|best| found < *best) {
                    *best = Some(found);
                }
            }
            return;
        }
        for outlet in from..self.outlets.len() {
            for to in 0..self.sellers {
                if to != self.owners[outlet] {
                    moves.push((outlet, to));
                    self.every_set(left - 1, outlet + 1, moves, best);
                    moves.pop();
                }
            }
        }
    }

    /// One move after the other from the seller with the most, while it helps.
    fn greedy(&self) -> Vec<Move> {
        let mut moves: Vec<Move> = Vec::new();
        loop {
            let owners = self.after(&moves);
            if self.holds(&owners) {
                return moves;
            }
            let potentials = self.potentials(&owners);
            let most = potentials.iter().max().expect("a seller");
            let giver = potentials.iter().position(|potential| potential == most).expect("one of them");
            let outlets = owners.iter().filter(|owner| **owner == giver).count();
            let mut best = None;
            for (outlet, owner) in owners.iter().enumerate() {
                if *owner != giver || outlets == 1 || moves.iter().any(|(moved, _)| *moved == outlet) {
                    continue;
                }
                for to in (0..self.sellers).filter(|to| *to != giver) {
                    let given = &self.outlets[outlet].potential;
                    let larger = (most - given).max(&potentials[to] + given);
                    let found = (larger, self.squared_way((outlet, to)), (outlet, to));
                    if found.0 < *most && best.as_ref().is_none_or(|best| found < *best) {
                        best = Some(found);
                    }
                }
            }
            match best {
                Some((_, _, step)) => moves.push(step),
                None => return moves,
            }
        }
    }
}

const SETS: i64 = 1_000_000;

/// TR-4.
pub fn redivide(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["outlets", "sellers", "bound_bp"])?;
    let names = read_sellers(&fields)?;
    let bound_bp = between(fields.need("bound_bp")?, 10_000, crate::fields::LIMIT)?;
    let list = fields.list("outlets")?;
    if list.len() > OUTLETS {
        return refuse("too_large");
    }
    let mut owned = Vec::new();
    for item in list {
        let inner = Fields::open(item, &["id", "place", "potential", "seller"])?;
        let (outlet, seller) = (read_outlet(&inner)?, inner.text("seller")?);
        let Some(owner) = names.iter().position(|name| name == seller) else {
            return refuse("bad_config");
        };
        owned.push((outlet, owner));
    }
    distinct(owned.iter().map(|(outlet, _)| outlet.id.as_str()))?;
    owned.sort_by(|a, b| a.0.id.as_bytes().cmp(b.0.id.as_bytes()));
    let (outlets, owners): (Vec<Outlet>, Vec<usize>) = owned.into_iter().unzip();
    out(&sum(&outlets))?;
    let mut division = Division { outlets, owners, sellers: names.len(), bound_bp, centres: Vec::new() };
    division.centres = division.parts(&division.owners).iter().map(|part| centre(part)).collect();

    let mut found = if division.holds(&division.owners) { Some(Vec::new()) } else { None };
    let ways = int(division.outlets.len() as i64) * int(names.len() as i64 - 1);
    let mut count = 1;
    while found.is_none() && count <= division.outlets.len() && ways.pow(count as u32) <= int(SETS) {
        found = division.exhaustive(count);
        count += 1;
    }
    let least = found.is_some();
    let mut moves = found.unwrap_or_else(|| division.greedy());
    moves.sort_unstable();

    let after = division.after(&moves);
    let mut told = Vec::new();
    for (outlet, to) in &moves {
        told.push(json!({ "outlet": division.outlets[*outlet].id, "from": names[division.owners[*outlet]], "to": names[*to] }));
    }
    Ok(json!({
        "moves": told,
        "territories": territories(&names, &division.parts(&after))?,
        "largest_bp": out_if(largest_bp(&division.potentials(&after)))?,
        "reached": division.holds(&after),
        "least": least,
    }))
}
