import type { Engine, Instance } from "./engine.js";
import * as exchange from "./exchange.js";
import { N } from "./exchange.js";
import { FAULTS } from "./generated/names.js";
import { asNumber, isObject, present } from "./given.js";

/** A played countdown of a stopwatch (SW-4). */
export interface Claim {
  /** When it started: `2025-03-01T14:21:54+07:00`. */
  readonly startedAt: string;
  /** The whole seconds the shopper picked; 15 … 25 are accepted. */
  readonly countdownS: number;
  /** When it stopped; its second gives the digit. */
  readonly stoppedAt: string;
}

/** What picks the column: at most one of these; none for a stopwatch that is not played yet. */
export type Play =
  | { readonly digit?: number | undefined; readonly slot?: never; readonly at?: never; readonly claim?: never }
  | { readonly slot: number; readonly digit?: never; readonly at?: never; readonly claim?: never }
  | { readonly at: string; readonly digit?: never; readonly slot?: never; readonly claim?: never }
  | { readonly claim: Claim; readonly digit?: never; readonly slot?: never; readonly at?: never };

/** The merchant's standing (GF-4, GF-7, GF-9); what is absent is false or 0. */
export interface Merchant {
  /** Whether the guarantee fund was low too long. */
  readonly suspended?: boolean | undefined;
  /** Whether the deposit has not reached its requirement. */
  readonly registered?: boolean | undefined;
  /** The balance of the guarantee fund, in rupiah. */
  readonly fundBalance?: number | undefined;
  /** Vouchers issued and not yet redeemed, in rupiah. */
  readonly outstanding?: number | undefined;
}

/** What one selling day was given so far (AW-6, AW-7); what is absent is 0. */
export interface Counters {
  /** The selling day they count, its date of opening: `2025-03-01`. */
  readonly day?: string | undefined;
  /** Released in the day, in rupiah. */
  readonly releasedToday?: number | undefined;
  /** Table-rate awards above Rp0 by slot, ten numbers; of the time auction only. */
  readonly awardsBySlot?: readonly number[] | undefined;
  /** Released by slot, in rupiah, ten numbers; of the time auction only. */
  readonly releasedBySlot?: readonly number[] | undefined;
}

/** What was bought, and by whom. Numbers are whole; amounts are rupiah. */
export interface Sale {
  /** What was bought, in rupiah. */
  readonly total: number;
  /** What of it was paid with vouchers, in rupiah; 0 if absent. */
  readonly paidByVoucher?: number | undefined;
  /** Whether it was entered later than it happened. */
  readonly late?: boolean | undefined;
  /** Points the shopper holds, in thousandths; 0 if absent. */
  readonly priorPointsMilli?: number | undefined;
  /** Purchases the shopper made; 0 if absent. */
  readonly purchases?: number | undefined;
}

/** The state before a receipt or a batch. */
export interface Before {
  readonly merchant?: Merchant | undefined;
  readonly counters?: Counters | undefined;
}

/** A receipt, its shopper, and the state before it. */
export type Receipt = Play & Sale & Before;

/** A receipt that was read once; each part as it crosses to the module. */
export interface Question {
  readonly play: number;
  readonly flags: number;
  readonly total: number;
  readonly paidByVoucher: number;
  readonly priorPointsMilli: number;
  readonly purchases: number;
  readonly extra: Extra | undefined;
}

/** What only some receipts have. */
export interface Extra {
  at: string;
  startedAt: string;
  countdownS: number;
  fundBalance: number;
  outstanding: number;
  releasedToday: number;
  awardsBySlot: readonly number[];
  releasedBySlot: readonly number[];
  day: string;
}

const own = Object.prototype.hasOwnProperty;

/** Reads a receipt: every own property once, and nothing that stands in a prototype. */
export function read(engine: Engine, receipt: Receipt): Question {
  if (typeof receipt !== "object" || receipt === null) engine.refuse(FAULTS.WantsObject, "");
  let play = exchange.PENDING;
  let flags = 0;
  let total: unknown;
  let paidByVoucher = 0;
  let priorPointsMilli = 0;
  let purchases = 0;
  let extra: Extra | undefined;
  for (const key in receipt) {
    if (!own.call(receipt, key)) continue;
    switch (key) {
      case "total":
        total = receipt.total;
        break;
      case "digit": {
        const digit: unknown = receipt.digit;
        if (digit !== undefined) play = only(engine, play, column(engine, digit, "digit", FAULTS.NotADigit), "digit");
        break;
      }
      case "priorPointsMilli": {
        const points: unknown = receipt.priorPointsMilli;
        if (points !== undefined) priorPointsMilli = asNumber(points);
        break;
      }
      case "purchases": {
        const made: unknown = receipt.purchases;
        if (made !== undefined) purchases = asNumber(made);
        break;
      }
      case "paidByVoucher": {
        const paid: unknown = receipt.paidByVoucher;
        if (paid !== undefined) paidByVoucher = asNumber(paid);
        break;
      }
      case "slot": {
        const slot: unknown = receipt.slot;
        if (slot !== undefined) play = only(engine, play, exchange.SLOT + column(engine, slot, "slot", FAULTS.NotASlot), "slot");
        break;
      }
      case "at": {
        const at: unknown = receipt.at;
        if (at === undefined) break;
        play = only(engine, play, exchange.PLAY_AT, "at");
        (extra ??= nothing()).at = text(engine, at, "at");
        break;
      }
      case "claim": {
        const claim: unknown = receipt.claim;
        if (claim === undefined) break;
        play = only(engine, play, exchange.PLAY_CLAIM, "claim");
        readClaim(engine, claim, (extra ??= nothing()));
        break;
      }
      case "late": {
        const late: unknown = receipt.late;
        if (late !== undefined && truth(engine, late, "late")) flags |= exchange.LATE;
        break;
      }
      case "merchant": {
        const merchant: unknown = receipt.merchant;
        if (merchant !== undefined) flags |= readMerchant(engine, merchant, (extra ??= nothing()));
        break;
      }
      case "counters": {
        const counters: unknown = receipt.counters;
        if (counters !== undefined) flags |= readCounters(engine, counters, (extra ??= nothing()));
        break;
      }
      default:
        engine.refuse(FAULTS.Unknown, key);
    }
  }
  if (total === undefined) engine.refuse(FAULTS.Missing, "total");
  return { play, flags, total: asNumber(total), paidByVoucher, priorPointsMilli, purchases, extra };
}

