/**
 * The small one: awards in numbers by the kernel of a program (docs/program.md). No JSON, no hours, no words.
 *
 * @packageDocumentation
 */
import type { Decided as AllDecided, CountersAfter as AllCountersAfter } from "./award.js";
import type { ColumnArrays, ColumnAwards as AllColumnAwards } from "./columns.js";
import { decode } from "./decode.js";
import { LoyaltyError } from "./error.js";
import { LATE, REGISTERED, SUSPENDED } from "./exchange.js";
import { BASE64 } from "./generated/kernel_module.js";
import { type Code, type GivenReason, KERNEL_FAULTS as FAULT, REASONS, type StoppedReason } from "./generated/names.js";
import { asNumber, isDetached, isObject, named, ofRow, present } from "./given.js";
import type { Counters as AllCounters, Merchant, Sale } from "./receipt.js";

/** What one selling day was given so far (AW-6, AW-7); what is absent is 0. The host starts them anew with each day. */
export type Counters = Omit<AllCounters, "day">;

/** The state before a receipt or a batch. */
export interface Before {
  readonly merchant?: Merchant | undefined;
  readonly counters?: Counters | undefined;
}

/** A receipt whose column the host knows. */
export interface Receipt extends Sale, Before {
  /** The lucky digit; absent for a stopwatch that is not played yet. */
  readonly digit?: number | undefined;
  /** The slot of a time auction. */
  readonly slot?: number | undefined;
}

/** What comes after. */
interface After {
  /** The counters after this receipt or this batch; give them to the next one. */
  readonly counters: Omit<AllCountersAfter, "day">;
}

/** What every award has. */
export type Decided = Omit<AllDecided, "parts" | "details" | "explain"> & After;

/** An award: `outcome` tells the two apart, `reason` tells why. */
export type Award = Decided &
  ({ readonly outcome: "given"; readonly reason: GivenReason } | { readonly outcome: "stopped"; readonly reason: StoppedReason });

/** The awards of a batch, in arrays of their own. */
export type ColumnAwards = Omit<AllColumnAwards, "counters"> & After;

/** What the module exports. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  exchange(): number;
  load(length: number): number;
  award(flags: number, pick: number, total: number, paid: number, prior: number, purchases: number): number;
  fault(place: number): void;
}

type Column = Float64Array | BigInt64Array;

/** The bytes of a kernel, and one more that tells that there are too many. */
const ROOM = 717;

/** Places in the exchange: the same as in loyalty-wasm/src/kernel.rs. */
const N = {
  state: 0,
  releasedToday: 2,
  awardsBySlot: 3,
  releasedBySlot: 13,
  rateBp: 23,
  base: 24,
  value: 25,
  pointsMilli: 26,
  told: 27,
  bytes: 35,
} as const;

/** Whether what picks the column is a digit or a slot. */
const DIGIT = 8;
const SLOT = 16;

/** The numbers of a call, in its order. */
const NUMBERS = ["total", "paidByVoucher", "priorPointsMilli", "purchases"];
/** Those that stand in the exchange. */
const STATE = ["merchant.fundBalance", "merchant.outstanding", "counters.releasedToday"];
/** Lists of ten behind them. */
const LISTS = ["counters.awardsBySlot", "counters.releasedBySlot"];

/** The module of every kernel. */
let shared: WebAssembly.Module | undefined;
/** An instance without a kernel, which knows the texts. */
let speaker: Exports | undefined;

function start(): Exports {
  return new WebAssembly.Instance((shared ??= decode(BASE64))).exports as unknown as Exports;
}

/** The kernel of a program: immutable. */
export class Kernel {
  /** What picks the column. */
  readonly mechanism: "stopwatch" | "time_auction";
  readonly #bytes: Uint8Array;
  #exports!: Exports;
  #numbers!: Float64Array;
  /** The row of a batch that is decided. */
  #row: number | undefined;

  private constructor(bytes: Uint8Array) {
    if (!(bytes instanceof Uint8Array)) refuse(FAULT.CompiledHeader, "");
    this.#bytes = bytes.slice(0, ROOM);
    this.mechanism = this.#start() ? "time_auction" : "stopwatch";
  }

