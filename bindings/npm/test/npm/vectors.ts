// Every vector through the typed functions, against the package's declarations: requests and answers stand as
// literals in vectors-data.ts, so that the compiler holds each one against the types of its operation.
import { strict as assert } from "node:assert";
import { call, LoyaltyError, Program, REASONS } from "loyalty-rules";
import { Program as ProgramOnPage } from "loyalty-rules/program";
import type { Award, Code, Counters, Merchant, Operation, Operations, Ops, Play, Receipt } from "loyalty-rules";
import "./vectors-data.js";
import { REFUSED, TOLD } from "./vectors-told.js";

const ran = { call: 0, parse: 0, kernel: 0, award: 0, explain: 0, quote: 0, reverse: 0, awardColumns: 0 };

/** What is told, or the code of the refusal. */
function outcome<T>(run: () => T): T | Code {
  try {
    return run();
  } catch (error) {
    assert(error instanceof LoyaltyError, String(error));
    return error.code;
  }
}

/** The answer holds what a vector tells, and may hold more. */
function holds<T extends object>(name: string, told: Partial<T>, answer: T): void {
  for (const key of Object.keys(told) as (keyof T)[]) assert.deepEqual(answer[key], told[key], `${name}: ${String(key)}`);
}

/** Runs the vectors of an operation through a function that answers it; those it cannot be asked are `undefined`. */
function through<Op extends Operation>(
  by: keyof typeof ran,
  op: Op,
  ask: (request: Operations[Op]["request"], out?: Partial<Operations[Op]["answer"]>) => Operations[Op]["answer"] | undefined,
): void {
  for (const { name, in: request, out } of TOLD[op] ?? []) {
    const answer = ask(request, out);
    if (answer === undefined) continue;
    holds(`${op} ${name}`, out, answer);
    ran[by]++;
  }
  for (const { name, in: request, error } of REFUSED[op] ?? []) {
    const answer = outcome(() => ask(request as Operations[Op]["request"]));
    if (answer === undefined) continue;
    assert.equal(answer, error, `${op} ${name}`);
    ran[by]++;
  }
}

/** Fields without those that are null, which means absent. */
function present<T extends object>(fields: T): { readonly [Key in keyof T]: Exclude<T[Key], null> } {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== null)) as { [Key in keyof T]: Exclude<T[Key], null> };
}

/** Fields under the names of this package, in camel case. */
function renamed(fields: object | null | undefined): object {
  const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(present(fields ?? {})).map(([key, field]) => [camel(key), field]));
}

/** The same under the names of the operations. */
function asAnswered(fields: object): object {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [snake(key), field]));
}

function merchantOf(fields: Ops.MerchantFields | null | undefined): Merchant | undefined {
  return fields == null ? undefined : renamed(fields);
}

function countersOf(fields: Ops.CounterFields | null | undefined): Counters | undefined {
  return fields == null ? undefined : renamed(fields);
}

function receiptOf({ receipt, shopper, merchant, counters }: Operations["award.decide"]["request"]): Receipt {
  const { claim, ...fields } = receipt;
  return {
    ...renamed(fields),
    ...(claim != null && { claim: renamed(claim) }),
    ...renamed(shopper),
    merchant: merchantOf(merchant),
    counters: countersOf(counters),
  } as Receipt;
}

/**
 * An award as the operation tells it. Which table, who pays, and that a receipt came late, the program and the receipt say;
 * lines are summed, and offers told apart, by the operation alone.
 */
