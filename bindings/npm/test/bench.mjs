// Speed against plain JavaScript of the same answer, side by side in one process: every variant rates the same receipts
// within a round. The first decile of the rounds is compared, which other work on the machine disturbs least. With --check
// the limits hold with a factor for what is left of that, and what misses them is measured anew, three times at most: whatever
// else fills the memory's bandwidth comes and goes, a slower module stays.
import { Program } from "../dist/esm/index.js";
import { Kernel } from "../dist/esm/kernel.js";

const [NOISE, MOST_TRIES] = process.argv.includes("--check") ? [1.6, 3] : [1, 1];
const RATES = [200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100];
const QUOTA = 100_000;
const FULL = Program.parse({ mechanism: "stopwatch", margin_class: "below_15", tier: "plus", quota: QUOTA });
const KERNEL = Kernel.load(FULL.kernel);
const STEPS = [[1_000_000, 300], [500_000, 200], [300_000, 150], [200_000, 100], [100_000, 50]];

/** The same, by hand: the input is checked, and the answer is an object with the same fields. */
function plain({ total, digit, priorPointsMilli = 0 }) {
  if (!Number.isSafeInteger(total) || total < 0) throw new RangeError("total");
  if (!Number.isSafeInteger(priorPointsMilli) || priorPointsMilli < 0) throw new RangeError("priorPointsMilli");
  if (!Number.isInteger(digit) || digit < 0 || digit > 9) throw new RangeError("digit");
  let reason = "full";
  let rateBp = RATES[(digit + 9) % 10];
  if (total < QUOTA) {
    rateBp = standby(priorPointsMilli);
    reason = rateBp > 0 ? "standby" : "no_standby";
  }
  // In two steps, as a product above 2^53 would not be exact.
  const value = Math.floor(total / 10_000) * rateBp + Math.floor(((total % 10_000) * rateBp) / 10_000);
  return { outcome: rateBp > 0 ? "given" : "stopped", reason, rateBp, base: total, value, pointsMilli: value };
}

function standby(points) {
  for (const [from, rate] of standbySteps) if (points >= from) return rate;
  return 0;
}

/** The standby steps as the engine has them, found by asking it. */
const standbySteps = (() => {
  const rate = (points) => FULL.award({ total: 1, priorPointsMilli: points }).rateBp;
  const steps = [];
  let low = 0;
  while (rate(1e12) !== rate(low)) {
    let [below, above] = [low, 1e12];
    while (above - below > 1) {
      const middle = Math.floor((below + above) / 2);
      if (rate(middle) === rate(low)) below = middle;
      else above = middle;
    }
    steps.unshift([above, rate(above)]);
    low = above;
  }
  return steps;
})();

/** 30 % below the quota, digits and points evenly spread: the worst case for branch prediction. */
function samples(count) {
  let state = 0x2545f491;
  const next = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () => ({
    total: next(10) < 3 ? next(QUOTA) : QUOTA + next(900_000),
    digit: next(10),
    priorPointsMilli: next(1_200_000),
  }));
}

const decile = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 10)];

/** Runs the variants in turn; tells the nanoseconds an item, and the ratio to the first variant. */
function measure(rounds, items, variants) {
  const names = Object.keys(variants);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -Math.ceil(rounds / 2); round < rounds; round++) {
    for (const name of names) {
      const start = process.hrtime.bigint();
      variants[name]();
      const taken = Number(process.hrtime.bigint() - start) / items;
      if (round >= 0) times[name].push(taken);
    }
  }
  const first = decile(times[names[0]]);
  return Object.fromEntries(names.map((name) => [name, { ns: decile(times[name]), ratio: decile(times[name]) / first }]));
}

/** What is measured within the limits, or at the last try. */
function tried(limits, run) {
  for (let tries = 1; ; tries++) {
    const measured = run();
    const isMet = Object.entries(limits).every(([name, limit]) => measured[name].ratio <= limit * NOISE);
    if (isMet || tries === MOST_TRIES) return measured;
  }
}

let failed = false;
function show(title, measured, limits) {
  console.log(title);
  for (const [name, { ns, ratio }] of Object.entries(measured)) {
    const limit = limits[name];
    const isMet = limit === undefined || ratio <= limit * NOISE;
    failed ||= !isMet;
    const target = limit === undefined ? "" : `at most ${limit.toFixed(2)}${isMet ? "" : "  MISSED"}`;
    console.log(`  ${name.padEnd(44)}${ns.toFixed(1).padStart(8)} ns ${ratio.toFixed(2).padStart(7)} x  ${target}`);
  }
}

const receipts = samples(4_096);
RATES.splice(0, 10, ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map((digit) => FULL.award({ total: QUOTA, digit }).rateBp));
for (const receipt of receipts) {
  const [by_hand, award] = [plain(receipt), FULL.award(receipt)];
  for (const field of ["reason", "outcome", "rateBp", "base", "value", "pointsMilli"]) {
    if (by_hand[field] !== award[field]) throw new Error(`${field} of ${JSON.stringify(receipt)}: ${by_hand[field]}, ${award[field]}`);
  }
}

