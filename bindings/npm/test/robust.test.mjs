// What a hostile or careless caller passes: each is refused with its code and path, or right.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { answer, call, LoyaltyError, Program, REASONS } from "../dist/esm/index.js";
import { call as callSlim, init, Program as Slim } from "../dist/esm/slim.js";

const document = { mechanism: "stopwatch", margin_class: "below_15", tier: "plus", quota: 200_000, funding: { preset: "BN-2" } };
const auction = { mechanism: "time_auction", margin_class: "from_15", tier: "gold", window: { open: "08:00" }, quota: 100_000 };

const program = Program.parse(document);
const faces = { "from an object": program, "from text": Program.parse(JSON.stringify(document)) };

function refused(run, code, path) {
  assert.throws(run, (error) => {
    assert(error instanceof LoyaltyError, error);
    assert.deepEqual([error.code, error.path], [code, path]);
    assert(error.texts.en.length > 0 && error.texts.id.length > 0 && error.message.endsWith(error.texts.en));
    return true;
  });
}

const MAX = Number.MAX_SAFE_INTEGER;

for (const [name, face] of Object.entries(faces)) {
  test(`${name}: a number that is none`, () => {
    const bad = [NaN, Infinity, -Infinity, 1.9, 0.1, "10000", "", true, false, null, [10_000], [], {}, 10_000n, 2n ** 64n + 10_000n, Symbol("1"), () => 1, new Number(5), new Date(0)];
    bad.push({ valueOf: () => 10_000 }, { [Symbol.toPrimitive]: () => 10_000 });
    for (const field of ["total", "paidByVoucher", "priorPointsMilli", "purchases"]) {
      for (const value of bad) refused(() => face.award({ total: 250_000, digit: 5, [field]: value }), "bad_type", field);
      for (const value of [2 ** 53, -(2 ** 53), 2 ** 63, 2 ** 64 + 10_000, 1e300]) refused(() => face.award({ total: 250_000, digit: 5, [field]: value }), "out_of_range", field);
      refused(() => face.award({ total: 250_000, digit: 5, [field]: -1 }), "out_of_range", field);
    }
    for (const value of bad) {
      refused(() => face.award({ total: 1, digit: value }), "bad_type", "digit");
      refused(() => face.award({ total: 1, counters: { releasedToday: value } }), "bad_type", "counters.releasedToday");
      refused(() => face.award({ total: 1, merchant: { fundBalance: value } }), "bad_type", "merchant.fundBalance");
    }
    for (const value of [-1, 10, 15, 16, 32, 256, 2 ** 32, 2 ** 32 + 5]) refused(() => face.award({ total: 1, digit: value }), "out_of_range", "digit");
  });

  test(`${name}: the ends of the domain`, () => {
    assert.equal(face.award({ total: -0, digit: -0 }).reason, "zero_amount");
    assert.equal(face.award({ total: 250_000, digit: 5, priorPointsMilli: -0 }).value, 15_000);
    assert.equal(face.award({ total: 2 ** 49, digit: 5 }).value, Number((2n ** 49n * 600n) / 10_000n));
    assert.equal(face.award({ total: 9_000_000_000_001, digit: 5 }).value, 540_000_000_000);
    assert.equal(face.award({ total: MAX, digit: 5 }).value, Number((BigInt(MAX) * 600n) / 10_000n));
    refused(() => face.award({ total: 250_000, digit: 5, priorPointsMilli: MAX }), "out_of_range", "priorPointsMilli");
  });

  test(`${name}: absent, unknown, and twice`, () => {
    refused(() => face.award({}), "missing_field", "total");
    refused(() => face.award({ total: undefined }), "missing_field", "total");
    assert.equal(face.award({ total: 250_000, digit: undefined }).reason, "play_pending");
    refused(() => face.award({ total: 1, digt: 5 }), "unknown_field", "digt");
    refused(() => face.award({ total: 1, merchant: { suspnded: true } }), "unknown_field", "merchant.suspnded");
    refused(() => face.award({ total: 1, digit: 5, slot: 3 }), "bad_config", "slot");
    refused(() => face.award({ total: 1, slot: 3 }), "bad_config", "slot");
    for (const value of [undefined, null, 5, "x", 1n]) refused(() => face.award(value), "bad_type", "");
    refused(() => face.award({ total: 1, late: 1 }), "bad_type", "late");
    refused(() => face.award({ total: 1, merchant: { suspended: "no" } }), "bad_type", "merchant.suspended");
    refused(() => face.award({ total: 1, counters: { day: "" } }), "bad_time", "counters.day");
    refused(() => face.award({ total: 1, counters: { day: "2025-02-30" } }), "bad_time", "counters.day");
    refused(() => face.award({ total: 1, counters: { slot: 1 } }), "unknown_field", "counters.slot");
    refused(() => face.award({ total: 1, digit: 1, counters: { awardsBySlot: new Array(10).fill(0) } }), "bad_config", "counters.awardsBySlot");
    refused(() => face.award({ total: 1, digit: 1, counters: { releasedBySlot: [0] } }), "bad_config", "counters.releasedBySlot");
    refused(() => face.award({ total: 1, digit: 1, counters: { releasedBySlot: 0 } }), "bad_type", "counters.releasedBySlot");
  });

  test(`${name}: getters are read once, and what they throw comes through`, () => {
    let reads = 0;
    const shifting = { get total() { return ++reads === 1 ? 250_000 : 9e15; }, digit: 5 };
    const award = face.award(shifting);
    assert.equal(award.value, 15_000);
    assert.equal(award.details.counters.releasedToday, 15_000);
    assert.equal(reads, 1);
    const thrown = new Error("mine");
    assert.throws(() => face.award({ get total() { throw thrown; } }), thrown);
    assert.equal(face.award({ total: 250_000, digit: 5 }).value, 15_000);
  });

  test(`${name}: what stands in a prototype is not read`, () => {
    try {
      Object.prototype.digit = 9;
      Object.defineProperty(Object.prototype, "paidByVoucher", { value: 100_000, configurable: true });
      Array.prototype.extra = 1;
      assert.equal(face.award({ total: 250_000, digit: 5 }).value, 15_000);
      assert.equal(face.award({ total: 250_000 }).reason, "play_pending");
      refused(() => face.award(Object.create({ total: 250_000 })), "missing_field", "total");
    } finally {
      delete Object.prototype.digit;
      delete Object.prototype.paidByVoucher;
      delete Array.prototype.extra;
    }
    assert.equal(face.award(Object.assign(Object.create(null), { total: 250_000, digit: 5 })).value, 15_000);
  });

  test(`${name}: documents of no program`, () => {
    const { parse } = Program;
    for (const bad of ["", "{", "[]", "5", "null", '{"mechanism": "stopwatch"} {}', '{"mechanism": "stopwatch", "mechanism": "stopwatch"}', '"\\ud800"', '{"id": "\ud800"}']) refused(() => parse(bad), "bad_json", bad.includes("mechanism\": \"stopwatch\", ") ? "mechanism" : "");
    for (const bad of [undefined, () => document, Symbol("document"), new Map(), new Date(0), new Uint8Array(8)]) refused(() => parse(bad), "bad_type", "");
    refused(() => parse(7n), "bad_type", "");
    refused(() => parse(JSON.stringify({ ...document, id: "x".repeat(1 << 20) })), "too_large", "");
    refused(() => parse("x".repeat(3 << 20)), "too_large", "");
    refused(() => parse({ ...document, quota: 0.5 }), "bad_type", "quota");
    refused(() => parse({ ...document, funding: { shares_bp: [5_000, 4_000] } }), "bad_shares", "funding.shares_bp");
    const given = { ...document };
    const kept = parse(given);
    given.quota = 0; // The program keeps a document of its own.
    assert.equal(kept.document.quota, 200_000);
    kept.document.quota = 0;
    assert.equal(kept.award({ total: 150_000, digit: 5 }).reason, "no_standby");
  });

  test(`${name}: words in a language that there is, quotes, and their refusals`, () => {
    const award = face.award({ total: 250_000, digit: 5 });
    assert.equal(award.explain("id").line, "Voucher penuh: Rp15.000 (6% x Rp250.000), 15 poin");
    for (const language of ["fr", "", "toString", undefined, null, 5]) refused(() => award.explain(language), "bad_config", "language");
    assert.deepEqual(face.quote({ total: 150_000, digit: 5 }).at_quota, { reason: "full", rate_bp: 600, value: 12_000, capped_by: [] });
    refused(() => face.quote({ total: -1, digit: 5 }), "out_of_range", "total");
    refused(() => face.quote({ digit: 5 }), "missing_field", "total");
    assert.deepEqual(face.quote({ total: 150_000, digit: 5, counters: { releasedToday: 5 } }).missing, 50_000);
  });

  test(`${name}: columns`, () => {
    for (const rows of [NaN, 1.5, "3", undefined, 3n]) refused(() => face.columns(rows), "bad_type", "rows");
    refused(() => face.columns(-1), "out_of_range", "rows");
    refused(() => face.columns(2 ** 31), "too_large", "rows");
    assert.deepEqual(face.awardColumns(face.columns(0)).counters.releasedToday, 0);
    const columns = face.columns(3);
    columns.total.set([250_000, 150_000, 0]);
    columns.column.set([5, 5, -1]);
    columns.priorPointsMilli.set([0, 500_000, 0]);
    assert.deepEqual(face.awardColumns(columns).counters, { releasedToday: 18_000 });
    assert.deepEqual([...columns.value], [15_000, 3_000, 0]);
    assert.deepEqual([0, 1, 2].map((row) => columns.reasonOf(row)), ["full", "standby", "zero_amount"]);
    for (const [value, code] of [[NaN, "bad_type"], [0.5, "bad_type"], [2 ** 53, "out_of_range"], [-1, "out_of_range"], [Infinity, "bad_type"]]) {
      columns.total[1] = value;
      refused(() => face.awardColumns(columns), code, "rows[1].total");
      assert.deepEqual([...columns.value.subarray(1)], [0, 0]);
      assert.deepEqual([...columns.rateBp.subarray(1)], [0, 0]);
    }
    columns.total[1] = 150_000;
    columns.column[2] = 10;
    refused(() => face.awardColumns(columns), "out_of_range", "rows[2].column");
    columns.column[2] = 0;
    columns.paidByVoucher[0] = 250_001;
    refused(() => face.awardColumns(columns), "out_of_range", "rows[0].paidByVoucher");
    columns.paidByVoucher[0] = 50_000;
    face.awardColumns(columns);
    assert.equal(columns.value[0], 12_000);
    // Counters are those of all rows.
    refused(() => face.awardColumns(columns, { counters: { releasedToday: MAX } }), "out_of_range", "counters.releasedToday");
  });

  test(`${name}: memory that grows leaves the columns`, () => {
    const columns = face.columns(2);
    const { total, column, value } = columns;
    const many = Array.from({ length: 300 }, () => Program.parse(document));
    refused(() => Program.parse({ ...document, pad: "x".repeat(900_000) }), "unknown_field", "pad");
    face.columns(100_000);
    total.set([250_000, 250_000]);
    column.set([5, 6]);
    face.awardColumns(columns);
    assert.deepEqual([...value], [15_000, 17_500]);
    assert.equal(many.at(-1).award({ total: 250_000, digit: 5 }).value, 15_000);
  });

  test(`${name}: arrays of the caller`, () => {
    const column = new Int8Array([5, 6]);
    const right = face.awardColumns({ total: new Float64Array([250_000, 250_000]), column });
    assert.deepEqual([...right.value], [15_000, 17_500]);
    assert.deepEqual([...face.awardColumns({ total: new BigInt64Array([250_000n, 250_000n]), column, purchases: new BigInt64Array(2) }).value], [15_000, 17_500]);
    // What one batch passed is not left for the next.
    face.awardColumns({ total: new Float64Array([250_000, 150_000]), column, priorPointsMilli: new Float64Array([0, 500_000]), paidByVoucher: new Float64Array([0, 0]) });
    assert.deepEqual([...face.awardColumns({ total: new Float64Array([250_000, 150_000]), column }).value], [15_000, 0]);
    refused(() => face.awardColumns({ total: new BigInt64Array([2n ** 53n + 1n, 1n]), column }), "out_of_range", "rows[0].total");
    refused(() => face.awardColumns({ total: new BigInt64Array([1n, -(2n ** 63n)]), column }), "out_of_range", "rows[1].total");
    refused(() => face.awardColumns({ total: new Float64Array(3), column }), "bad_config", "total");
    refused(() => face.awardColumns({ total: new Float64Array(2), column, purchases: new Float64Array(1) }), "bad_config", "purchases");
    refused(() => face.awardColumns({ column }), "missing_field", "total");
    refused(() => face.awardColumns({ total: new Float64Array(2) }), "missing_field", "column");
    refused(() => face.awardColumns({ total: new Float64Array(2), column, points: column }), "unknown_field", "points");
    for (const total of [[1, 2], new Float32Array(2), new Int32Array(2), { length: 2 ** 31 }, "12", null, new DataView(new ArrayBuffer(16))]) {
      refused(() => face.awardColumns({ total, column }), "bad_type", "total");
    }
    for (const value of [null, undefined, 5]) refused(() => face.awardColumns(value), "bad_type", "");
    const total = new Float64Array(2);
    structuredClone(total.buffer, { transfer: [total.buffer] });
    refused(() => face.awardColumns({ total, column }), "bad_type", "total");
    const buffer = new ArrayBuffer(16, { maxByteLength: 64 });
    const tracking = new Float64Array(buffer);
    tracking.fill(250_000);
    assert.equal(face.awardColumns({ total: tracking, column }).value[0], 15_000);
    buffer.resize(8);
    refused(() => face.awardColumns({ total: tracking, column }), "bad_config", "total");
    const shared = new Float64Array(new SharedArrayBuffer(16));
    shared.fill(250_000);
    assert.equal(face.awardColumns({ total: shared, column }).value[0], 15_000);
  });
}