function decision({ program, receipt, ...state }: Operations["award.decide"]["request"], told?: Partial<Ops.Decision>): Ops.Decision | undefined {
  if (receipt.lines != null || program?.offers != null) return undefined;
  const award = Program.parse(program).award(receiptOf({ program, receipt, ...state }));
  const { cappedBy, rules, cell, claim, counters, shopper } = award.details;
  // The operation leaves out a rest of nothing.
  const { carried, ...held } = shopper;
  const { outcome: _, reason, ...numbers } = award;
  return {
    reason,
    ...(asAnswered(numbers) as Pick<Ops.Decision, "rate_bp" | "base" | "value" | "points_milli">),
    capped_by: cappedBy,
    rules,
    cell:
      cell === null
        ? null
        : cell.table === "standby"
          ? { standby_from_points_milli: cell.fromPointsMilli }
          : { table: told?.cell?.table, ...(cell.table === "digit" ? { digit: cell.digit } : { slot: cell.slot }) },
    ...(claim === null
      ? {}
      : { claim: { accepted: claim.reason === "accepted", reason: claim.reason, difference_ms: claim.differenceMs, digit: claim.digit } }),
    ...(receipt.late ? { late: receipt.late } : {}),
    counters: countersAfter(counters),
    shopper: asAnswered(carried > 0 ? shopper : held) as Ops.ShopperAfter,
    ...(award.parts.length === 0 ? {} : { parts: award.parts }),
    ...(program.parties == null ? {} : { parties: program.parties }),
  };
}

function countersAfter(counters: Award["details"]["counters"]): Ops.CountersAfter {
  return asAnswered(counters) as Ops.CountersAfter;
}

/** Receipts as columns of their own and in place; `undefined` for what columns have no room for. */
function columns({ program, rows, merchant, counters: given, hash }: Operations["award.batch"]["request"]): Ops.BatchAnswer | undefined {
  // Columns are of one day.
  const [counters, another] = Array.isArray(given) ? (given as Ops.CounterFields[]) : [given as Ops.CounterFields | null | undefined];
  if (another !== undefined) return undefined;
  if (hash || rows.some(({ receipt }) => receipt.at != null || receipt.claim != null || receipt.late)) return undefined;
  if (rows.some(({ receipt }) => (receipt.digit != null && receipt.slot != null) || receipt.lines != null)) return undefined;
  // What a shopper carries has no column.
  if (program.points?.rest === "carry") return undefined;
  const proved = Program.parse(program);
  if (rows.some(({ receipt }) => (proved.mechanism === "stopwatch" ? receipt.slot : receipt.digit) != null)) return undefined;
  const before = { merchant: merchantOf(merchant), counters: countersOf(counters) };
  const numbers = (of: (row: Ops.BatchRow) => number | null | undefined) => Float64Array.from(rows, (row) => of(row) ?? 0);
  const arrays = {
    total: numbers(({ receipt }) => receipt.total),
    column: Int8Array.from(rows, ({ receipt }) => receipt.digit ?? receipt.slot ?? -1),
    priorPointsMilli: numbers(({ shopper }) => shopper?.prior_points_milli),
    paidByVoucher: numbers(({ receipt }) => receipt.paid_by_voucher),
    purchases: numbers(({ shopper }) => shopper?.purchases),
  };
  const awards = proved.awardColumns(arrays, before);
  const inPlace = proved.columns(rows.length);
  for (const name of ["total", "column", "priorPointsMilli", "paidByVoucher", "purchases"] as const) inPlace[name].set(arrays[name]);
  assert.deepEqual(proved.awardColumns(inPlace, before).counters, awards.counters);
  assert.deepEqual([inPlace.value, inPlace.rateBp, inPlace.reason], [awards.value, awards.rateBp, awards.reason]);
  return {
    rows: rows.map((_, row) => {
      const [reason, rateBp, value] = [REASONS[awards.reason[row] ?? -1], awards.rateBp[row], awards.value[row]];
      assert(reason !== undefined && rateBp !== undefined && value !== undefined);
      return { reason, rate_bp: rateBp, value, points_milli: 0, capped_by: [] };
    }),
    counters: rows.length === 0 && counters == null ? [] : [countersAfter(awards.counters)],
  };
}

/** The rows without what columns do not tell. */
function inColumns(rows: readonly Ops.BatchAward[]): Ops.BatchAward[] {
  return rows.map(({ reason, rate_bp, value }) => ({ reason, rate_bp, value, points_milli: 0, capped_by: [] }));
}

for (const op of Object.keys(TOLD) as Operation[]) through("call", op, (request) => call(op, request));

