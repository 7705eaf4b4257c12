// The kernel alone answers what the whole package answers, and refuses what is none of its own.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { call, LoyaltyError, Program } from "../dist/esm/index.js";
import { Kernel, REASONS } from "../dist/esm/kernel.js";

const STOPWATCH = { mechanism: "stopwatch", margin_class: "below_15", tier: "plus", quota: 200_000 };
const AUCTION = { mechanism: "time_auction", margin_class: "from_15", tier: "gold", quota: 100_000 };

const load = (document) => Kernel.load(Program.parse(document).kernel);
const kernel = load(STOPWATCH);

function refused(what, code, path) {
  assert.throws(what, (error) => {
    assert.ok(error instanceof LoyaltyError, String(error));
    assert.deepEqual([error.code, error.path], [code, path]);
    assert.ok(error.texts.en.length > 0 && error.texts.id.length > 0);
    return true;
  });
}

const camel = (key) => key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const renamed = (object = {}) => Object.fromEntries(Object.entries(object).map(([key, value]) => [camel(key), value]));

/** A request of award.decide as the kernel takes it; none if only a program can answer it. */
function asReceipt({ receipt, shopper, merchant, counters, ...rest }) {
  const known = typeof receipt === "object" && !["at", "claim", "lines"].some((field) => field in receipt) && !counters?.day;
  const carries = rest.program?.points?.rest === "carry";
  if (!known || carries || rest.program?.offers !== undefined || Object.keys(rest).join() !== "program") return undefined;
  return { ...renamed(receipt), ...renamed(shopper), merchant: renamed(merchant), counters: renamed(counters) };
}

/**
 * A receipt as the first of so many like it, in columns; none where a field of it has no column, or where a later row
 * leaves the domain.
 */
function firstOfColumns(face, { digit, slot, counters, merchant, ...fields }, rows) {
  const numbers = Object.entries(fields).filter(([, value]) => value !== false);
  if (numbers.some(([, value]) => typeof value !== "number")) return undefined;
  const columns = Object.fromEntries(numbers.map(([name, value]) => [name, new Float64Array(rows).fill(value)]));
  try {
    const { value, rateBp, reason } = face.awardColumns({ ...columns, column: new Int8Array(rows).fill(digit ?? slot ?? -1) }, { counters, merchant });
    return { value: value[0], rateBp: rateBp[0], reason: REASONS[reason[0]] };
  } catch (error) {
    if (!(error instanceof LoyaltyError)) throw error;
    const isWithoutColumn = error.code === "unknown_field" && error.path in fields;
    if (isWithoutColumn || (rows > 1 && !error.path.startsWith("rows[0]"))) return undefined;
    throw error;
  }
}

test("the vectors of award.decide", () => {
  const folder = new URL("../../../tests/vectors/award.decide/", import.meta.url);
  let answered = 0;
  let asColumns = 0;
  for (const name of readdirSync(folder)) {
    for (const { in: request, out } of JSON.parse(readFileSync(new URL(name, folder), "utf8"))) {
      const receipt = asReceipt(request);
      if (receipt === undefined || out === undefined) continue;
      const { counters, ...award } = load(request.program).award(receipt);
      const wanted = { reason: out.reason, rateBp: out.rate_bp, base: out.base, value: out.value, pointsMilli: out.points_milli };
      for (const [field, value] of Object.entries(wanted)) if (value !== undefined) assert.equal(award[field], value, `${name}: ${field}`);
      if (out.counters !== undefined) assert.deepEqual(counters, renamed(out.counters), name);
      answered += 1;
      // One row goes alone; sixteen are decided side by side.
      for (const face of [load(request.program), Program.parse(request.program)]) {
        for (const rows of [1, 16]) {
          const first = firstOfColumns(face, receipt, rows);
          for (const field of first === undefined ? [] : ["value", "rateBp", "reason"]) {
            if (wanted[field] !== undefined) assert.equal(first[field], wanted[field], `${name}: ${field} of ${rows} rows`);
          }
          asColumns += Number(first !== undefined);
        }
      }
    }
  }
  assert.ok(answered > 150 && asColumns > 500, `${answered} vectors, ${asColumns} columns`);
});

