//! Speed of one award, as ratios inside one process.
//!
//! Every variant runs over the same receipts, one after the other within a round, so that a disturbance hits
//! all of them alike; a ratio is taken per round and the median of the rounds is shown. With `--check` the
//! targets hold with a factor of two for noise: a machine that others use too slows the variants unevenly.

use std::alloc::{GlobalAlloc, System};
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use loyalty_rules::Error;
use loyalty_rules::award::{Counters, Layout, Merchant, Play, Program, Receipt, Rows, Shopper, Terms, decide};
use loyalty_rules::quantity::{Count, Points, Rupiah};
use loyalty_rules::tables::{Column, Digit, TableName};

const RECEIPTS: usize = 4_096;
const PASSES: usize = 4;
const ROUNDS: usize = 400;
const QUOTA: i64 = 100_000;
const NOISE: f64 = 2.0;

struct CountingAllocator;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: std::alloc::Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's contract is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: std::alloc::Layout) {
        // SAFETY: the pointer came from `alloc` above, that is from the system.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// A receipt in the form each variant takes, built before the clock runs.
struct Sample {
    total: Rupiah,
    column: Column,
    prior: Points,
    receipt: Receipt,
    shopper: Shopper,
}

/// 30 % below the quota, digits and points evenly spread: the worst case for branch prediction.
fn samples() -> Result<Vec<Sample>, Error> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = move |below: i64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 33).unwrap_or_default() % below
    };
    (0..RECEIPTS)
        .map(|_| {
            let total = if next(100) < 30 { 1 + next(QUOTA - 1) } else { QUOTA + next(9 * QUOTA) };
            let total = Rupiah::new(total)?;
            let digit = Digit::new(u8::try_from(next(10)).unwrap_or_default())?;
            let prior = Points::from_milli(next(1_200_000))?;
            let shopper = Shopper::new(prior, Count::new(next(50))?);
            Ok(Sample { total, column: digit.column(), prior, receipt: Receipt::new(total).with(Play::Digit(digit)), shopper })
        })
        .collect()
}

/// The plain rule written by hand: the table's rate from the quota on, below it the standby step reached; rounded down.
struct ByHand {
    quota: i64,
    rates_bp: [i64; 10],
    steps_milli: [i64; 5],
    /// By how many steps are reached.
    standby_bp: [i64; 6],
}

impl ByHand {
    fn plus() -> Self {
        Self {
            quota: QUOTA,
            rates_bp: [200, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_100],
            steps_milli: [50_000, 150_000, 300_000, 500_000, 700_000],
            standby_bp: [0, 50, 100, 150, 200, 250],
        }
    }

    /// The value in rupiah and the rate in basis points.
    #[inline(always)]
    fn award(&self, total: i64, column: usize, prior_milli: i64) -> (i64, i64) {
        let reached = self.steps_milli.iter().filter(|step| prior_milli >= **step).count();
        let rate_bp = if total >= self.quota { self.rates_bp[column] } else { self.standby_bp[reached] };
        (total * rate_bp / 10_000, rate_bp)
    }
}

/// Receipts of a block.
const BLOCK: usize = 16;

/// Columns of receipts, as blocks take them.
struct Columns {
    totals: Vec<i32>,
    points_milli: Vec<i32>,
    digits: Vec<i8>,
}

impl Columns {
    fn of(samples: &[Sample]) -> Self {
        let small = |number: i64| i32::try_from(number).unwrap_or(-1);
        Self {
            totals: samples.iter().map(|sample| small(sample.total.get())).collect(),
            points_milli: samples.iter().map(|sample| small(sample.prior.milli())).collect(),
            digits: samples.iter().map(|sample| i8::try_from(sample.column.digit().get()).unwrap_or(-1)).collect(),
        }
    }

    /// Nanoseconds a receipt, in blocks; the sum of the values is what cannot be seen through.
    fn time(&self, layout: &Layout) -> f64 {
        fn fours<T: Copy + Default>(column: &[T]) -> [[T; 4]; BLOCK / 4] {
            let mut block = [[T::default(); 4]; BLOCK / 4];
            block.as_flattened_mut().copy_from_slice(column);
            block
        }
        let counters = Counters::default();
        let start = Instant::now();
        for _ in 0..PASSES {
            let columns = self.totals.chunks_exact(BLOCK).zip(self.points_milli.chunks_exact(BLOCK)).zip(self.digits.chunks_exact(BLOCK));
            for ((totals, points), digits) in columns {
                let none = [[0; 4]; BLOCK / 4];
                let picks = fours(digits);
                let rows =
                    Rows { totals: fours(totals), paid_by_voucher: none, points_milli: fours(points), purchases: none, picks: &picks };
                black_box(&layout.decide(black_box(&rows), &counters));
            }
        }
        start.elapsed().as_secs_f64() * 1e9 / (PASSES * self.totals.len()) as f64
    }
}