  /**
   * Loads the bytes of a kernel (`program.kernel`).
   *
   * @param module `loyalty-rules/kernel.wasm`, where the host compiles no other; given to the first call, it serves all.
   * @throws LoyaltyError `bad_compiled` for damaged bytes.
   */
  static load(bytes: Uint8Array, module?: WebAssembly.Module): Kernel {
    if (module !== undefined && !(module instanceof WebAssembly.Module)) refuse(FAULT.WantsObject, "module");
    shared ??= module;
    return new Kernel(bytes);
  }

  /**
   * Decides the award of one receipt (AW-1 … AW-7, AW-13).
   *
   * @throws LoyaltyError that names the field and what would do.
   */
  award(receipt: Receipt): Award {
    if (!isObject(receipt)) refuse(FAULT.WantsObject, "");
    const numbers = new Float64Array(NUMBERS.length);
    let hasTotal = false;
    let state: Float64Array | undefined;
    let flags = 0;
    let pick: number | undefined;
    for (const key in receipt) {
      if (!Object.hasOwn(receipt, key)) continue;
      const field: unknown = receipt[key as keyof Receipt];
      if (field === undefined) continue;
      const place = NUMBERS.indexOf(key);
      if (place >= 0) {
        numbers[place] = asNumber(field);
        hasTotal ||= key === "total";
      } else if (key === "digit" || key === "slot") {
        if (pick !== undefined) refuse(FAULT.TwoColumns, key);
        pick = asNumber(field);
        flags |= key === "digit" ? DIGIT : SLOT;
      } else if (key === "late") flags |= truth(field, key, LATE);
      else flags |= readState(field, key, (state ??= new Float64Array(N.rateBp)), this.mechanism);
    }
    if (!hasTotal) refuse(FAULT.Missing, "total");
    this.#begin(state);
    const at = (place: number): number => numbers[place] ?? 0;
    const status = this.#ask(flags, pick ?? 0, at(0), at(1), at(2), at(3));
    const told = this.#numbers;
    return {
      outcome: status & 0x100 ? "given" : "stopped",
      reason: REASONS[status & 0xff],
      rateBp: told[N.rateBp],
      base: told[N.base],
      value: told[N.value],
      pointsMilli: told[N.pointsMilli],
      counters: this.#counters,
    } as Award;
  }

  /**
   * Decides receipts in order, each with the counters that the one before left (`award.batch`).
   *
   * @throws LoyaltyError whose path names the row, `rows[17].total`.
   */
  awardColumns(columns: ColumnArrays, before: Before = {}): ColumnAwards {
    const given = new Map(entries(columns, ""));
    for (const key of given.keys()) if (key !== "column" && !NUMBERS.includes(key)) refuse(FAULT.Unknown, key);
    const picks = given.get("column") ?? refuse(FAULT.Missing, "column");
    if (!(picks instanceof Int8Array) || isDetached(picks)) refuse(FAULT.WantsList, "column");
    const rows = picks.length;
    const [total, paid, prior, purchases] = NUMBERS.map((name) => {
      const array = given.get(name) ?? (name === "total" ? refuse(FAULT.Missing, name) : new Float64Array(rows));
      if (!(array instanceof Float64Array || array instanceof BigInt64Array) || isDetached(array)) refuse(FAULT.WantsList, name);
      return array.length === rows ? array : refuse(FAULT.UnequalColumns, name);
    }) as [Column, Column, Column, Column];
    const state = new Float64Array(N.rateBp);
    let flags = 0;
    for (const [key, value] of entries(before, "")) flags |= readState(value, key, state, this.mechanism);
    this.#begin(state);
    const value = new Float64Array(rows);
    const rateBp = new Uint16Array(rows);
    const reason = new Uint8Array(rows);
    const isStopwatch = this.mechanism === "stopwatch";
    for (let row = 0; row < rows; row++) {
      const pick = picks[row] as number;
      const isPending = isStopwatch && pick === -1;
      const played = isPending ? 0 : isStopwatch ? DIGIT : SLOT;
      this.#row = row;
      // Beyond the domain a number is rounded, and still beyond it, so that the module refuses it.
      const status = this.#ask(
        flags | played,
        isPending ? 0 : pick,
        Number(total[row]),
        Number(paid[row]),
        Number(prior[row]),
        Number(purchases[row]),
      );
      reason[row] = status & 0xff;
      rateBp[row] = this.#numbers[N.rateBp] as number;
      value[row] = this.#numbers[N.value] as number;
    }
    return { value, rateBp, reason, counters: this.#counters };
  }

