/**
 * The small one: awards in numbers by the kernel of a program (docs/program.md). No JSON, no hours, no words.
 *
 * @packageDocumentation
 */
import type { Decided as AllDecided } from "./award.js";
import type { ColumnArrays, ColumnAwards as AllColumnAwards } from "./columns.js";
import { decode } from "./decode.js";
import { LoyaltyError } from "./error.js";
import { DIGIT, entries, PENDING, putField, SLOT } from "./fields.js";
import { type AwardNumbers, type CounterFields, type CountersAfter, GIVEN, KERNEL_BYTES, type Merchant, newAward, readAward, readCounters, TOLD } from "./generated/fields.js";
import { BASE64 } from "./generated/kernel_module.js";
import { type Asked, IS_GIVEN } from "./exchange.js";
import * as FAULT from "./generated/kernel_faults.js";
import { type Code, type GivenReason, MECHANISMS, type Mechanism, REASONS, type Reason, type StoppedReason } from "./generated/names.js";
import { asNumber, isDetached, isObject, named, ofRow, orZero } from "./arguments.js";
import type { Sale } from "./receipt.js";

/** What one selling day was given so far (AW-6, AW-7); what is absent is 0. The host starts them anew with each day. */
export type Counters = CounterFields;

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
  readonly counters: Omit<CountersAfter, "day">;
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
  award(...asked: Asked): number;
  fault(place: number): void;
}

type Column = Float64Array | BigInt64Array;

/** The bytes of a kernel, and one more that tells that there are too many. */
const ROOM = KERNEL_BYTES + 1;

/** Places in the exchange, behind the award: the same as in loyalty-wasm/src/kernel.rs. */
const N = { given: TOLD, told: TOLD + GIVEN, bytes: TOLD + GIVEN + 8 } as const;

/** The numbers that nearly every receipt has, which are also columns, in the order of a call. */
const NUMBERS = ["total", "paidByVoucher", "priorPointsMilli", "purchases"];

const own = Object.prototype.hasOwnProperty;

/** The module of every kernel. */
let shared: WebAssembly.Module | undefined;
/** An instance without a kernel, which knows the texts. */
let speaker: Exports | undefined;

function start(): Exports {
  return new WebAssembly.Instance((shared ??= decode(BASE64))).exports as unknown as Exports;
}

/** The kernel of a program: immutable. */
export class Kernel {
  /** What decides the rate. */
  readonly mechanism: Mechanism;
  readonly #bytes: Uint8Array;
  #exports!: Exports;
  #numbers!: Float64Array;
  /** The row of a batch that is decided. */
  #row: number | undefined;