/// Nanoseconds for each sample, the mean of a few passes. What a step takes and what it gives cannot be
/// seen through by the optimiser; the empty loop pays for that too.
fn time<T>(samples: &[Sample], mut step: impl FnMut(&Sample) -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..PASSES {
        for sample in samples {
            black_box(&step(sample));
        }
    }
    start.elapsed().as_secs_f64() * 1e9 / (PASSES * samples.len()) as f64
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Medians over the rounds: nanoseconds of each variant, and each ratio within its round.
struct Measured {
    nanos: [f64; 4],
    hand_to_empty: f64,
    block_to_hand: f64,
    rich_to_hand: f64,
    allocations: u64,
}

fn measure() -> Result<Measured, Error> {
    let mut terms = Terms::new(TableName::parse("stopwatch/below_15/plus")?);
    terms.quota = Rupiah::new(QUOTA)?.into();
    let program = Program::new(terms)?;
    let program = black_box(&program);
    let samples = samples()?;
    let (merchant, counters) = (Merchant::default(), Counters::default());
    let (by_hand, columns) = (black_box(ByHand::plus()), Columns::of(&samples));
    let layout = black_box(Layout::new(program.kernel(), &merchant));

    let mut rounds = Vec::with_capacity(ROUNDS);
    let mut allocations = 0;
    for round in 0..ROUNDS + ROUNDS / 10 {
        let empty = time(&samples, |sample| {
            black_box(sample.column);
            (black_box(sample.total), black_box(sample.prior))
        });
        let hand = time(&samples, |sample| {
            let (total, column, prior) = (black_box(sample.total), black_box(sample.column), black_box(sample.prior));
            by_hand.award(total.get(), usize::from(column.index()) % 10, prior.milli())
        });
        let block = columns.time(&layout);
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let rich = time(&samples, |sample| {
            let sample = black_box(sample);
            decide(program, &sample.receipt, &sample.shopper, &merchant, &counters)
        });
        allocations += ALLOCATIONS.load(Ordering::Relaxed) - before;
        // The first tenth warms caches and the clock rate.
        if round >= ROUNDS / 10 {
            rounds.push([empty, hand, block, rich]);
        }
    }
    let of = |number: &dyn Fn(&[f64; 4]) -> f64| median(rounds.iter().map(number).collect());
    Ok(Measured {
        nanos: [of(&|[empty, ..]| *empty), of(&|[_, hand, ..]| *hand), of(&|[.., block, _]| *block), of(&|[.., rich]| *rich)],
        hand_to_empty: of(&|[empty, hand, ..]| hand / empty),
        block_to_hand: of(&|[_, hand, block, _]| block / hand),
        rich_to_hand: of(&|[_, hand, _, rich]| rich / hand),
        allocations,
    })
}

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let measured = match measure() {
        Ok(measured) => measured,
        Err(refused) => {
            eprintln!("{refused}");
            return ExitCode::FAILURE;
        }
    };
    let [empty, hand, block, rich] = measured.nanos;
    println!("{RECEIPTS} receipts, 30 % below the quota, random digits and points; medians of {ROUNDS} rounds\n");
    println!("{:<44} {:>7} {:>22} {:>8}", "", "ns", "ratio", "target");
    println!("{:<44} {empty:>7.2}", "empty loop");
    let mut ok = true;
    for (name, nanos, ratio, of, target) in [
        ("the plain rule by hand", hand, measured.hand_to_empty, "empty", 3.0),
        ("a receipt of a block of 16 (Layout::decide)", block, measured.block_to_hand, "by hand", 2.0),
        ("rich award (award::decide)", rich, measured.rich_to_hand, "by hand", 6.0),
    ] {
        let held = ratio <= target * NOISE;
        ok &= held;
        let mark = if ratio <= target {
            ""
        } else if held {
            "  within noise"
        } else {
            "  missed"
        };
        println!("{name:<44} {nanos:>7.2} {:>22} {:>8}{mark}", format!("{ratio:.2} x {of}"), format!("{target:.2}"));
    }
    println!("{:<44} {:>7}", "allocations during award::decide", measured.allocations);
    ok &= measured.allocations == 0;
    if check && !ok { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