  get #counters(): After["counters"] {
    const told = this.#numbers;
    const ten = (place: number): number[] => Array.from(told.subarray(place, place + 10));
    const releasedToday = told[N.releasedToday] as number;
    return this.mechanism === "stopwatch"
      ? { releasedToday }
      : { releasedToday, awardsBySlot: ten(N.awardsBySlot), releasedBySlot: ten(N.releasedBySlot) };
  }

  /** Starts an instance of its own; a module holds one kernel. */
  #start(): number {
    this.#exports = start();
    const { memory, exchange, load } = this.#exports;
    this.#numbers = new Float64Array(memory.buffer, exchange(), N.bytes);
    new Uint8Array(memory.buffer, exchange() + 8 * N.bytes, ROOM).set(this.#bytes);
    return this.#told(load(this.#bytes.length));
  }

  /** Writes the state before the first receipt, which each call then counts on. */
  #begin(state: Float64Array | undefined): void {
    this.#row = undefined;
    if (state === undefined) this.#numbers.fill(0, N.state, N.rateBp);
    else this.#numbers.set(state, N.state);
  }

  #ask(flags: number, pick: number, total: number, paid: number, prior: number, purchases: number): number {
    let status: number;
    try {
      status = this.#exports.award(flags, pick, total, paid, prior, purchases);
    } catch {
      // An instance in which a call trapped is never used again.
      this.#start();
      refuse(FAULT.Bug, "");
    }
    return this.#told(status);
  }

  /** The status of a call, unless it is a refusal. */
  #told(status: number): number {
    if (status >= 0) return status;
    const row = this.#row;
    return refused(this.#exports, (path) => (row === undefined ? named(path) : ofRow(row, path)));
  }
}

const DECODER = new TextDecoder();

/** Throws the refusal that a call told, its path as the caller wrote it. */
function refused({ memory, exchange }: Exports, written: (field: string) => string): never {
  const places = new Float64Array(memory.buffer, exchange() + 8 * N.told, 8);
  const text = (place: number): string => DECODER.decode(new Uint8Array(memory.buffer, places[2 * place], places[2 * place + 1]));
  throw new LoyaltyError(text(1) as Code, written(text(0)), { en: text(2), id: text(3) });
}

/** Throws a refusal of the facade's own, with the texts that the module carries. */
function refuse(fault: number, path: string): never {
  const exports = (speaker ??= start());
  exports.fault(fault);
  return refused(exports, () => path);
}

function entries(value: unknown, path: string): [string, unknown][] {
  return isObject(value) ? present(value) : refuse(FAULT.WantsObject, path);
}

/** A truth as its bit. */
function truth(value: unknown, path: string, bit: number): number {
  return typeof value === "boolean" ? Number(value) * bit : refuse(FAULT.WantsBool, path);
}

/** Reads merchant or counters; returns their truths. */
function readState(value: unknown, outer: string, state: Float64Array, mechanism: Kernel["mechanism"]): number {
  if (outer !== "merchant" && outer !== "counters") refuse(FAULT.Unknown, outer);
  let flags = 0;
  for (const [key, field] of entries(value, outer)) {
    const path = `${outer}.${key}`;
    const place = STATE.indexOf(path);
    const list = LISTS.indexOf(path);
    if (place >= 0) state[place] = asNumber(field);
    else if (list >= 0) {
      if (mechanism === "stopwatch") refuse(FAULT.SlotCountersOfStopwatch, path);
      if (!Array.isArray(field)) refuse(FAULT.WantsList, path);
      if (field.length !== 10) refuse(FAULT.CounterCount, path);
      state.set(Array.from(field, asNumber), N.awardsBySlot + 10 * list);
    }
    else if (path === "merchant.suspended") flags |= truth(field, path, SUSPENDED);
    else if (path === "merchant.registered") flags |= truth(field, path, REGISTERED);
    else refuse(FAULT.Unknown, path);
  }
  return flags;
}

export type { ColumnArrays } from "./columns.js";
export { LoyaltyError, type Message } from "./error.js";
export { type Code, type GivenReason, REASONS, type StoppedReason } from "./generated/names.js";
export type { Merchant } from "./receipt.js";
