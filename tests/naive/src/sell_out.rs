//! Perishable stock (PL-22), read as it stands: every plan of a table is tried.

use crate::auction::{read_window, stock_quota};
use crate::award::{Steps, printed_steps};
use crate::fields::{Answer, Fields, Fraction, Int, LIMIT, between, int, natural, out, rate, refuse};
use crate::money::{Rounding, value_of};
use crate::planning::margin;
use crate::simulation::{self, Generator};
use crate::tables::{class_of, printed_rows, small};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A rate and a minimum purchase in units; nothing for a slot that is held.
type Gives = Option<(Int, Int)>;

struct Shop {
    units: Int,
    price: Int,
    cost: Int,
    from: usize,
    people: Vec<Int>,
    baskets: Vec<Int>,
    conversion: Vec<(Int, Int)>,
    stretch_bp: Int,
    standby_bp: Int,
    limit: Int,
}

/// What one basket does.
struct Buyer {
    share: Int,
    units: Int,
    voucher: Int,
    full: bool,
}

fn round_up(exact: &Fraction) -> Int {
    exact.ceil().to_integer()
}

fn round_down(exact: &Fraction) -> Int {
    exact.floor().to_integer()
}

impl Shop {
    fn share(&self, rate: &Int) -> Int {
        let mut reached = self.conversion.iter().filter(|(from, _)| from <= rate);
        reached.next_back().expect("a step at 0").1.clone()
    }

    fn own(&self, basket: &Int) -> Int {
        (basket / &self.price).min(self.units.clone())
    }

    fn most(&self, basket: &Int) -> Int {
        let stretched = Fraction::new(basket * (int(10_000) + &self.stretch_bp), int(10_000) * &self.price);
        round_down(&stretched).min(self.units.clone())
    }

    fn buyer(&self, basket: &Int, gives: &Gives) -> Buyer {
        let (own, most, nothing) = (self.own(basket), self.most(basket), int(0));
        let voucher = |units: &Int, rate: &Int| value_of(&(units * &self.price), rate, &Rounding { unit: int(1), mode: "down" });
        match gives {
            None => Buyer { share: self.share(&nothing), units: own, voucher: nothing, full: false },
            Some((rate, quota)) if own >= *quota || most >= *quota => {
                let units = if own >= *quota { own } else { quota.clone() };
                let voucher = voucher(&units, rate);
                Buyer { share: self.share(rate), units, full: voucher > nothing, voucher }
            }
            Some(_) => {
                let voucher = voucher(&own, &self.standby_bp);
                Buyer { share: self.share(&nothing), units: own, voucher, full: false }
            }
        }
    }

    fn buyers(&self, gives: &Gives) -> Vec<Buyer> {
        self.baskets.iter().map(|basket| self.buyer(basket, gives)).collect()
    }

    /// People × the mean over the baskets.
    fn of_people(&self, slot: usize, gives: &Gives, of: impl Fn(&Buyer) -> Int) -> Fraction {
        let sum: Int = self.buyers(gives).iter().map(|buyer| &buyer.share * of(buyer)).sum();
        Fraction::new(&self.people[slot] * sum, int(10_000 * self.baskets.len() as i64))
    }

    fn cost(&self, slot: usize, gives: &Gives) -> Int {
        round_up(&self.of_people(slot, gives, |buyer| buyer.voucher.clone()))
    }

    fn parts_of_a_unit(&self) -> Int {
        int(10_000) / &self.units
    }

    fn parts(&self, slot: usize, gives: &Gives) -> Int {
        round_down(&(self.of_people(slot, gives, |buyer| buyer.units.clone()) * self.parts_of_a_unit()))
    }

    /// Units that some basket buys or can be stretched to, from 1 on; if they are more than 32, only how far each goes.
    fn quotas(&self) -> Vec<Int> {
        let mut all = Vec::new();
        for basket in &self.baskets {
            let (mut units, most) = (self.own(basket), self.most(basket));
            while units <= most {
                all.push(units.clone());
                units += 1;
            }
        }
        let tidy = |mut quotas: Vec<Int>| {
            quotas.sort();
            quotas.dedup();
            quotas
        };
        let mut quotas = tidy(all);
        if quotas.len() > 32 {
            quotas = tidy(self.baskets.iter().flat_map(|basket| [self.own(basket), self.most(basket)]).collect());
        }
        quotas.retain(|quota| *quota > int(0));
        quotas
    }