test("a batch is its receipts one by one", () => {
  const limited = Program.parse({ ...document, budget: { day: 40_000 }, receipt_cap: 9_000 });
  for (const each of [program, limited]) {
    const rows = Array.from({ length: 500 }, (_, row) => ({ total: (row * 7919) % 400_000, digit: row % 10, priorPointsMilli: (row * 104_729) % 900_000 }));
    const batch = each.awardColumns({
      total: Float64Array.from(rows, (row) => row.total),
      column: Int8Array.from(rows, (row) => row.digit),
      priorPointsMilli: Float64Array.from(rows, (row) => row.priorPointsMilli),
    });
    let counters = {};
    rows.forEach((row, index) => {
      const award = each.award({ ...row, counters });
      assert.deepEqual([batch.value[index], batch.rateBp[index], REASONS[batch.reason[index]]], [award.value, award.rateBp, award.reason], `row ${index}`);
      counters = award.details.counters;
    });
    assert.deepEqual(batch.counters, counters);
  }
});

test("small numbers, large ones and every pick give the same side by side, one by one and in full", () => {
  const own = { mechanism: "time_auction", margin_class: "below_15", tier: "silver", quota: [0, 1, 5_000, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 2 ** 40] };
  const programs = [
    [program, -1],
    [Program.parse({ mechanism: "stopwatch", margin_class: "from_15", tier: "pro" }), -1],
    [Program.parse(own), 1],
  ];
  const ends = [0, 1, 9_999, 10_000, 199_999, 200_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 33 + 1, 2 ** 41];
  const points = [0, 49_999, 50_000, 150_000, 299_999, 300_000, 499_999, 700_000, 2 ** 31 - 1, 2 ** 31, 2 ** 40];
  for (const [each, first] of programs) {
    const picks = Array.from({ length: first < 0 ? 11 : 10 }, (_, index) => first + index);
    const rows = [];
    for (const total of ends) for (const prior of points) for (const pick of picks) rows.push([total, prior, pick]);
    // Between long stretches of small rows stand some that need more.
    rows.sort(([a, b], [c, d]) => Number(Math.max(a, b) >= 2 ** 31) * ((a + b) % 7) - Number(Math.max(c, d) >= 2 ** 31) * ((c + d) % 7));
    const columns = each.columns(rows.length);
    rows.forEach(([total, prior, pick], row) => {
      columns.total[row] = total;
      columns.priorPointsMilli[row] = prior;
      columns.column[row] = pick;
    });
    const after = each.awardColumns(columns).counters;
    let counters = {};
    rows.forEach(([total, priorPointsMilli, pick], row) => {
      const receipt = { total, priorPointsMilli, ...(first > 0 ? { slot: pick } : pick < 0 ? {} : { digit: pick }) };
      const [short, full] = [each.award(receipt), each.award({ ...receipt, counters })];
      const told = [columns.value[row], columns.rateBp[row], columns.reasonOf(row)];
      for (const award of [short, full]) {
        assert.deepEqual([award.value, award.rateBp, award.reason], told, JSON.stringify(receipt));
        assert.deepEqual([award.outcome, award.base, award.pointsMilli], [full.outcome, full.base, full.pointsMilli]);
      }
      counters = full.details.counters;
    });
    assert.deepEqual(after, counters);
  }
});

