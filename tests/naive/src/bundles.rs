//! Choosing what is best for the shopper: bundles and goods at once (PT-7,
//! BN-1).
//!
//! Both searches are exhaustive: every count of every bundle, every count of
//! every good, tried from the greatest count down in declared order, so that
//! the first of equals is the one.

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, out, out_list, refuse};
use crate::split::allocate;
use crate::tables::band;
use num_integer::Integer;
use serde_json::{Value, json};

/// What was bought of a sku, in the order of first lines.
struct Stock {
    sku: String,
    price: Int,
    quantity: Int,
}

struct Bundle {
    id: String,
    /// Index into the stock and units; a sku that nobody bought has no index.
    items: Vec<(Option<usize>, Int)>,
    price: Int,
    points: Int,
}

impl Bundle {
    /// How often the units that are left make it.
    fn most(&self, left: &[Int]) -> Int {
        self.items.iter().map(|(place, units)| place.map_or(int(0), |place| &left[place] / units)).min().expect("an item")
    }

    fn goods(&self, stock: &[Stock]) -> Int {
        self.items.iter().map(|(place, units)| place.map_or(int(0), |place| &stock[place].price * units)).sum()
    }
}

fn read_lines(fields: &Fields) -> Answer<Vec<Stock>> {
    let mut stock: Vec<Stock> = Vec::new();
    for item in fields.list("lines")? {
        let line = Fields::open(item, &["sku", "quantity", "price"])?;
        let (sku, quantity, price) = (line.text("sku")?, line.natural("quantity")?, line.natural("price")?);
        match stock.iter_mut().find(|known| known.sku == sku) {
            None => stock.push(Stock { sku: sku.to_string(), price, quantity }),
            Some(known) if known.price == price => known.quantity += quantity,
            Some(_) => return refuse("bad_config"),
        }
    }
    Ok(stock)
}

fn read_bundles(fields: &Fields, stock: &[Stock]) -> Answer<Vec<Bundle>> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for item in fields.list("bundles")? {
        let inner = Fields::open(item, &["id", "items", "price", "points_milli"])?;
        let id = inner.text("id")?.to_string();
        let mut skus: Vec<&str> = Vec::new();
        let mut items = Vec::new();
        for item in inner.list("items")? {
            let part = Fields::open(item, &["sku", "quantity"])?;
            let (sku, units) = (part.text("sku")?, part.natural("quantity")?);
            if units == int(0) || skus.contains(&sku) {
                return refuse("bad_config");
            }
            skus.push(sku);
            items.push((stock.iter().position(|known| known.sku == sku), units));
        }
        if items.is_empty() || bundles.iter().any(|other| other.id == id) {
            return refuse("bad_config");
        }
        bundles.push(Bundle { id, items, price: inner.natural("price")?, points: inner.natural_or("points_milli", 0)? });
    }
    Ok(bundles)
}

/// The best counts so far, and what they save.
type Best = Option<(Int, Vec<Int>)>;

/// Every way to go on with the bundles from `counts.len()`.
fn every_bundling(bundles: &[Bundle], savings: &[Int], left: &mut [Int], counts: &mut Vec<Int>, saved: &Int, best: &mut Best) {
    let Some(bundle) = bundles.get(counts.len()) else {
        if best.as_ref().is_none_or(|(most, _)| saved > most) {
            *best = Some((saved.clone(), counts.clone()));
        }
        return;
    };
    let saving = &savings[counts.len()];
    let mut count = bundle.most(left);
    while count >= int(0) {
        for (place, units) in &bundle.items {
            if let Some(place) = place {
                left[*place] -= units * &count;
            }
        }
        counts.push(count.clone());
        every_bundling(bundles, savings, left, counts, &(saved + saving * &count), best);
        counts.pop();
        for (place, units) in &bundle.items {
            if let Some(place) = place {
                left[*place] += units * &count;
            }
        }
        count -= int(1);
    }
}

/// PT-7.
pub fn bundles(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["lines", "bundles"])?;
    let stock = read_lines(&fields)?;
    let bundles = read_bundles(&fields, &stock)?;
    let mut left: Vec<Int> = stock.iter().map(|known| known.quantity.clone()).collect();

    // The stated bound looks at the bundles that can be made at all.
    let made: Vec<&Bundle> = bundles.iter().filter(|bundle| bundle.most(&left) > int(0)).collect();
    let mut work = int(made.len() as i64);
    for (place, quantity) in left.iter().enumerate() {
        if made.iter().any(|bundle| bundle.items.iter().any(|(item, _)| *item == Some(place))) {
            work *= quantity + int(1);
        }
    }
    if work > int(2_097_152) {
        return refuse("too_large");
    }

    let savings: Vec<Int> = bundles.iter().map(|bundle| bundle.goods(&stock) - &bundle.price).collect();
    let mut best = None;
    every_bundling(&bundles, &savings, &mut left, &mut Vec::new(), &int(0), &mut best);
    let (saving, counts) = best.expect("no bundle at all is a way too");

    let mut used = Vec::new();
    let mut points = int(0);
    for (bundle, count) in bundles.iter().zip(&counts) {
        if *count > int(0) {
            used.push(json!({ "id": bundle.id, "count": out(count)? }));
            points += &bundle.points * count;
            for (place, units) in &bundle.items {
                left[place.expect("a bundle that was made")] -= units * count;
            }
        }
    }
    let mut rest = Vec::new();
    for (known, units) in stock.iter().zip(&left) {
        if *units > int(0) {
            rest.push(json!({ "sku": known.sku, "quantity": out(units)? }));
        }
    }
    let whole: Int = stock.iter().map(|known| &known.price * &known.quantity).sum();
    Ok(json!({
        "price": out(&(whole - &saving))?,
        "saving": out(&saving)?,
        "points_milli": out(&points)?,
        "bundles": used,
        "left": rest,
    }))
}

