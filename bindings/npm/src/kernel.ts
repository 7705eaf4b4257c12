/**
 * The small one: awards in numbers by the kernel of a program (docs/program.md). No JSON, no hours, no words.
 *
 * @packageDocumentation
 */
import { decode } from "./decode.js";
import { LoyaltyError } from "./error.js";
import { BASE64 } from "./generated/kernel_module.js";
import { FAULT, REFUSALS } from "./generated/kernel_texts.js";
import { type GivenReason, REASONS, type StoppedReason } from "./generated/names.js";
import type { ColumnArrays } from "./columns.js";
import type { Merchant } from "./receipt.js";

/** What was given so far (AW-6, AW-7); what is absent is 0. The host starts them anew with each slot and day. */
export interface Counters {
  /** Table-rate awards above Rp0 in the slot. */
  readonly awardsInSlot?: number | undefined;
  /** Released in the selling day, in rupiah. */
  readonly releasedToday?: number | undefined;
  /** Released in the slot, in rupiah. */
  readonly releasedInSlot?: number | undefined;
}

/** The state before a batch. */
export interface Before {
  readonly merchant?: Merchant | undefined;
  readonly counters?: Counters | undefined;
}

/** A receipt whose column the host knows. Numbers are whole; amounts are rupiah. */
export interface Receipt extends Before {
  /** What was bought, in rupiah. */
  readonly total: number;
  /** The lucky digit; absent for a stopwatch that is not played yet. */
  readonly digit?: number | undefined;
  /** The slot of a time auction. */
  readonly slot?: number | undefined;
  /** Whether it was entered later than it happened. */
  readonly late?: boolean | undefined;
  /** What of it was paid with vouchers, in rupiah; 0 if absent. */
  readonly paidByVoucher?: number | undefined;
  /** Points the shopper holds, in thousandths; 0 if absent. */
  readonly priorPointsMilli?: number | undefined;
  /** Purchases the shopper made; 0 if absent. */
  readonly purchases?: number | undefined;
}

/** What every award has. */
export interface Decided {
  /** The rate in basis points. */
  readonly rateBp: number;
  /** What earns: the total less what was paid by voucher, in rupiah. */
  readonly base: number;
  /** The voucher's value, in rupiah. */
  readonly value: number;
  /** The value in thousandths of a point. */
  readonly pointsMilli: number;
  /** The counters after this receipt; give them to the next one. */
  readonly counters: Required<Counters>;
}

/** An award: `outcome` tells the two apart, `reason` tells why. */
export type Award = Decided &
  ({ readonly outcome: "given"; readonly reason: GivenReason } | { readonly outcome: "stopped"; readonly reason: StoppedReason });

/** The awards of a batch. */
export interface ColumnAwards {
  /** The vouchers' values, in rupiah. */
  readonly value: Float64Array;
  /** The rates in basis points. */
  readonly rateBp: Uint16Array;
  /** Why, as places in `REASONS`. */
  readonly reason: Uint8Array;
  /** The counters after the last row. */
  readonly counters: Required<Counters>;
}

/** What the module exports. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  exchange(): number;
  load(length: number): number;
  award(flags: number, pick: number, ...numbers: number[]): number;
}

/** The bytes of a kernel, and one more that tells that there are too many. */
const ROOM = 573;
/** Places in the exchange, as in loyalty-wasm/src/kernel.rs: what stays between calls, what an award tells, a field's name. */
const [COUNTERS, TOLD, FIELD, BYTES] = [2, 5, 9, 11] as const;
/** What a call is told beside its numbers. */
const [LATE, SUSPENDED, DIGIT, SLOT] = [1, 2, 8, 16] as const;

/** The truths of the state, by their bit from `SUSPENDED` on. */
const TRUTHS = ["merchant.suspended", "merchant.registered"];
/** The numbers of a call, and behind them those of the exchange. */
const NUMBERS = ["total", "paidByVoucher", "priorPointsMilli", "purchases"];
const STATE = [
  "merchant.fundBalance",
  "merchant.outstanding",
  "counters.awardsInSlot",
  "counters.releasedToday",
  "counters.releasedInSlot",
];
const PICKS = ["digit", "slot"];