test("columns are rated by one program after the other", () => {
  const programs = [program, Program.parse({ ...document, tier: "pro", margin_class: "from_15" }), Program.parse({ ...document, quota: 300_000, id: "later", parties: ["a", "b", "c"] })];
  const columns = program.columns(9);
  columns.total.fill(250_000);
  columns.column.set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const each of [...programs, ...programs]) {
    each.awardColumns(columns);
    assert.deepEqual([...columns.value], [...columns.column].map((digit) => each.award({ total: 250_000, digit }).value));
  }
});

test("a bad value in any row of a block is told where it stands", () => {
  const columns = program.columns(37);
  for (const [name, bad, code, path] of [["total", 0.5, "bad_type", "total"], ["priorPointsMilli", -1, "out_of_range", "priorPointsMilli"], ["column", 10, "out_of_range", "column"], ["column", -2, "out_of_range", "column"], ["total", NaN, "bad_type", "total"]]) {
    for (let row = 0; row < columns.rows; row++) {
      columns.total.fill(250_000);
      columns.column.fill(5);
      columns.priorPointsMilli.fill(0);
      columns[name][row] = bad;
      refused(() => program.awardColumns(columns), code, `rows[${row}].${path}`);
      assert.deepEqual([...columns.value], Array.from({ length: 37 }, (_, index) => (index < row ? 15_000 : 0)));
    }
  }
});