struct Good {
    id: String,
    price: Int,
    stock: Int,
}

fn read_goods(fields: &Fields) -> Answer<Vec<Good>> {
    let mut goods: Vec<Good> = Vec::new();
    for item in fields.list("goods")? {
        let inner = Fields::open(item, &["id", "price", "stock"])?;
        let id = inner.text("id")?.to_string();
        let (price, stock) = (inner.positive("price")?, inner.natural("stock")?);
        if goods.iter().any(|other| other.id == id) {
            return refuse("bad_config");
        }
        if stock > int(1000) {
            return refuse("too_large");
        }
        goods.push(Good { id, price, stock });
    }
    if goods.len() > 64 {
        return refuse("too_large");
    }
    Ok(goods)
}

/// A set that fits: its value, its number of items, its counts.
type Fitting = Option<(Int, Int, Vec<Int>)>;

/// Every way to go on with the goods from `counts.len()`; only a set whose
/// value is already above the top is left, for it only grows.
fn every_set(goods: &[Good], bottom: &Fraction, top: &Fraction, counts: &mut Vec<Int>, value: &Int, best: &mut Fitting) {
    if fraction(value) > *top {
        return;
    }
    let Some(good) = goods.get(counts.len()) else {
        let items: Int = counts.iter().sum();
        if items == int(0) || fraction(value) < *bottom {
            return;
        }
        let better = match best {
            None => true,
            Some((most, fewest, _)) => value > most || (value == most && items < *fewest),
        };
        if better {
            *best = Some((value.clone(), items, counts.clone()));
        }
        return;
    };
    // No more of one good than reach the top alone.
    let mut count = (top / fraction(&good.price)).floor().to_integer().min(good.stock.clone());
    while count >= int(0) {
        counts.push(count.clone());
        every_set(goods, bottom, top, counts, &(value + &good.price * &count), best);
        counts.pop();
        count -= int(1);
    }
}

/// BN-1.
pub fn goods(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["purchase", "goods", "bottom_bp", "top_bp"])?;
    let purchase = fields.natural("purchase")?;
    let goods = read_goods(&fields)?;
    let (bottom_bp, top_bp) = (fields.rate_or("bottom_bp", 2000)?, fields.rate_or("top_bp", 3000)?);
    let (least, most) = band("BN-1")?;
    for bound in [&bottom_bp, &top_bp] {
        if *bound < least || *bound > most {
            return refuse("outside_band");
        }
    }
    if bottom_bp > top_bp {
        return refuse("bad_config");
    }
    let bottom = Fraction::new(&purchase * bottom_bp, int(10_000));
    let top = Fraction::new(&purchase * top_bp, int(10_000));

    let mut step = int(0);
    let mut kinds = 0;
    let mut all = int(0);
    for good in goods.iter().filter(|good| good.stock > int(0) && fraction(&good.price) <= top) {
        step = step.gcd(&good.price);
        kinds += 1;
        all += &good.price * &good.stock;
    }
    if kinds > 0 {
        let steps = top.floor().to_integer().min(all) / step + int(1);
        if steps * int(kinds) > int(8_388_608) {
            return refuse("too_large");
        }
    }

    let mut best = None;
    every_set(&goods, &bottom, &top, &mut Vec::new(), &int(0), &mut best);
    let Some((value, count, counts)) = best else {
        return Ok(json!({ "reason": "none_fits", "items": [], "count": 0, "value": 0, "rate_bp": 0, "parts": [0, 0, 0] }));
    };
    let mut items = Vec::new();
    for (good, count) in goods.iter().zip(&counts) {
        if *count > int(0) {
            items.push(json!({ "id": good.id, "quantity": out(count)? }));
        }
    }
    Ok(json!({
        "reason": "chosen",
        "items": items,
        "count": out(&count)?,
        "value": out(&value)?,
        "rate_bp": out(&Fraction::new(&value * int(10_000), purchase).trunc().to_integer())?,
        "parts": out_list(&allocate(&value, &[int(5000), int(4000), int(1000)]))?,
    }))
}
