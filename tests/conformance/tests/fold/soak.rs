//! Worlds for as long as is asked: `cargo xtask soak` sets `LOYALTY_SOAK_MINUTES` and `LOYALTY_SOAK_SEED`.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::World;

/// The life of one world: its steps, and then everything settles. The error names the law that broke, and how to get there.
pub fn live(seed: u64) -> Result<World, String> {
    let mut world = World::new(seed);
    // A law that is an assertion of the simulator is told like the others.
    let lived = catch_unwind(AssertUnwindSafe(|| {
        for step in 0..80 {
            world.step().map_err(|law| format!("step {step}: {law}"))?;
        }
        world.settle().map_err(|law| format!("settling: {law}"))?;
        crate::replayed(&world)
    }));
    let broken = match lived {
        Ok(Ok(())) => return Ok(world),
        Ok(Err(law)) => law,
        Err(panic) => match panic.downcast::<String>() {
            Ok(text) => *text,
            Err(panic) => panic.downcast::<&str>().map_or_else(|_| "a panic".to_string(), |text| (*text).to_string()),
        },
    };
    let plan: Vec<Value> = world.log.iter().map(|(event, at)| json!({"event": event, "at": at})).collect();
    let plan = json!({"seed": seed, "programs": world.host.programs, "plan": plan});
    Err(format!("seed {seed}, {broken}\nwhat was applied:\n{plan}"))
}

/// How often each event had each outcome and each refusal.
type Cells = BTreeMap<String, usize>;

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
#[ignore = "minutes: cargo xtask soak"]
fn soak() {
    let minutes: f64 = variable("LOYALTY_SOAK_MINUTES").expect("LOYALTY_SOAK_MINUTES says for how long");
    let first: u64 = variable("LOYALTY_SOAK_SEED").expect("LOYALTY_SOAK_SEED says from where");
    let (start, mut spoken) = (Instant::now(), Instant::now());
    let (mut cells, mut worlds, mut events) = (Cells::new(), 0, 0);
    while start.elapsed().as_secs_f64() < 60.0 * minutes {
        let world = live(first + worlds).unwrap_or_else(|broken| panic!("{broken}"));
        worlds += 1;
        events += world.log.len();
        for (cell, count) in world.seen {
            *cells.entry(cell).or_default() += count;
        }
        if spoken.elapsed() > Duration::from_secs(10) {
            spoken = Instant::now();
            println!("{:>6} s, seed {}, {events} events", start.elapsed().as_secs(), first + worlds - 1);
        }
    }
    print(&cells);
    println!("{worlds} worlds from seed {first}, {events} events, no law broken");
    let empty = empty_cells(&cells);
    if !empty.is_empty() {
        println!("not met, though {ENOUGH} worlds meet it: {}", empty.join(", "));
    }
    assert!(empty.is_empty() || worlds < ENOUGH, "{worlds} worlds did not meet what they must");
}

/// One line for an event: its outcomes, and its refusals by reason.
fn print(cells: &Cells) {
    let mut lines = BTreeMap::<&str, Vec<String>>::new();
    for (cell, count) in cells {
        let (event, what) = cell.split_once(' ').unwrap();
        lines.entry(event).or_default().push(format!("{} {count}", what.strip_prefix("refused ").unwrap_or(what)));
    }
    for (event, whats) in lines {
        println!("{event:<26} {}", whats.join(", "));
    }
}

/// So many worlds meet each expected cell, unless something keeps it from happening.
const ENOUGH: u64 = 2_000;

/// What a world of this size is sure to meet, by event: outcomes, and reasons of refusals.
const EXPECTED: &str = "
    accept applied conflict
    account.tick applied conflict
    check applied conflict
    claim.expired applied conflict duplicate
    claim.reverse applied conflict duplicate
    claim.reversed applied conflict duplicate
    claim.unused applied conflict duplicate
    claim.used applied conflict duplicate
    clearing.draw applied
    clearing.received applied conflict duplicate
    closed applied conflict duplicate
    commit applied conflict deadline not_reserved
    day.close applied conflict
    debt.paid applied conflict duplicate
    draw applied conflict
    due applied conflict duplicate
    earn applied conflict duplicate
    exchange applied conflict
    expire applied conflict duplicate
    join applied conflict
    leave applied conflict
    lots.in applied conflict duplicate
    month.close applied conflict
    opening applied conflict
    pause applied conflict
    period.close applied conflict
    play applied conflict fully_refunded played_before
    program applied conflict
    redeem.points applied conflict above_purchase above_share below_min_purchase deadline id_used insufficient nothing_to_pay
        shopper_limit undone_before
    redeem.voucher applied waiting conflict above_purchase above_share above_voucher below_min_purchase deadline expired id_used
        month_limit redeemed_before undone_before unknown_voucher
    release applied conflict not_reserved
    request.end applied conflict deadline not_due not_reserved
    reserve applied waiting conflict above_purchase above_share above_voucher below_min_purchase deadline expired insufficient
        nothing_to_pay redeemed_before shopper_limit undone_before
    return applied conflict
    sale applied conflict bad_config other_day
    tender applied conflict duplicate
    topup applied conflict
    transfer applied conflict insufficient
    undo applied conflict duplicate
    undo.ask applied conflict sale_stands
    void applied conflict
";

/// The expected cells that were not met.
fn empty_cells(cells: &Cells) -> Vec<String> {
    let (mut event, mut empty) = ("", Vec::new());
    for line in EXPECTED.lines().filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        // A line that goes on is indented twice.
        if !line.starts_with("        ") {
            event = words.next().unwrap();
        }
        for word in words {
            let what =
                if ["applied", "waiting", "duplicate", "conflict"].contains(&word) { word.to_string() } else { format!("refused {word}") };
            let cell = format!("loyalty.{event} {what}");
            if !cells.contains_key(&cell) {
                empty.push(cell);
            }
        }
    }
    empty
}