test("times, claims, and their refusals", () => {
  const day = Program.parse(auction);
  const award = day.award({ total: 120_000, at: "2025-03-01T16:00:00+07:00" });
  assert.deepEqual([award.value, award.details.counters.day, award.details.cell.slot], [6_600, "2025-03-01", 9]);
  for (const at of ["", "2025-03-01", "2025-03-01T16:00:00", "2025-03-01T16:00:00z", "2025-03-01T16:00:00+07:00".padEnd(60), "2025-03-01T16:00:00+07:00é", "x".repeat(1e6)]) {
    refused(() => day.award({ total: 1, at }), "bad_time", "at");
  }
  refused(() => day.award({ total: 1, at: new Date() }), "bad_type", "at");
  refused(() => day.award({ total: 1, digit: 3 }), "bad_config", "digit");
  const claim = { startedAt: "2025-03-01T14:21:54+07:00", countdownS: 20, stoppedAt: "2025-03-01T14:22:14+07:00" };
  assert.deepEqual(program.award({ total: 250_000, claim }).details.claim, { reason: "accepted", differenceMs: 0, digit: 4 });
  refused(() => program.award({ total: 1, claim: { ...claim, countdownS: 20.5 } }), "bad_type", "claim.countdownS");
  refused(() => program.award({ total: 1, claim: { startedAt: claim.startedAt } }), "missing_field", "claim.countdownS");
});