let module: WebAssembly.Module | undefined;

/** The kernel of a program: immutable. */
export class Kernel {
  /** What picks the column. */
  readonly mechanism: "stopwatch" | "time_auction";
  readonly #bytes: Uint8Array;
  #exports!: Exports;
  #numbers!: Float64Array;

  private constructor(bytes: Uint8Array) {
    if (!(bytes instanceof Uint8Array)) refuse(FAULT.CompiledHeader, "");
    this.#bytes = bytes.slice(0, ROOM);
    this.mechanism = this.#start() ? "time_auction" : "stopwatch";
  }

  /**
   * Loads the bytes of a kernel (`program.kernel`).
   *
   * @throws LoyaltyError `bad_compiled` for damaged bytes.
   */
  static load(bytes: Uint8Array): Kernel {
    return new Kernel(bytes);
  }

  /**
   * Decides the award of one receipt (AW-1 … AW-7, AW-13).
   *
   * @throws LoyaltyError that names the field and what would do.
   */
  award(receipt: Receipt): Award {
    const numbers = [0, 0, 0, 0];
    const state = new Float64Array(STATE.length);
    let [late, played, pick, hasTotal] = [0, 0, 0, false];
    const truths = walk(receipt, "", state, (key, value) => {
      const [number, picked] = [NUMBERS.indexOf(key), PICKS.indexOf(key)];
      if (key === "late") late = truth(value, key) * LATE;
      else if (picked >= 0) {
        if (played !== 0) refuse(FAULT.TwoColumns, key);
        [played, pick] = [DIGIT << picked, asNumber(value)];
      } else if (number >= 0) {
        numbers[number] = asNumber(value);
        hasTotal ||= number === 0;
      } else return false;
      return true;
    });
    if (!hasTotal) refuse(FAULT.Missing, "total");
    this.#numbers.set(state);
    const status = this.#ask(truths | late | played, pick, numbers, (path) => path);
    const [rateBp, base, value, pointsMilli] = this.#numbers.subarray(TOLD) as unknown as [number, number, number, number];
    const outcome = status & 0x100 ? "given" : "stopped";
    return { outcome, reason: REASONS[status & 0xff], rateBp, base, value, pointsMilli, counters: this.#counters } as Award;
  }

  /**
   * Decides receipts in order, each with the counters that the one before left (`award.batch`).
   *
   * @throws LoyaltyError whose path names the row, `rows[17].total`.
   */
  awardColumns(columns: ColumnArrays, before: Before = {}): ColumnAwards {
    const given = new Map<string, unknown>(entries(columns, "").filter(([key]) => known(key, key === "column" || NUMBERS.includes(key))));
    const picks = given.get("column") ?? refuse(FAULT.Missing, "column");
    if (!(picks instanceof Int8Array) || isDetached(picks)) refuse(FAULT.WantsList, "column");
    const rows = picks.length;
    const inputs = NUMBERS.map((name) => {
      const array = given.get(name) ?? (name === "total" ? refuse(FAULT.Missing, name) : new Float64Array(rows));
      if (!(array instanceof Float64Array || array instanceof BigInt64Array) || isDetached(array)) refuse(FAULT.WantsList, name);
      return array.length === rows ? array : refuse(FAULT.UnequalColumns, name);
    });
    const state = new Float64Array(STATE.length);
    const truths = walk(before, "", state, () => false);
    this.#numbers.set(state);
    const [value, rateBp, reason] = [new Float64Array(rows), new Uint16Array(rows), new Uint8Array(rows)];
    const isStopwatch = this.mechanism === "stopwatch";
    for (let row = 0; row < rows; row++) {
      const pick = picks[row] as number;
      const played = isStopwatch ? (pick === -1 ? 0 : DIGIT) : SLOT;
      // Beyond the domain a number is rounded, and still beyond it, so that the module refuses it.
      const numbers = inputs.map((array) => Number(array[row]));
      const name = (path: string): string => `rows[${row}].${PICKS.includes(path) ? "column" : path}`;
      reason[row] = this.#ask(truths | played, played === 0 ? 0 : pick, numbers, name) & 0xff;
      [rateBp[row], , value[row]] = this.#numbers.subarray(TOLD) as unknown as [number, number, number];
    }
    return { value, rateBp, reason, counters: this.#counters };
  }

  get #counters(): Required<Counters> {
    const [awardsInSlot, releasedToday, releasedInSlot] = this.#numbers.subarray(COUNTERS) as unknown as [number, number, number];
    return { awardsInSlot, releasedToday, releasedInSlot };
  }

  /** Starts an instance of its own; a module holds one kernel. */
  #start(): number {
    module ??= decode(BASE64);
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const { memory, exchange, load } = this.#exports;
    const start = exchange();
    this.#numbers = new Float64Array(memory.buffer, start, BYTES);
    new Uint8Array(memory.buffer, start + 8 * BYTES, ROOM).set(this.#bytes);
    return this.#told(load(this.#bytes.length), (path) => path);
  }

  #ask(flags: number, pick: number, numbers: number[], name: (path: string) => string): number {
    let status: number;
    try {
      status = this.#exports.award(flags, pick, ...numbers);
    } catch {
      // An instance in which a call trapped is never used again.
      this.#start();
      refuse(FAULT.Bug, "");
    }
    return this.#told(status, name);
  }