test("a batch is its receipts one by one", () => {
  const limited = load({ ...AUCTION, first_n: { n: 3 }, budget: { day: 60_000, slot: 30_000 }, receipt_cap: 9_000 });
  const rows = 500;
  const random = ((state) => () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31)(7);
  const columns = {
    total: Float64Array.from({ length: rows }, () => Math.floor(random() * 300_000)),
    column: Int8Array.from({ length: rows }, () => 1 + Math.floor(random() * 10)),
    priorPointsMilli: BigInt64Array.from({ length: rows }, () => BigInt(Math.floor(random() * 900_000))),
    paidByVoucher: new Float64Array(rows),
    purchases: new Float64Array(rows).fill(2),
  };
  const awardsBySlot = [0, 0, 1, 0, 0, 0, 0, 0, 0, 2];
  const before = { counters: { awardsBySlot, releasedToday: 500 }, merchant: { fundBalance: 10, outstanding: 5 } };
  const told = limited.awardColumns(columns, before);
  let { counters } = before;
  for (let row = 0; row < rows; row++) {
    const award = limited.award({
      total: columns.total[row],
      slot: columns.column[row],
      priorPointsMilli: Number(columns.priorPointsMilli[row]),
      purchases: 2,
      merchant: before.merchant,
      counters,
    });
    assert.deepEqual([told.value[row], told.rateBp[row], REASONS[told.reason[row]]], [award.value, award.rateBp, award.reason]);
    counters = award.counters;
  }
  assert.deepEqual(told.counters, counters);
  const whole = Program.parse({ ...AUCTION, first_n: { n: 3 }, budget: { day: 60_000, slot: 30_000 }, receipt_cap: 9_000 });
  const { value, rateBp, reason } = whole.awardColumns(columns, before);
  assert.deepEqual({ value, rateBp, reason }, { value: told.value, rateBp: told.rateBp, reason: told.reason });
});

test("the bytes of a kernel", () => {
  const bytes = Program.parse(STOPWATCH).kernel;
  assert.equal(Buffer.from(bytes).toString("hex"), call("program.kernel", { program: STOPWATCH }).kernel_hex);
  for (let bit = 0; bit < 8 * bytes.length; bit += 37) {
    const flipped = bytes.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    refused(() => Kernel.load(flipped), "bad_compiled", "");
  }
  for (const wrong of [new Uint8Array(0), bytes.slice(0, -1), new Uint8Array([...bytes, 0]), new Uint8Array(1 << 20), [...bytes], undefined, "LYKN"]) {
    refused(() => Kernel.load(wrong), "bad_compiled", "");
  }
  const held = bytes.slice();
  const own = Kernel.load(held);
  held.fill(0);
  assert.equal(own.award({ total: 250_000, digit: 5 }).value, 15_000);
  assert.deepEqual([kernel.mechanism, load(AUCTION).mechanism], ["stopwatch", "time_auction"]);
});

test("what is no receipt is refused where it stands", () => {
  const award = (receipt) => kernel.award({ total: 250_000, digit: 5, ...receipt });
  for (const total of [Number.NaN, 0.5, "1", 1n, null, {}, [1], { valueOf: () => 1 }, Number.POSITIVE_INFINITY]) {
    refused(() => award({ total }), "bad_type", "total");
  }
  for (const total of [2 ** 53, -(2 ** 53), 1e300]) refused(() => award({ total }), "out_of_range", "total");
  for (const [field, value] of Object.entries({ total: -1, paidByVoucher: -1, priorPointsMilli: -1, purchases: -1 })) {
    refused(() => award({ [field]: value }), "out_of_range", field);
  }
  for (const field of ["merchant.fundBalance", "merchant.outstanding", "counters.releasedToday"]) {
    const [outer, inner] = field.split(".");
    refused(() => award({ [outer]: { [inner]: -1 } }), "out_of_range", field);
    refused(() => award({ [outer]: { [inner]: "1" } }), "bad_type", field);
  }
  for (const digit of [10, -1, 2 ** 32 + 5, 2 ** 40]) refused(() => award({ digit }), "out_of_range", "digit");
  refused(() => award({ digit: 4.5 }), "bad_type", "digit");
  refused(() => award({ slot: 1 }), "bad_config", "slot");
  refused(() => kernel.award({ total: 1, slot: 1 }), "bad_config", "slot");
  refused(() => load(AUCTION).award({ total: 1 }), "missing_field", "slot");
  refused(() => load(AUCTION).award({ total: 1, digit: 1 }), "bad_config", "digit");
  refused(() => kernel.award({ digit: 5 }), "missing_field", "total");
  refused(() => award({ paidByVoucher: 250_001 }), "out_of_range", "paidByVoucher");
  refused(() => award({ at: "2025-03-01T14:30:00+07:00" }), "unknown_field", "at");
  refused(() => award({ counters: { day: "2025-03-01" } }), "unknown_field", "counters.day");
  refused(() => award({ counters: { awardsBySlot: new Array(10).fill(0) } }), "bad_config", "counters.awardsBySlot");
  const auction = (counters) => load(AUCTION).award({ total: 1, slot: 1, counters });
  for (const field of ["awardsBySlot", "releasedBySlot"]) {
    refused(() => auction({ [field]: 1 }), "bad_type", `counters.${field}`);
    refused(() => auction({ [field]: new Array(9).fill(0) }), "bad_config", `counters.${field}`);
    refused(() => auction({ [field]: [0, 0, -1, 0, 0, 0, 0, 0, 0, 0] }), "out_of_range", `counters.${field}`);
    refused(() => auction({ [field]: [0, 0, "1", 0, 0, 0, 0, 0, 0, 0] }), "bad_type", `counters.${field}`);
  }
  refused(() => award({ counters: { total: 1 } }), "unknown_field", "counters.total");
  refused(() => award({ late: 1 }), "bad_type", "late");
  refused(() => award({ merchant: { suspended: "no" } }), "bad_type", "merchant.suspended");
  for (const merchant of [1, [], null, "x"]) refused(() => award({ merchant }), "bad_type", "merchant");
  for (const receipt of [undefined, null, 1, [], "x"]) refused(() => kernel.award(receipt), "bad_type", "");
  assert.equal(Object.is(award({ priorPointsMilli: -0 }).value, 15_000), true);
  assert.equal(award({ slot: undefined, merchant: undefined, late: false }).value, 15_000);
  assert.equal(kernel.award(Object.assign(Object.create({ paidByVoucher: 250_000 }), { total: 250_000, digit: 5 })).value, 15_000);
  const getter = { total: 250_000, get digit() { throw new TypeError("mine"); } };
  assert.throws(() => kernel.award(getter), { message: "mine" });
  assert.deepEqual(award({}), kernel.award({ total: 250_000, digit: 5 }), "a refusal leaves nothing behind");
  assert.equal(award({ merchant: { suspended: true } }).reason, "suspended");
  assert.equal(award({ merchant: { registered: true } }).reason, "not_active");
  assert.equal(award({ late: true }).reason, "noted_digit");
});