test("what a voucher keeps follows from its program and its receipt", () => {
  const reversed = (each, receipt, refunds) => {
    const { kept, taken_back, reason } = each.reverse(each.award(receipt), refunds);
    return [kept, taken_back, reason];
  };
  const receipt = { total: 250_000, digit: 5, priorPointsMilli: 300_000 };
  assert.deepEqual(reversed(program, receipt, [50_000, 1]), [[12_000, 11_999], [3_000, 1], "below_quota_kept_rate"]);
  const falling = Program.parse({ ...document, below_quota: "standby", receipt_cap: 10_000, rounding: { unit: 100 } });
  assert.deepEqual(reversed(falling, receipt, [50_000, 1]), [[10_000, 2_900], [0, 7_100], "below_quota_standby"]);
  const own = Program.parse({ ...document, below_quota: "standby", standby: { steps: [{ from_points_milli: 300_000, rate_bp: 400 }], strict: true } });
  assert.deepEqual(reversed(own, receipt, [100_000]), [[0], [15_000], "below_quota_standby"]);
  const paid = { ...receipt, paidByVoucher: 100_000 };
  assert.deepEqual(reversed(program, paid, [50_000, 100_000]), [[6_000, 0], [3_000, 6_000], "fully_refunded"]);

  const quota = [0, 0, 0, 0, 0, 0, 0, 0, 100_000, 0];
  const bySlot = Program.parse({ ...auction, quota });
  for (const [pick, reason] of [[{ slot: 9 }, "below_quota_kept_rate"], [{ at: "2025-03-01T16:00:00+07:00" }, "below_quota_kept_rate"], [{ slot: 8 }, "kept"], [{ at: "2025-03-01T15:59:59+07:00" }, "kept"]]) {
    assert.equal(reversed(bySlot, { total: 100_000, ...pick }, [1])[2], reason);
  }
  assert.deepEqual(reversed(bySlot, { total: 100_000, at: "2025-03-01T07:00:00+07:00" }, [1]), [[0], [0], "kept"]);

  const award = program.award(receipt);
  for (const foreign of [falling.award(receipt), Program.parse(document).award(receipt), { ...award }, undefined, 15_000]) refused(() => program.reverse(foreign, []), "bad_config", "award");
  refused(() => program.reverse(award, [250_000, 1]), "over_refund", "refunds[1]");
  refused(() => program.reverse(award, [-1]), "out_of_range", "refunds[0]");
  refused(() => program.reverse(award, [NaN]), "bad_type", "refunds[0]");
  for (const bad of [null, "1", 1n, undefined, 0.5]) refused(() => program.reverse(award, [1, bad]), "bad_type", "refunds[1]");
  refused(() => program.reverse(award, [2 ** 53]), "out_of_range", "refunds[0]");
  assert.equal(program.reverse(award, new Array(65_000).fill(1)).taken_back.length, 65_000);
  for (const length of [70_000, 2 ** 32 - 1]) refused(() => program.reverse(award, new Array(length)), "too_large", "refunds");
  for (const refunds of [5, "5", {}, undefined, null, new Float64Array(1)]) refused(() => program.reverse(award, refunds), "bad_type", "refunds");
});