    /// Held first, then by rate, then by minimum purchase.
    fn choices(&self, slot: usize, rates: &[Int]) -> Vec<Gives> {
        let mut choices = vec![None];
        let quotas = self.quotas();
        for rate in rates {
            for quota in &quotas {
                choices.push(Some((rate.clone(), quota.clone())));
            }
        }
        choices.retain(|gives| self.cost(slot, gives) <= self.limit);
        choices
    }
}

/// A table's ten lists of rates, and what is known of the rest of a day.
struct Search<'a> {
    shop: &'a Shop,
    /// By slot: the choices, each with its parts and its cost.
    choices: Vec<Vec<(Gives, Int, Int)>>,
    known: BTreeMap<(usize, Int, Int), Option<(Int, usize)>>,
}

impl<'a> Search<'a> {
    fn of(shop: &'a Shop, rates: &dyn Fn(usize) -> Vec<Int>) -> Self {
        let choices = (0..10).map(|slot| {
            let rates = if shop.people[slot] == int(0) { Vec::new() } else { rates(slot) };
            let choices = shop.choices(slot, &rates).into_iter();
            choices.map(|gives| (gives.clone(), shop.parts(slot, &gives), shop.cost(slot, &gives))).collect()
        });
        Self { shop, choices: choices.collect(), known: BTreeMap::new() }
    }

    /// The least cost of the slots from here on that sell so many parts at no rate below the least, and the first choice
    /// with it.
    fn best(&mut self, slot: usize, least: &Int, need: &Int) -> Option<(Int, usize)> {
        if slot == 10 {
            return (*need <= int(0)).then(|| (int(0), 0));
        }
        let need = need.clone().max(int(0));
        let key = (slot, least.clone(), need.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut best: Option<(Int, usize)> = None;
        for (place, (gives, parts, cost)) in self.choices[slot].clone().into_iter().enumerate() {
            let rate = gives.map_or(least.clone(), |(rate, _)| rate);
            if rate < *least {
                continue;
            }
            let Some((rest, _)) = self.best(slot + 1, &rate, &(&need - parts)) else { continue };
            let cost = cost + rest;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, place));
            }
        }
        self.known.insert(key, best.clone());
        best
    }

    fn plan(&mut self, need: &Int) -> Option<(Int, Vec<Gives>)> {
        let (cost, _) = self.best(0, &int(0), need)?;
        let (mut least, mut need, mut plan) = (int(0), need.clone(), Vec::new());
        for slot in 0..10 {
            let (_, place) = self.best(slot, &least, &need)?;
            let (gives, parts, _) = self.choices[slot][place].clone();
            need -= parts;
            if let Some((rate, _)) = &gives {
                least = rate.clone();
            }
            plan.push(gives);
        }
        (cost <= self.shop.limit).then_some((cost, plan))
    }
}

/// The mean and three standard deviations of it.
fn guard(mean: &Int, greatest: &Int) -> Int {
    let square = mean * greatest;
    let mut root = square.sqrt();
    if &root * &root < square {
        root += 1;
    }
    mean + root * int(3)
}

/// Its tier, if it is printed, and the choices of the slots.
type Plan = (Option<&'static str>, Vec<Gives>);

struct Asked<'a> {
    fields: Fields<'a>,
    shop: Shop,
    edition: String,
    class: &'static str,
    days: Int,
    percentile: Int,
}