  private constructor(bytes: Uint8Array) {
    if (!(bytes instanceof Uint8Array)) refuse(FAULT.CompiledHeader, "");
    this.#bytes = bytes.slice(0, ROOM);
    this.mechanism = MECHANISMS[this.#start()] as Mechanism;
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
    let total: unknown;
    let paidByVoucher: unknown;
    let priorPointsMilli: unknown;
    let purchases: unknown;
    let more: Float64Array | undefined;
    let play = PENDING;
    let pick = 0;
    for (const key in receipt) {
      if (!own.call(receipt, key)) continue;
      // What nearly every receipt has is named, which is faster to read.
      switch (key) {
        case "total":
          total = receipt.total;
          continue;
        case "paidByVoucher":
          paidByVoucher = receipt.paidByVoucher;
          continue;
        case "priorPointsMilli":
          priorPointsMilli = receipt.priorPointsMilli;
          continue;
        case "purchases":
          purchases = receipt.purchases;
          continue;
      }
      const field: unknown = key === "digit" ? receipt.digit : receipt[key as keyof Receipt];
      if (field === undefined) continue;
      if (key === "digit" || key === "slot") {
        if (play !== PENDING) refuse(FAULT.TwoColumns, key);
        pick = asNumber(field);
        play = key === "digit" ? DIGIT : SLOT;
      } else if (key === "merchant" || key === "counters") putState(key, field, (more ??= new Float64Array(GIVEN)));
      else putField(BY, "receipt", key, field, (more ??= new Float64Array(GIVEN)));
    }
    if (total === undefined) refuse(FAULT.Missing, "total");
    this.#row = undefined;
    if (more !== undefined) this.#numbers.set(more, N.given);
    const status = this.#ask(
      play,
      more === undefined ? 0 : 1,
      pick,
      asNumber(total),
      orZero(paidByVoucher),
      orZero(priorPointsMilli),
      orZero(purchases),
    );
    // Which of the two kinds it is, `outcome` tells.
    return newAward((status & IS_GIVEN) !== 0, REASONS[status & 0xff] as Reason, this.#counters, this.#numbers) as unknown as Award;
  }

  /**
   * Decides receipts in order, each with the counters that the one before left (`award.batch`).
   *
   * @throws LoyaltyError whose path names the row, `rows[17].total`.
   */
  awardColumns(columns: ColumnArrays, before: Before = {}): ColumnAwards {
    const given = new Map(entries(BY, columns, ""));
    for (const key of given.keys()) if (key !== "column" && !NUMBERS.includes(key)) refuse(FAULT.Unknown, key);
    const picks = given.get("column") ?? refuse(FAULT.Missing, "column");
    if (!(picks instanceof Int8Array) || isDetached(picks)) refuse(FAULT.WantsList, "column");
    const rows = picks.length;
    const inputs = NUMBERS.map((name): Column => {
      const array = given.get(name) ?? (name === "total" ? refuse(FAULT.Missing, name) : new Float64Array(rows));
      if (!(array instanceof Float64Array || array instanceof BigInt64Array) || isDetached(array)) refuse(FAULT.WantsList, name);
      return array.length === rows ? array : refuse(FAULT.UnequalColumns, name);
    });
    const hasSlots = this.mechanism === "time_auction";
    const state = new Float64Array(GIVEN);
    for (const [key, value] of entries(BY, before, "")) {
      if (key !== "merchant" && key !== "counters") refuse(FAULT.Unknown, key);
      putState(key, value, state);
    }
    this.#numbers.set(state, N.given);
    const value = new Float64Array(rows);
    const rateBp = new Uint16Array(rows);
    const reason = new Uint8Array(rows);
    const [total, paidByVoucher, priorPointsMilli, purchases] = inputs as [Column, Column, Column, Column];
    const told = {} as AwardNumbers;
    for (let at = 0; at < rows; at++) {
      const pick = picks[at] as number;
      this.#row = at;
      // Beyond the domain a number is rounded, and still beyond it, so that the module refuses it.
      const status = this.#ask(
        hasSlots ? SLOT : pick === -1 ? PENDING : DIGIT,
        1,
        pick,
        Number(total[at]),
        Number(paidByVoucher[at]),
        Number(priorPointsMilli[at]),
        Number(purchases[at]),
      );
      readAward(told, this.#numbers);
      reason[at] = status & 0xff;
      rateBp[at] = told.rateBp;
      value[at] = told.value;
    }
    return { value, rateBp, reason, counters: this.#counters };
  }

  get #counters(): After["counters"] {
    return readCounters(this.#numbers, N.given, this.mechanism === "time_auction");
  }

  /** Starts an instance of its own; a module holds one kernel. */
  #start(): number {
    this.#exports = start();
    const { memory, exchange, load } = this.#exports;
    this.#numbers = new Float64Array(memory.buffer, exchange(), N.bytes);
    new Uint8Array(memory.buffer, exchange() + 8 * N.bytes, ROOM).set(this.#bytes);
    return this.#told(load(this.#bytes.length));
  }

  /** Asks for an award; with `more`, the exchange holds the state before it. */
  #ask(
    play: number,
    more: number,
    pick: number,
    total: number,
    paidByVoucher: number,
    priorPointsMilli: number,
    purchases: number,
  ): number {
    let status: number;
    try {
      status = this.#exports.award(play, more, pick, total, paidByVoucher, priorPointsMilli, purchases);
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

const BY = { refuse };

/** Puts merchant or counters among the numbers. */
function putState(object: "merchant" | "counters", value: unknown, numbers: Float64Array): void {
  for (const [key, field] of entries(BY, value, object)) putField(BY, object, key, field, numbers);
}

export type { ColumnArrays } from "./columns.js";
export { LoyaltyError, type Message } from "./error.js";
export { type Code, type GivenReason, REASONS, type StoppedReason } from "./generated/names.js";
export type { Merchant };