// The same programs, whatever the entry.
assert.equal(ProgramOnPage, Program);

// A program that is proved keeps its document; one that is refused is by the same code.
function parsed(program: Ops.ProgramDocument): void {
  assert.deepEqual(Program.parse(program).document, program);
}
through("parse", "program.compile", ({ program }, told) => (parsed(program), { compiled_hex: "", ...told }));
through("parse", "program.hash", ({ program }, told) => (parsed(program), { hash: "", ...told }));
through("parse", "program.check", ({ program, amount }, told) =>
  amount == null && program?.offers == null ? (parsed(program), { ...told } as Ops.CheckedProgram) : undefined,
);

through("kernel", "program.kernel", ({ program }) => ({ kernel_hex: Buffer.from(Program.parse(program).kernel).toString("hex") }));

through("award", "award.decide", decision);

through("explain", "award.explain", (request) => Program.parse(request.program).award(receiptOf(request)).explain(request.lang));

// Offers are told apart by the operation alone.
through("quote", "award.quote", (request) =>
  request.program?.offers == null ? Program.parse(request.program).quote(receiptOf(request)) : undefined,
);

/** Refunds in rupiah and exchanges; `undefined` where goods come back, which the operation alone knows by their lines. */
function amounts(refunds: Operations["program.reverse"]["request"]["refunds"]): (number | Ops.ExchangeFields)[] | undefined {
  // What is no list is refused by the package.
  if (!Array.isArray(refunds)) return refunds as unknown as number[];
  const told = refunds.map((refund) => (typeof refund === "object" && refund !== null && "lines" in refund ? undefined : refund));
  return told.includes(undefined) ? undefined : (told as (number | Ops.ExchangeFields)[]);
}

through("reverse", "program.reverse", (request) => {
  const refunds = amounts(request.refunds);
  if (refunds === undefined || request.receipt?.lines != null || request.program?.offers != null) return undefined;
  const program = Program.parse(request.program);
  return program.reverse(program.award(receiptOf(request)), refunds);
});

// A voucher of that base, rate and value, by a program with that quota and that standby rate.
through("reverse", "award.reverse", ({ base, rate_bp, total, rounding, issued, quota, below_quota, standby_bp, refunds }) => {
  const bought = total ?? base;
  const told = amounts(refunds);
  if (bought < base || told === undefined) return undefined;
  const missed = bought < (quota ?? 0);
  const program = Program.parse({
    mechanism: "stopwatch",
    rates_bp: Array.from({ length: 10 }, () => rate_bp),
    quota,
    below_quota,
    rounding,
    receipt_cap: issued,
    standby: { steps: [{ from_points_milli: 0, rate_bp: missed ? rate_bp : (standby_bp ?? 0) }] },
  });
  return program.reverse(program.award({ total: bought, paidByVoucher: bought - base, digit: 1 }), told);
});

for (const { name, in: request, out } of TOLD["award.batch"] ?? []) {
  const answer = columns(request);
  if (answer === undefined) continue;
  holds(name, { ...out, ...(out.rows && { rows: inColumns(out.rows) }) }, answer);
  ran.awardColumns++;
}
for (const { name, in: request, out } of TOLD["award.decide"] ?? []) {
  const { program, receipt, shopper, merchant, counters } = request;
  const answer = columns({ program, rows: [{ receipt, shopper }], merchant, counters });
  if (answer === undefined) continue;
  const { reason, rate_bp, value, counters: after } = out;
  const [row] = answer.rows;
  assert(row !== undefined);
  holds<Ops.BatchAward>(name, { ...(reason && { reason }), ...(rate_bp !== undefined && { rate_bp }), ...(value !== undefined && { value }) }, row);
  if (after !== undefined) assert.deepEqual(answer.counters, [after], name);
  ran.awardColumns++;
}

for (const [by, vectors] of Object.entries(ran)) assert(vectors > 0, by);
console.log(`vectors through typed functions: ${Object.entries(ran).map(([by, vectors]) => `${by} ${vectors}`).join(", ")}`);