test("what is no column is refused where it stands", () => {
  const total = Float64Array.of(250_000, 100_000);
  const column = Int8Array.of(5, -1);
  const told = kernel.awardColumns({ total, column });
  assert.deepEqual([[...told.value], [...told.reason].map((place) => REASONS[place])], [[15_000, 0], ["full", "no_standby"]]);
  refused(() => kernel.awardColumns({ total }), "missing_field", "column");
  refused(() => kernel.awardColumns({ column }), "missing_field", "total");
  refused(() => kernel.awardColumns({ total: [1, 2], column }), "bad_type", "total");
  refused(() => kernel.awardColumns({ total, column: [5, 1] }), "bad_type", "column");
  refused(() => kernel.awardColumns({ total: total.subarray(1), column }), "bad_config", "total");
  refused(() => kernel.awardColumns({ total, column, slot: column }), "unknown_field", "slot");
  refused(() => kernel.awardColumns({ total, column }, { total: 1 }), "unknown_field", "total");
  refused(() => kernel.awardColumns({ total, column }, { late: true }), "unknown_field", "late");
  refused(() => kernel.awardColumns({ total: Float64Array.of(1, 0.5), column }), "bad_type", "rows[1].total");
  refused(() => kernel.awardColumns({ total: BigInt64Array.of(1n, 2n ** 60n), column }), "out_of_range", "rows[1].total");
  refused(() => kernel.awardColumns({ total, column: Int8Array.of(5, 10) }), "out_of_range", "rows[1].column");
  refused(() => kernel.awardColumns({ total, column: Int8Array.of(-2, 1) }), "out_of_range", "rows[0].column");
  refused(() => load(AUCTION).awardColumns({ total, column: Int8Array.of(1, -1) }), "out_of_range", "rows[1].column");
  const detached = new Float64Array(2);
  structuredClone(detached, { transfer: [detached.buffer] });
  refused(() => kernel.awardColumns({ total: detached, column }), "bad_type", "total");
});

test("a host that forbids compiling gives the module", async () => {
  const bytes = Program.parse(STOPWATCH).kernel;
  const compiled = new WebAssembly.Module(readFileSync(new URL("../dist/kernel.wasm", import.meta.url)));
  const { Kernel: Fresh } = await import("../dist/esm/kernel.js?given");
  const { Module } = WebAssembly;
  WebAssembly.Module = class {
    constructor() {
      throw new WebAssembly.CompileError("forbidden");
    }
    static [Symbol.hasInstance](value) {
      return value instanceof Module;
    }
  };
  try {
    assert.equal(Fresh.load(bytes, compiled).award({ total: 250_000, digit: 5 }).value, 15_000);
    refused(() => Fresh.load(bytes).award({ total: 1, digit: 10 }), "out_of_range", "digit");
    refused(() => Fresh.load(bytes, new Uint8Array(8)), "bad_type", "module");
  } finally {
    WebAssembly.Module = Module;
  }
});