let sink = 0;
const each = (rate) => () => {
  let sum = 0;
  for (let index = 0; index < receipts.length; index++) {
    const award = rate(receipts[index]);
    sum += award.value + award.reason.length;
  }
  sink += sum;
};
const OF_ONE = { "program.award": 2.5, "kernel.award": 5 };
const one = {
  "plain JavaScript, checked, object returned": each(plain),
  "program.award": each((receipt) => FULL.award(receipt)),
  "kernel.award": each((receipt) => KERNEL.award(receipt)),
};
show("one award", tried(OF_ONE, () => measure(300, receipts.length, one)), OF_ONE);

const ROWS = 131_072;
const many = samples(ROWS);
const total = Float64Array.from(many, (receipt) => receipt.total);
const column = Int8Array.from(many, (receipt) => receipt.digit);
const prior = Float64Array.from(many, (receipt) => receipt.priorPointsMilli);
const totalBig = BigInt64Array.from(many, (receipt) => BigInt(receipt.total));
const priorBig = BigInt64Array.from(many, (receipt) => BigInt(receipt.priorPointsMilli));
const [value, rateBp, reason] = [new Float64Array(ROWS), new Uint16Array(ROWS), new Uint8Array(ROWS)];
const cells = Float64Array.from({ length: 10 }, (_, digit) => RATES[(digit + 9) % 10]);
const froms = Float64Array.from(standbySteps.toReversed(), ([from]) => from);
const standbyRates = Float64Array.from([0, ...standbySteps.toReversed().map(([, rate]) => rate)]);

/** The loop as one writes it. */
function branchy() {
  let released = 0;
  for (let row = 0; row < ROWS; row++) {
    const amount = total[row];
    if (!(amount >= 0 && amount <= Number.MAX_SAFE_INTEGER) || amount % 1 !== 0) throw new RangeError(`rows[${row}].total`);
    const digit = column[row];
    if (!(digit >= 0 && digit <= 9)) throw new RangeError(`rows[${row}].column`);
    const points = prior[row];
    if (!(points >= 0 && points <= Number.MAX_SAFE_INTEGER) || points % 1 !== 0) throw new RangeError(`rows[${row}].priorPointsMilli`);
    let rate = cells[digit];
    let why = 14;
    if (amount < QUOTA) {
      rate = 0;
      for (let step = froms.length - 1; step >= 0; step--) {
        if (points >= froms[step]) {
          rate = standbyRates[step + 1];
          break;
        }
      }
      why = rate > 0 ? 15 : 7;
    }
    const given = Math.floor((amount * rate) / 10_000);
    released += given;
    value[row] = given;
    rateBp[row] = rate;
    reason[row] = why;
  }
  sink += released;
}

/** The fastest loop found: no branch that can be mispredicted, and checks that a sum of bits tells. */
function branchFree() {
  let released = 0;
  let bad = 0;
  const [f0, f1, f2, f3, f4] = froms;
  for (let row = 0; row < ROWS; row++) {
    const amount = total[row];
    const digit = column[row];
    const points = prior[row];
    bad |= (amount >= 0) & (amount <= Number.MAX_SAFE_INTEGER) & (Math.floor(amount) === amount) & (digit >= 0) & (digit <= 9) & (points >= 0) & (Math.floor(points) === points) ? 0 : 1;
    const reached = (points >= f0) + (points >= f1) + (points >= f2) + (points >= f3) + (points >= f4);
    const full = +(amount >= QUOTA);
    const rate = full * cells[digit] + (1 - full) * standbyRates[reached];
    const given = Math.floor((amount * rate) / 10_000);
    released += given;
    value[row] = given;
    rateBp[row] = rate;
    reason[row] = full * 14 + (1 - full) * (rate > 0 ? 15 : 7);
  }
  if (bad) throw new RangeError("rows");
  sink += released;
}

const inMemory = FULL.columns(ROWS);
inMemory.total.set(total);
inMemory.column.set(column);
inMemory.priorPointsMilli.set(prior);
FULL.awardColumns(inMemory);
for (const loop of [branchy, branchFree]) {
  value.fill(-1);
  loop();
  for (let row = 0; row < ROWS; row++) {
    if (inMemory.value[row] !== value[row] || inMemory.rateBp[row] !== rateBp[row]) throw new Error(`row ${row} of ${loop.name}`);
  }
}
if (froms.length !== 5) throw new Error(`${froms.length} standby steps`);
const loops = measure(30, ROWS, { "plain loop, as one writes it": branchy, "plain loop, without branches": branchFree });
const [best] = Object.entries(loops).toSorted(([, a], [, b]) => a.ns - b.ns)[0];
const OF_ROWS = { "awardColumns in place": 0.5 };
const batch = {
  [`best ${best}`]: best.includes("without") ? branchFree : branchy,
  "awardColumns in place": () => FULL.awardColumns(inMemory),
  "awardColumns, copies of Float64Array": () => FULL.awardColumns({ total, column, priorPointsMilli: prior }),
  "kernel.awardColumns": () => KERNEL.awardColumns({ total, column, priorPointsMilli: prior }),
  "awardColumns, copies of BigInt64Array": () => FULL.awardColumns({ total: totalBig, column, priorPointsMilli: priorBig }),
};
show(`${ROWS} rows, a row each`, { ...loops }, {});
show("beside the best of them", tried(OF_ROWS, () => measure(60, ROWS, batch)), OF_ROWS);
if (sink === 0) console.log(sink);
process.exit(failed ? 1 : 0);