impl Asked<'_> {
    fn program(&self, (tier, plan): &Plan, given: &Int) -> Answer<Value> {
        let shop = &self.shop;
        let mut program = json!({ "mechanism": "time_auction" });
        if let Some(tier) = tier {
            program["margin_class"] = json!(self.class);
            program["tier"] = json!(tier);
            if self.edition != "recommended" {
                program["edition"] = json!(self.edition);
            }
        } else {
            let (mut last, mut rates) = (int(0), Vec::new());
            for gives in plan {
                if let Some((rate, _)) = gives {
                    last = rate.clone();
                }
                rates.push(out(&last)?);
            }
            program["rates_bp"] = json!(rates);
        }
        if let Some(window) = self.fields.get("window") {
            program["window"] = window.clone();
        }
        let (mut quotas, mut held, mut places, mut budgets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut day, mut most) = (int(0), int(0));
        for (slot, gives) in plan.iter().enumerate() {
            let Some((_, quota)) = gives else {
                quotas.push(json!(0));
                held.push(json!(slot + 1));
                places.push(Value::Null);
                budgets.push(Value::Null);
                continue;
            };
            quotas.push(out(&(quota * &shop.price))?);
            let full = round_up(&shop.of_people(slot, gives, |buyer| int(i64::from(buyer.full))));
            places.push(out(&guard(&full, &int(1)))?);
            let greatest = shop.buyers(gives).into_iter().map(|buyer| buyer.voucher).max().expect("a basket");
            let cost = shop.cost(slot, gives);
            budgets.push(out(&guard(&cost, &greatest).min(shop.limit.clone()))?);
            day += cost;
            most = most.max(greatest);
        }
        program["quota"] = json!(quotas);
        let none = held.len() == 10;
        if !held.is_empty() {
            program["held_slots"] = json!(held);
        }
        program["budget"] = json!({ "day": out(&(given + guard(&day, &most).min(shop.limit.clone())))? });
        if !none {
            program["first_n"] = json!({ "n": places });
            program["budget"]["slot"] = json!(budgets);
        }
        Ok(program)
    }

    /// One run of so many days, and what its slots sold and gave.
    fn simulated(&self, plan: &Plan) -> Answer<(Value, Vec<(Value, Value)>)> {
        let shop = &self.shop;
        let mut by_slot = Vec::new();
        for gives in &plan.1 {
            let (mut entries, mut nobody) = (Vec::new(), int(0));
            for buyer in shop.buyers(gives) {
                nobody += int(10_000) - &buyer.share;
                entries.push(json!({ "amount": out(&(&buyer.units * &shop.price))?, "weight": out(&buyer.share)? }));
            }
            entries.push(json!({ "amount": 0, "weight": out(&nobody)? }));
            by_slot.push(entries);
        }
        let waits = self.fields.rate_or("waits_bp", 0)?;
        let mut program = self.program(plan, &int(0))?;
        program.as_object_mut().expect("an object").remove("window");
        let people: Vec<Value> = shop.people.iter().map(out).collect::<Answer<_>>()?;
        let answer = simulation::simulate(&json!({
            "seed": self.fields.need("seed")?,
            "days": out(&self.days)?,
            "program": program,
            "shoppers_by_slot": people,
            "basket": { "by_slot": by_slot },
            "mix": { "indifferent": out(&(int(10_000) - &waits))?, "waits": out(&waits)?, "forces": 0 },
            "gives_up_bp": out(&self.fields.rate_or("gives_up_bp", 0)?)?,
            "prior_points_milli": out(&self.fields.natural_or("prior_points_milli", 0)?)?,
            "stock": { "units": out(&shop.units)?, "price": out(&shop.price)?, "lost_bp": 0 },
            "margin_bp": 0,
        }))?;
        let of_days = |name: &str| -> Vec<Int> {
            let days = answer["days"].as_array().expect("days").iter();
            days.map(|day| int(day[name].as_i64().expect("a number"))).collect()
        };
        let (left, mut given) = (of_days("units_left"), of_days("vouchers"));
        given.sort();
        let mean = |sum: Int| out(&Fraction::new(sum, self.days.clone()).trunc().to_integer());
        let all_left: Int = left.iter().sum();
        let all_given: Int = given.iter().sum();
        let sold = &self.days * &shop.units - &all_left;
        let at = small(&(&self.percentile * (&self.days - int(1)) / int(100)));
        let mut slots = Vec::new();
        for slot in answer["slots"].as_array().expect("slots") {
            let of = |name: &str| int(slot[name].as_i64().expect("a number"));
            slots.push((mean(of("units") * int(1000))?, mean(of("vouchers"))?));
        }
        let shown = json!({
            "sold_out_days": left.iter().filter(|left| **left == int(0)).count(),
            "days": out(&self.days)?,
            "units_left_milli": mean(&all_left * int(1000))?,
            "left_cost": mean(&all_left * &shop.cost)?,
            "vouchers": { "mean": mean(all_given.clone())?, "at_percentile": out(&given[at])?, "worst": out(given.last().expect("a day"))? },
            "profit": mean(sold * (&shop.price - &shop.cost) - all_given - &all_left * &shop.cost)?,
        });
        Ok((shown, slots))
    }

    fn enough(&self, simulated: &Value) -> bool {
        int(simulated["sold_out_days"].as_i64().expect("days")) * int(100) >= &self.percentile * &self.days
    }
}