  /** The status of a call, unless it is a refusal. */
  #told(status: number, name: (path: string) => string): number {
    if (status >= 0) return status;
    const [start = 0, length = 0] = this.#numbers.subarray(FIELD);
    const field = String.fromCharCode(...new Uint8Array(this.#exports.memory.buffer, start, length));
    return refuse(-1 - status, name(named(field)));
  }
}

/** Throws a refusal. */
function refuse(fault: number, path: string): never {
  const [code, en, id] = REFUSALS[fault] ?? (["internal", "", ""] as const);
  throw new LoyaltyError(code, path, { en, id });
}

/** A path of the rules as this package names it: `counters.released_today` is `counters.releasedToday`. */
function named(path: string): string {
  return path.replace(/^(receipt|shopper)\./, "").replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A number as it is, and anything else as one that the module refuses. */
function asNumber(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

/** The own properties of an object that are not `undefined`, each read once. */
function entries(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(FAULT.WantsObject, path);
  return Object.entries(value).filter(([, field]) => field !== undefined);
}

function known(path: string, isKnown: boolean): true {
  return isKnown || refuse(FAULT.Unknown, path);
}

/** A truth as a bit. */
function truth(value: unknown, path: string): number {
  return typeof value === "boolean" ? Number(value) : refuse(FAULT.WantsBool, path);
}

/** Reads merchant and counters, and lets somebody else read what is none of them; returns the truths. */
function walk(value: unknown, path: string, state: Float64Array, read: (key: string, value: unknown) => boolean): number {
  let truths = 0;
  for (const [key, field] of entries(value, path)) {
    const name = path === "" ? key : `${path}.${key}`;
    const [place, bit] = [STATE.indexOf(name), TRUTHS.indexOf(name)];
    if (bit >= 0) truths |= truth(field, name) * (SUSPENDED << bit);
    else if (place >= 0) state[place] = asNumber(field);
    else if (name === "merchant" || name === "counters") truths |= walk(field, name, state, read);
    else known(name, path === "" && read(key, field));
  }
  return truths;
}

/** Whether the memory behind an array was taken away: then it can no longer be viewed. */
function isDetached(array: ArrayBufferView): boolean {
  try {
    return new Uint8Array(array.buffer, array.byteOffset, 0).length > 0;
  } catch {
    return true;
  }
}

export type { ColumnArrays } from "./columns.js";
export { LoyaltyError, type Message } from "./error.js";
export { type Code, type GivenReason, REASONS, type StoppedReason } from "./generated/names.js";
export type { Merchant } from "./receipt.js";
