// Generated programs and receipts are answered as the second reading of the rules answers them (tests/naive): by
// `award`, by `awardColumns`, and by the kernel. `cargo xtask test js` writes the cases, one a line, and names their file.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Program, REASONS } from "../dist/esm/index.js";
import { Kernel } from "../dist/esm/kernel.js";

const cases = readFileSync(process.env.LOYALTY_CASES, "utf8").trim().split("\n").map((line) => JSON.parse(line));

/** An object of JSON as this package names its fields. */
function named(value) {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const name = (key) => key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [name(key), named(field)]));
}

/** The numbers of an award, of this package or of the model. */
const numbers = ({ reason, rateBp, base, value, pointsMilli }) => ({ reason, rateBp, base, value, pointsMilli });

/** A case with the names of this package. */
function read({ program, merchant, rows, timed }) {
  const receipt = (row) => ({ ...named(row.receipt), ...named(row.shopper) });
  const row = (row) => ({ receipt: receipt(row), award: named(row.award), alone: named(row.alone) });
  return { document: program, merchant: named(merchant), rows: rows.map(row), timed: { document: timed.program, ...row(timed) } };
}

const CASES = cases.map(read);

/** The rows as arrays: what picks the column, and every other number. */
function arrays(rows) {
  const column = Int8Array.from(rows, ({ receipt: { digit, slot } }) => digit ?? slot ?? -1);
  const names = new Set(rows.flatMap(({ receipt }) => Object.keys(receipt)).filter((name) => name !== "digit" && name !== "slot"));
  const array = (name) => Float64Array.from(rows, ({ receipt }) => receipt[name] ?? 0);
  return { column, ...Object.fromEntries([...names].map((name) => [name, array(name)])) };
}

/** What columns tell of each row, and the counters after the last. */
function told({ value, rateBp, reason, counters }) {
  const rows = Array.from(value, (value, row) => ({ reason: REASONS[reason[row]], rateBp: rateBp[row], value }));
  return { rows, counters };
}

function expected(rows) {
  const each = rows.map(({ award: { reason, rateBp, value } }) => ({ reason, rateBp, value }));
  return { rows: each, counters: rows.at(-1).award.counters };
}

const say = (document, row) => JSON.stringify({ document, ...row });

test("award: the numbers of a receipt alone, and all of it with the state before", () => {
  const reasons = new Set();
  for (const { document, merchant, rows } of CASES) {
    const program = Program.parse(document);
    let counters;
    for (const row of rows) {
      assert.deepEqual(numbers(program.award(row.receipt)), numbers(row.alone), say(document, row));
      const award = program.award({ ...row.receipt, merchant, counters });
      const { cappedBy, counters: after, shopper } = award.details;
      const { cappedBy: caps, counters: left } = row.award;
      // An answer by name leaves out a rest of nothing.
      const then = { carried: 0, ...row.award.shopper };
      assert.deepEqual([numbers(award), cappedBy, after, shopper], [numbers(row.award), caps, left, then], say(document, { merchant, counters, ...row }));
      counters = left;
      reasons.add(award.reason);
    }
  }
  for (const { merchant, timed } of CASES) {
    const { document, receipt, award } = timed;
    const answer = Program.parse(document).award({ ...receipt, merchant });
    assert.deepEqual([numbers(answer), answer.details.counters], [numbers(award), award.counters], say(document, { merchant, ...timed }));
    reasons.add(answer.reason);
  }
  assert.deepEqual(REASONS.filter((reason) => !reasons.has(reason)), [], "a reason that no receipt has");
});

test("awardColumns: in place, and of arrays of the caller", () => {
  for (const { document, merchant, rows } of CASES) {
    const program = Program.parse(document);
    const given = arrays(rows);
    assert.deepEqual(told(program.awardColumns(given, { merchant })), expected(rows), say(document, { merchant, rows }));
    const columns = program.columns(rows.length);
    for (const [name, array] of Object.entries(given)) columns[name].set(array);
    const { counters } = program.awardColumns(columns, { merchant });
    assert.deepEqual(told({ value: columns.value, rateBp: columns.rateBp, reason: columns.reason, counters }), expected(rows), say(document, { merchant, rows }));
  }
});

test("the kernel: award and awardColumns", () => {
  for (const { document, merchant, rows } of CASES) {
    const kernel = Kernel.load(Program.parse(document).kernel);
    for (const row of rows.slice(0, 9)) assert.deepEqual(numbers(kernel.award(row.receipt)), numbers(row.alone), say(document, row));
    assert.deepEqual(told(kernel.awardColumns(arrays(rows), { merchant })), expected(rows), say(document, { merchant, rows }));
  }
});