fn read_conversion(fields: &Fields) -> Answer<Vec<(Int, Int)>> {
    let mut steps: Vec<(Int, Int)> = Vec::new();
    for item in fields.list("conversion")? {
        let inner = Fields::open(item, &["rate_bp", "conversion_bp"])?;
        steps.push((inner.rate("rate_bp")?, inner.rate("conversion_bp")?));
    }
    let rising = steps.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
    let starts = steps.first().is_some_and(|(rate, _)| *rate == int(0));
    if steps.len() > 8 || !rising || !starts { refuse("bad_config") } else { Ok(steps) }
}

const FIELDS: [&str; 19] = [
    "stock",
    "from_slot",
    "footfall_by_slot",
    "baskets",
    "conversion",
    "stretch_bp",
    "rates",
    "edition",
    "ceiling_bp",
    "min_margin_bp",
    "fund_free",
    "given",
    "prior_points_milli",
    "window",
    "seed",
    "days",
    "percentile",
    "waits_bp",
    "gives_up_bp",
];

fn read(input: &Value) -> Answer<Asked<'_>> {
    let fields = Fields::open(input, &FIELDS)?;
    let stock = Fields::open(fields.need("stock")?, &["units", "price", "cost"])?;
    let units = between(stock.need("units")?, 1, 10_000)?;
    stock.need("price")?;
    let price = stock.divisor_or("price", 1)?;
    let cost = stock.natural("cost")?;
    let from = fields.get("from_slot").map_or(Ok(int(1)), |slot| between(slot, 1, 10))?;
    let mut people: Vec<Int> = fields.list("footfall_by_slot")?.iter().map(natural).collect::<Answer<_>>()?;
    if people.len() != 10 {
        return refuse("bad_config");
    }
    for before in &mut people[..small(&from) - 1] {
        *before = int(0);
    }
    let baskets: Vec<Int> = fields.list("baskets")?.iter().map(natural).collect::<Answer<_>>()?;
    if baskets.is_empty() || baskets.len() > 16 {
        return refuse("bad_config");
    }
    let conversion = read_conversion(&fields)?;
    let free = fields.word_or("rates", &["published", "free"], "published")? == "free";
    let edition = fields.word_or("edition", &["one", "two", "recommended"], "recommended");
    let edition = edition.map_err(|kind| if kind == "bad_config" { "unknown_table".to_string() } else { kind })?;
    if free && fields.has("edition") {
        return refuse("bad_config");
    }
    fields.get("ceiling_bp").map(rate).transpose()?;
    let min_margin = if fields.has("min_margin_bp") { fields.signed("min_margin_bp")? } else { int(0) };
    let fund_free = fields.natural_if("fund_free")?;
    fields.natural_or("given", 0)?;
    let held = fields.natural_or("prior_points_milli", 0)?;
    fields.get("window").map(read_window).transpose()?;
    between(fields.need("seed")?, 0, LIMIT)?;
    let days = fields.get("days").map_or(Ok(int(100)), |days| between(days, 1, 366))?;
    let percentile = fields.get("percentile").map_or(Ok(int(95)), |percentile| between(percentile, 1, 100))?;
    if &days * (people.iter().sum::<Int>() + int(1)) > int(100_000) {
        return refuse("too_large");
    }
    let sales = &units * &price;
    out(&sales)?;
    let affordable = Fraction::new(&units * (&price * (int(10_000) - min_margin) - &cost * int(10_000)), int(10_000));
    let mut limit = round_down(&affordable).max(int(0)).min(sales);
    if let Some(free) = fund_free {
        limit = limit.min(free);
    }
    let margin = margin(&json!({ "price": out(&price)?, "cost": out(&cost)? }))?;
    let class = class_of(&int(margin["margin_bp"].as_i64().expect("a margin")));
    let shop = Shop {
        units,
        price,
        cost,
        from: small(&from) - 1,
        people,
        baskets,
        conversion,
        stretch_bp: fields.rate_or("stretch_bp", 0)?,
        standby_bp: Steps { steps: printed_steps(), strict: false }.rate(&held),
        limit,
    };
    Ok(Asked { fields, shop, edition: edition.to_string(), class, days, percentile })
}