test("objects as requests are written as they are, or refused", () => {
  const request = { amount: 100_000, rate_bp: 350 };
  assert.deepEqual(call("money.apply_rate", request), { value: 3_500 });
  assert.deepEqual(call("money.apply_rate", JSON.stringify(request)), { value: 3_500 });
  assert.deepEqual(call("money.apply_rate", { ...request, amount: -0 }), { value: 0 });
  assert.deepEqual(call("money.apply_rate", runInNewContext("({ amount: 100000, rate_bp: 350 })")), { value: 3_500 });
  for (const amount of [NaN, Infinity, 1n, 0.5, 1e21, "1", true, {}, [1]]) refused(() => call("money.apply_rate", { ...request, amount }), "bad_type", "amount");
  refused(() => call("money.apply_rate", { ...request, amount: 2 ** 53 }), "out_of_range", "amount");
  refused(() => call("money.apply_rate", { ...request, amount: undefined }), "missing_field", "amount");
  refused(() => call("money.apply_rate", { ...request, amount: () => 1 }), "bad_type", "amount");
  refused(() => call("money.apply_rate", new Map([["amount", 1]])), "bad_type", "");
  refused(() => call("split.allocate", { amount: 10, weights: [1, , 1] }), "bad_type", "weights[1]");
  refused(() => call("split.allocate", { amount: 100, weights: [NaN, 1, -1] }), "bad_type", "weights[0]");
  refused(() => call("split.allocate", { amount: 100, weights: { length: 2 ** 31 } }), "bad_type", "weights");
  const loop = {};
  loop.loop = loop;
  refused(() => call("money.apply_rate", loop), "bad_json", "");
  try {
    Object.prototype.toJSON = () => ({ amount: 1, rate_bp: 1 });
    Object.prototype.rate_bp = 10_000;
    assert.deepEqual(call("money.apply_rate", request), { value: 3_500 });
    refused(() => call("money.apply_rate", { amount: 5 }), "missing_field", "rate_bp");
  } finally {
    delete Object.prototype.toJSON;
    delete Object.prototype.rate_bp;
  }
  for (const op of ["", "nothing.here", "x".repeat(1e6), "\ud800"]) refused(() => call(op, {}), "unknown_op", "");
  for (const op of [undefined, null, 5, {}]) refused(() => call(op, {}), "unknown_op", "");
  refused(() => call("text.rate", '{"text": "\ud800"}'), "bad_json", "");
  refused(() => call("rate.parse", "x".repeat(3 << 20)), "too_large", "");
  refused(() => call("rate.parse", ""), "bad_json", "");
  refused(() => Program.parse("{}"), "missing_field", "mechanism");
  refused(() => Program.parse({ ...document, quota: -1 }), "out_of_range", "quota");
  refused(() => Program.parse('{"mechanism": "stopwatch"}, "x": {}'), "bad_json", "");
});