/** The play, if none was picked before. */
function only(engine: Engine, before: number, play: number, path: string): number {
  return before === exchange.PENDING ? play : engine.refuse(FAULTS.TwoColumns, path);
}

/** Reads the state before a batch. */
export function readBefore(engine: Engine, before: Before): { flags: number; extra: Extra } {
  const extra = nothing();
  let flags = 0;
  for (const [key, value] of entries(engine, before, "")) {
    if (key === "merchant") flags |= readMerchant(engine, value, extra);
    else if (key === "counters") flags |= readCounters(engine, value, extra);
    else engine.refuse(FAULTS.Unknown, key);
  }
  return { flags, extra };
}

/** Writes what only some receipts have into the exchange. */
export function writeExtra(instance: Instance, extra: Extra): void {
  const { numbers } = instance;
  numbers[N.fundBalance] = extra.fundBalance;
  numbers[N.outstanding] = extra.outstanding;
  numbers[N.releasedToday] = extra.releasedToday;
  numbers.set(extra.awardsBySlot, N.awardsBySlot);
  numbers.set(extra.releasedBySlot, N.releasedBySlot);
  numbers[N.countdownS] = extra.countdownS;
  instance.writeText(exchange.AT, extra.at);
  instance.writeText(exchange.STARTED_AT, extra.startedAt);
  instance.writeText(exchange.DAY, extra.day);
}

function nothing(): Extra {
  return {
    at: "",
    startedAt: "",
    countdownS: 0,
    fundBalance: 0,
    outstanding: 0,
    releasedToday: 0,
    awardsBySlot: [],
    releasedBySlot: [],
    day: "",
  };
}

/** A digit or a slot as an integer that a call can take: a parameter of a module would wrap around silently. */
function column(engine: Engine, value: unknown, path: string, outside: number): number {
  if (typeof value !== "number" || !Number.isInteger(value)) engine.refuse(FAULTS.WantsInteger, path);
  if (!(value >= 0 && value < exchange.SLOT)) engine.refuse(outside, path);
  return value;
}

/** Ten numbers of a list, each read once. */
function tenNumbers(engine: Engine, value: unknown, path: string): number[] {
  if (!Array.isArray(value)) engine.refuse(FAULTS.WantsList, path);
  if (value.length !== 10) engine.refuse(FAULTS.CounterCount, path);
  return Array.from(value, asNumber);
}

function text(engine: Engine, value: unknown, path: string): string {
  return typeof value === "string" ? value : engine.refuse(FAULTS.WantsText, path);
}

function truth(engine: Engine, value: unknown, path: string): boolean {
  return typeof value === "boolean" ? value : engine.refuse(FAULTS.WantsBool, path);
}

function entries(engine: Engine, value: unknown, path: string): [string, unknown][] {
  return isObject(value) ? present(value) : engine.refuse(FAULTS.WantsObject, path);
}

function readClaim(engine: Engine, claim: unknown, extra: Extra): void {
  const missing = new Set(["startedAt", "countdownS", "stoppedAt"]);
  for (const [key, value] of entries(engine, claim, "claim")) {
    const path = `claim.${key}`;
    missing.delete(key);
    if (key === "startedAt") extra.startedAt = text(engine, value, path);
    else if (key === "stoppedAt") extra.at = text(engine, value, path);
    else if (key === "countdownS") extra.countdownS = asNumber(value);
    else engine.refuse(FAULTS.Unknown, path);
  }
  for (const key of missing) engine.refuse(FAULTS.Missing, `claim.${key}`);
}

function readMerchant(engine: Engine, merchant: unknown, extra: Extra): number {
  let flags = exchange.WITH_MERCHANT;
  for (const [key, value] of entries(engine, merchant, "merchant")) {
    const path = `merchant.${key}`;
    if (key === "suspended") flags |= truth(engine, value, path) ? exchange.SUSPENDED : 0;
    else if (key === "registered") flags |= truth(engine, value, path) ? exchange.REGISTERED : 0;
    else if (key === "fundBalance" || key === "outstanding") extra[key] = asNumber(value);
    else engine.refuse(FAULTS.Unknown, path);
  }
  return flags;
}

function readCounters(engine: Engine, counters: unknown, extra: Extra): number {
  let flags = exchange.WITH_COUNTERS;
  for (const [key, value] of entries(engine, counters, "counters")) {
    const path = `counters.${key}`;
    if (key === "day") {
      extra.day = text(engine, value, path);
      // The empty text is how no day crosses to the module.
      if (extra.day === "") engine.refuse(FAULTS.NotADate, path);
    } else if (key === "releasedToday") extra.releasedToday = asNumber(value);
    else if (key === "awardsBySlot" || key === "releasedBySlot") {
      extra[key] = tenNumbers(engine, value, path);
      flags |= key === "awardsBySlot" ? exchange.WITH_AWARDS_BY_SLOT : exchange.WITH_RELEASED_BY_SLOT;
    } else engine.refuse(FAULTS.Unknown, path);
  }
  return flags;
}