/// The people of each day and slot, by the place that each draws among the baskets.
type Sample = Vec<Vec<Vec<Int>>>;

/// Days that are missed, units left, vouchers: less is better.
type Score = (Int, Int, Int);

impl Asked<'_> {
    fn sample(&self) -> Answer<Sample> {
        let seed = between(self.fields.need("seed")?, 0, LIMIT)?;
        let mut generator = Generator::of_run(u64::try_from(seed).expect("not negative"), 0);
        let places = int(10_000 * self.shop.baskets.len() as i64);
        let mut person = || {
            generator.draw();
            generator.draw();
            let place = generator.below(&places);
            generator.draw();
            generator.draw();
            place
        };
        let mut days = Vec::new();
        for _ in 0..small(&self.days) {
            days.push(self.shop.people.iter().map(|people| (0..small(people)).map(|_| person()).collect()).collect());
        }
        Ok(days)
    }

    /// What the people of the sample come to, if the program has no limits.
    fn score(&self, sample: &Sample, plan: &[Gives]) -> Score {
        let shop = &self.shop;
        let nothing = int(0);
        let offers: Vec<Vec<Buyer>> = plan.iter().map(|gives| shop.buyers(gives)).collect();
        let (mut sold_out, mut all_left, mut vouchers) = (int(0), int(0), int(0));
        for day in sample {
            let mut left = shop.units.clone();
            for (slot, people) in day.iter().enumerate() {
                for place in people {
                    let mut above = place.clone();
                    let mut wanted = nothing.clone();
                    for buyer in &offers[slot] {
                        if above < buyer.share {
                            wanted = buyer.units.clone();
                            break;
                        }
                        above -= &buyer.share;
                    }
                    let units = wanted.min(left.clone());
                    left -= &units;
                    let rate = match &plan[slot] {
                        None => &nothing,
                        Some((rate, quota)) if units >= *quota => rate,
                        Some(_) => &shop.standby_bp,
                    };
                    vouchers += units * &shop.price * rate / int(10_000);
                }
            }
            if left == nothing {
                sold_out += 1;
            }
            all_left += left;
        }
        if &sold_out * int(100) >= &self.percentile * &self.days {
            (nothing.clone(), nothing, vouchers)
        } else {
            (&self.days - sold_out, all_left, vouchers)
        }
    }

    /// The best of at most 1,000 plans; else of the cheapest plans, and from there every change of a slot, then of two, that
    /// helps.
    fn best(&self, sample: &Sample, search: &mut Search, searches: usize) -> (Score, Vec<Gives>) {
        let shop = &self.shop;
        let people: usize = sample.iter().flatten().map(Vec::len).sum();
        let mut tries = 40_000_000 / ((people + 1) * searches);
        let allowed = |plan: &[Gives]| {
            let cost: Int = plan.iter().enumerate().map(|(slot, gives)| shop.cost(slot, gives)).sum();
            cost <= shop.limit && plan.iter().flatten().map(|(rate, _)| rate).is_sorted()
        };
        let count = search.choices.iter().fold(int(1), |count, slot| count * int(slot.len() as i64));
        if count <= int(1000.min(tries as i64)) {
            let mut plans: Vec<Vec<Gives>> = vec![Vec::new()];
            for slot in &search.choices {
                let longer = plans.iter().flat_map(|plan| slot.iter().map(|(gives, ..)| [&plan[..], std::slice::from_ref(gives)].concat()));
                plans = longer.collect();
            }
            plans.retain(|plan| allowed(plan));
            let mut scored: Vec<(Score, Vec<Gives>)> = plans.into_iter().map(|plan| (self.score(sample, &plan), plan)).collect();
            // A stable sort: the first of the best.
            scored.sort_by(|(one, _), (other, _)| one.cmp(other));
            return scored.swap_remove(0);
        }
        let stock = &shop.units * shop.parts_of_a_unit();
        let mut best: Option<(Score, Vec<Gives>)> = None;
        for step in 0..=20 {
            let need = round_up(&Fraction::new(&stock * int(20 + step), int(20)));
            if let Some((_, plan)) = search.plan(&need) {
                let score = self.score(sample, &plan);
                if best.as_ref().is_none_or(|(least, _)| score < *least) {
                    best = Some((score, plan));
                }
            }
        }
        let (mut score, mut plan) = best.unwrap_or_else(|| {
            // What sells more costs more: halve the way between a target that is reached and one that is not.
            let (mut reached, mut beyond) = (int(0), stock);
            while &reached + int(1) < beyond {
                let middle = (&reached + &beyond) / int(2);
                if search.plan(&middle).is_some() {
                    reached = middle;
                } else {
                    beyond = middle;
                }
            }
            let (_, plan) = search.plan(&reached).expect("nothing is always reached");
            (self.score(sample, &plan), plan)
        });
        let mut places: Vec<(usize, usize)> = (0..10).map(|slot| (slot, slot)).collect();
        places.extend((0..10).flat_map(|first| (first + 1..10).map(move |second| (first, second))));
        loop {
            let before = score.clone();
            for (first, second) in &places {
                for (one, ..) in &search.choices[*first] {
                    for (two, ..) in &search.choices[*second] {
                        if first == second && one != two {
                            continue;
                        }
                        let mut changed = plan.clone();
                        changed[*first] = one.clone();
                        changed[*second] = two.clone();
                        if changed == plan || !allowed(&changed) {
                            continue;
                        }
                        if tries == 0 {
                            return (score, plan);
                        }
                        tries -= 1;
                        let its = self.score(sample, &changed);
                        if its < score {
                            (score, plan) = (its, changed);
                        }
                    }
                }
            }
            if score == before {
                return (score, plan);
            }
        }
    }
}