test("a request as large as they come", () => {
  const weights = Array.from({ length: 100_000 }, () => 1);
  assert.equal(call("split.allocate", { amount: 100_001, weights }).parts[0], 2);
});

test("a page's module uses its memory again", async () => {
  const { Instance } = WebAssembly;
  let memory;
  WebAssembly.Instance = class {
    constructor(module, imports) {
      this.exports = new Instance(module, imports).exports;
      memory = this.exports.memory;
    }
  };
  try {
    const { Program: Fresh } = await import("../dist/esm/shop.js?memory");
    const kept = Fresh.parse(document);
    const award = kept.award({ total: 250_000, digit: 5 });
    const refunds = new Array(60_000).fill(1);
    const ask = () => {
      assert.equal(kept.reverse(award, refunds).kept.at(-1), 11_400);
      refused(() => Fresh.parse({ ...document, pad: "x".repeat(500_000) }), "unknown_field", "pad");
      assert.equal(award.explain("en").slip.length, 5);
    };
    ask();
    ask();
    const { byteLength } = memory.buffer;
    for (let times = 0; times < 20; times++) ask();
    let refusals = 0;
    for (let times = 0; times < 100_000; times++) {
      try {
        kept.award({ total: 1, digit: 16 });
      } catch {
        refusals++;
      }
    }
    assert.equal(refusals, 100_000);
    assert.equal(memory.buffer.byteLength, byteLength);
    assert.equal(kept.award({ total: 250_000, digit: 5 }).value, 15_000);
  } finally {
    WebAssembly.Instance = Instance;
  }
});

test("slim waits for its modules, and takes bytes", () => {
  const bytes = (name) => readFileSync(new URL(`../dist/${name}.wasm`, import.meta.url));
  refused(() => Slim.parse(document), "missing_field", "program");
  init({ program: bytes("program") });
  refused(() => callSlim("rate.parse", { text: "3.5%" }), "missing_field", "loyalty");
  init({ loyalty: new WebAssembly.Module(bytes("loyalty")), program: undefined });
  assert.equal(callSlim("rate.parse", { text: "3.5%" }).rate_bp, 350);
  assert.equal(Slim.parse(document).award({ total: 250_000, digit: 5 }).explain("en").line, "Full voucher: Rp15.000 (6% x Rp250.000), 15 poin");
  refused(() => program.awardColumns(Slim.parse(document).columns(1)), "bad_config", "columns");
});

test("an instance in which a call trapped is not used again", async () => {
  const { Instance } = WebAssembly;
  const made = [];
  let trap = false;
  // Every instance made from now on traps once when it is told to, by a real address outside its memory.
  WebAssembly.Instance = class {
    constructor(module, imports) {
      const real = new Instance(module, imports).exports;
      made.push(real);
      const trapping = (name) => (...parameters) => {
        if (!trap) return real[name](...parameters);
        trap = false;
        return real[name](0xffff_fff0, ...parameters.slice(1));
      };
      this.exports = { ...real, loyalty_award: trapping("loyalty_award"), loyalty_award_columns: trapping("loyalty_award_columns") };
    }
  };
  try {
    const { Program: Fresh } = await import("../dist/esm/shop.js?fresh");
    const fresh = Fresh.parse(document);
    const before = made.length;
    trap = true;
    refused(() => fresh.award({ total: 250_000, digit: 5 }), "internal", "");
    const award = fresh.award({ total: 250_000, digit: 5 });
    assert.deepEqual([award.value, award.details.rules, made.length], [15_000, ["QT-1", "SW-3", "CV-4", "SP-1"], before + 1]);
    const columns = fresh.columns(1);
    columns.total[0] = 250_000;
    columns.column[0] = 5;
    trap = true;
    refused(() => fresh.awardColumns(columns), "internal", "");
    refused(() => fresh.awardColumns(columns), "internal", "");
    const again = fresh.columns(1);
    again.total[0] = 250_000;
    again.column[0] = 5;
    fresh.awardColumns(again);
    assert.equal(again.value[0], 15_000);
  } finally {
    WebAssembly.Instance = Instance;
  }
});
