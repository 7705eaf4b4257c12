//! How many sales a second reach the disk, beside how often the disk can be written.
//!
//! `cargo run --release -p network-host --example speed [FOLDER] [SALES]`

use std::error::Error;
use std::fs::{File, create_dir_all, remove_dir_all};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use network_host::{Failure, Host, Store, serve};

/// The stopwatch Plus of the documentation's worked example.
const PROGRAMS: &str = r#"[{"mechanism":"stopwatch","margin_class":"below_15","tier":"plus","quota":50000,
    "funding":{"preset":"BN-2"},"validity":{"days":30}}]"#;
const SHOPS: usize = 8;
const MEMBERS: usize = 500;

/// A sale of two lines; every second one is a member's.
fn sale(number: usize) -> String {
    let shop = number % SHOPS;
    let member = if number & 1 == 0 { format!(r#","member":"M{}""#, number / 2 % MEMBERS) } else { String::new() };
    format!(
        r#"{{"specversion":"1.0","type":"loyalty.sale","source":"/S{shop}/1","id":"s{number}","time":"2025-03-03T{:02}:{:02}:{:02}+07:00","subject":"shop/S{shop}","data":{{"day":"2025-03-03","lines":[{{"sku":"rice","quantity_milli":1000,"price":60000}},{{"sku":"oil","quantity_milli":1000,"price":40000}}],"play":{{"digit":{}}}{member}}}}}"#,
        8 + number / 3_600 % 12,
        number / 60 % 60,
        number % 60,
        number % 10
    )
}

fn topup(shop: usize) -> String {
    format!(
        r#"{{"specversion":"1.0","type":"loyalty.topup","source":"/S{shop}/1","id":"t","time":"2025-03-03T07:00:00+07:00","subject":"shop/S{shop}","data":{{"amount":1000000000}}}}"#
    )
}

fn host(folder: &Path, name: &str) -> Result<Host, Box<dyn Error>> {
    let mut host = Host::new(Store::open(&folder.join(name))?);
    host.programs = PROGRAMS.into();
    for shop in 0..SHOPS {
        host.submit(&topup(shop)).map_err(told)?;
    }
    Ok(host)
}

fn told(failure: Failure) -> String {
    format!("{failure:?}")
}

/// Writes of 4 KiB that wait for the disk, in half a second.
fn disk(folder: &Path) -> std::io::Result<f64> {
    let mut file = File::create(folder.join("disk"))?;
    let start = Instant::now();
    let mut writes = 0;
    while start.elapsed() < Duration::from_millis(500) {
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        writes += 1;
    }
    Ok(f64::from(writes) / start.elapsed().as_secs_f64())
}

fn rate(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from).join("network-host-speed");
    let sales: usize = arguments.next().map_or(Ok(20_000), |sales| sales.parse())?;
    let _ = remove_dir_all(&folder);
    create_dir_all(&folder)?;
    let before = disk(&folder)?;

    let alone = host(&folder, "alone")?;
    let few = sales / 10;
    let start = Instant::now();
    for number in 0..few {
        alone.submit(&sale(number)).map_err(told)?;
    }
    let one_by_one = rate(few, start.elapsed());

    let lines: String = (0..sales).map(|number| format!("{{\"event\":{}}}\n", sale(number))).collect();
    let together = host(&folder, "together")?;
    let start = Instant::now();
    let mut answers = Vec::new();
    serve(&together, Cursor::new(lines.into_bytes()), &mut answers, false)?;
    let ready = rate(sales, start.elapsed());
    let answers = String::from_utf8(answers)?;
    let applied = answers.lines().filter(|line| line.starts_with("{\"outcome\":\"applied\"")).count();
    let start = Instant::now();
    let delivered = together.drain().map_err(told)?.applied;
    let delivery = rate(usize::try_from(delivered)?, start.elapsed());
    let after = disk(&folder)?;

    println!("the disk                      {before:>8.0} … {after:.0} writes a second, each waited for");
    println!("sales, one a transaction      {one_by_one:>8.0} a second ({few} sales)");
    println!("sales, lines that are ready   {ready:>8.0} a second ({applied} of {sales} applied)");
    println!("messages delivered            {delivery:>8.0} a second ({delivered} messages)");
    remove_dir_all(&folder)?;
    Ok(())
}