/// PL-22.
pub fn sell_out(input: &Value) -> Answer<Value> {
    let asked = read(input)?;
    let shop = &asked.shop;
    let ceiling = asked.fields.rate_or("ceiling_bp", 10_000)?;
    let mut searches = Vec::new();
    if asked.fields.text_if("rates")? == Some("free") {
        let rates: Vec<Int> =
            shop.conversion.iter().map(|(rate, _)| rate.clone()).filter(|rate| *rate > int(0) && *rate <= ceiling).collect();
        searches.push((None, Search::of(shop, &|_| rates.clone())));
    } else {
        for (tier, row) in printed_rows(&asked.edition, asked.class) {
            if row.iter().all(|rate| *rate <= ceiling) {
                searches.push((Some(tier), Search::of(shop, &|slot| vec![row[slot].clone()])));
            }
        }
        if searches.is_empty() {
            searches.push((None, Search::of(shop, &|_| Vec::new())));
        }
    }
    let sample = asked.sample()?;
    let count = searches.len();
    let mut found: Option<(Score, Plan)> = None;
    for (tier, search) in &mut searches {
        let (score, plan) = asked.best(&sample, search, count);
        if found.as_ref().is_none_or(|(least, _)| score < *least) {
            found = Some((score, (*tier, plan)));
        }
    }
    let (_, plan) = found.expect("a table, or none");
    let (simulated, sold) = asked.simulated(&plan)?;

    let even = stock_quota(&json!({ "stock_units": out(&shop.units)?, "slots_left": 10 - shop.from }))?;
    let (mut slots, mut all_milli, mut all_given) = (Vec::new(), int(0), int(0));
    for (slot, gives) in plan.1.iter().enumerate() {
        let milli = round_down(&(shop.of_people(slot, gives, |buyer| buyer.units.clone()) * int(1000)));
        let cost = shop.cost(slot, gives);
        slots.push(json!({
            "rate_bp": gives.as_ref().map(|(rate, _)| out(rate)).transpose()?,
            "quota": gives.as_ref().map(|(_, quota)| out(&(quota * &shop.price))).transpose()?,
            "even_units": if slot < shop.from { json!(0) } else { even["units"][slot - shop.from].clone() },
            "units_milli": out(&milli)?,
            "vouchers": out(&cost)?,
            "sold_milli": sold[slot].0,
            "given": sold[slot].1,
        }));
        all_milli += milli;
        all_given += cost;
    }
    Ok(json!({
        "program": asked.program(&plan, &asked.fields.natural_or("given", 0)?)?,
        "slots": slots,
        "voucher_limit": out(&shop.limit)?,
        "units_milli": out(&all_milli)?,
        "vouchers": out(&all_given)?,
        "certified": asked.enough(&simulated),
        "simulated": simulated,
        "without": asked.simulated(&(None, vec![None; 10]))?.0,
    }))
}
