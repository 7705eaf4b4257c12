import type { Engine, Instance } from "./engine.js";
import * as N from "./exchange.js";
import { COUNTDOWN_S, DIGIT, entries, PENDING, placeOf, putField, SLOT } from "./fields.js";
import { type CounterFields, GIVEN, type Merchant, type ReceiptFields, type ShopperFields } from "./generated/fields.js";
import * as FAULTS from "./generated/faults.js";
import { asNumber, orZero } from "./arguments.js";

export type { Merchant };

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

/** What one selling day was given so far (AW-6, AW-7); what is absent is 0. */
export interface Counters extends CounterFields {
  /** The selling day they count, its date of opening: `2025-03-01`. */
  readonly day?: string | undefined;
}

/** What was bought, and by whom. Numbers are whole; amounts are rupiah. */
export interface Sale extends ReceiptFields, ShopperFields {
  /** What was bought, in rupiah. */
  readonly total: number;
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
  readonly pick: number;
  readonly total: number;
  readonly paidByVoucher: number;
  readonly priorPointsMilli: number;
  readonly purchases: number;
  readonly more: More | undefined;
}

/** What only some receipts have: fields at their places, and texts. */
export interface More {
  readonly numbers: Float64Array;
  at: string;
  startedAt: string;
  day: string;
}

/** What picks the column, beside a digit or a slot. */
const AT = 3;
const CLAIM = 4;

const own = Object.prototype.hasOwnProperty;

/** Reads a receipt: every own property once, and nothing that stands in a prototype. */
export function read(engine: Engine, receipt: Receipt): Question {
  if (typeof receipt !== "object" || receipt === null) engine.refuse(FAULTS.WantsObject, "");
  let total: unknown;
  let digit: unknown;
  let priorPointsMilli: unknown;
  let purchases: unknown;
  let paidByVoucher: unknown;
  let slot: unknown;
  let at: unknown;
  let claim: unknown;
  let more: More | undefined;
  for (const key in receipt) {
    if (!own.call(receipt, key)) continue;
    // What nearly every receipt has is named, which is faster to read.
    switch (key) {
      case "total":
        total = receipt.total;
        break;
      case "digit":
        digit = receipt.digit;
        break;
      case "priorPointsMilli":
        priorPointsMilli = receipt.priorPointsMilli;
        break;
      case "purchases":
        purchases = receipt.purchases;
        break;
      case "paidByVoucher":
        paidByVoucher = receipt.paidByVoucher;
        break;
      case "slot":
        slot = receipt.slot;
        break;
      case "at":
        at = receipt.at;
        break;
      case "claim":
        claim = receipt.claim;
        break;
      default:
        more = readMore(engine, key, receipt[key as keyof Receipt], more);
    }
  }
  let play = digit === undefined ? PENDING : DIGIT;
  if (slot !== undefined) play = only(engine, play, SLOT, "slot");
  if (at !== undefined) {
    play = only(engine, play, AT, "at");
    (more ??= nothing()).at = text(engine, at, "at");
  }
  if (claim !== undefined) {
    play = only(engine, play, CLAIM, "claim");
    readClaim(engine, claim, (more ??= nothing()));
  }
  if (total === undefined) engine.refuse(FAULTS.Missing, "total");
  return {
    play,
    pick: orZero(play === SLOT ? slot : digit),
    total: asNumber(total),
    paidByVoucher: orZero(paidByVoucher),
    priorPointsMilli: orZero(priorPointsMilli),
    purchases: orZero(purchases),
    more,
  };
}

/** The play, if none was picked before. */
function only(engine: Engine, before: number, play: number, key: string): number {
  return before === PENDING ? play : engine.refuse(FAULTS.TwoColumns, key);
}

/** Reads a property that few receipts have. */
function readMore(engine: Engine, key: string, value: unknown, before: More | undefined): More | undefined {
  const isState = key === "merchant" || key === "counters";
  if (value === undefined && (isState || placeOf("receipt", key) !== undefined)) return before;
  const more = before ?? nothing();
  if (isState) readState(engine, key, value, more);
  else putField(engine, "receipt", key, value, more.numbers);
  return more;
}

/** Reads the state before a batch. */
export function readBefore(engine: Engine, before: Before): More {
  const more = nothing();
  for (const [key, value] of entries(engine, before, "")) readState(engine, key, value, more);
  return more;
}

/** Writes what only some receipts have into the exchange. */
export function writeMore(instance: Instance, more: More): void {
  instance.numbers.set(more.numbers, N.given);
  instance.writeText(N.AT, more.at);
  instance.writeText(N.STARTED_AT, more.startedAt);
  instance.writeText(N.DAY, more.day);
}

function nothing(): More {
  return { numbers: new Float64Array(GIVEN), at: "", startedAt: "", day: "" };
}

function text(engine: Engine, value: unknown, path: string): string {
  return typeof value === "string" ? value : engine.refuse(FAULTS.WantsText, path);
}

function readClaim(engine: Engine, claim: unknown, more: More): void {
  const fields = new Map(entries(engine, claim, "claim"));
  const field = (key: string): unknown => {
    if (!fields.has(key)) engine.refuse(FAULTS.Missing, `claim.${key}`);
    const value = fields.get(key);
    fields.delete(key);
    return value;
  };
  more.startedAt = text(engine, field("startedAt"), "claim.startedAt");
  more.numbers[COUNTDOWN_S] = asNumber(field("countdownS"));
  more.at = text(engine, field("stoppedAt"), "claim.stoppedAt");
  for (const key of fields.keys()) engine.refuse(FAULTS.Unknown, `claim.${key}`);
}

/** Reads merchant or counters. */
function readState(engine: Engine, key: string, value: unknown, more: More): void {
  if (key !== "merchant" && key !== "counters") engine.refuse(FAULTS.Unknown, key);
  const fields = new Map(entries(engine, value, key));
  const day = key === "counters" ? fields.get("day") : undefined;
  if (day !== undefined) {
    // The empty text is how no day crosses to the module.
    more.day = text(engine, day, "counters.day") || "?";
    fields.delete("day");
  }
  for (const [name, field] of fields) putField(engine, key, name, field, more.numbers);
}
