import type { CountersAfter } from "./award.js";
import type { Engine, Instance } from "./engine.js";
import { WITH_PAID, WITH_PURCHASES } from "./exchange.js";
import * as FAULTS from "./generated/faults.js";
import { REASONS, type Reason } from "./generated/names.js";
import { isDetached } from "./arguments.js";

/** The bytes of a row: five numbers, a rate, a pick and a reason. */
const ROW = 44;
/** The most rows of a batch; at 44 bytes a row they fill 704 MiB. */
const MOST_ROWS = 1 << 24;

/**
 * Receipts in columns that live in memory of the module, so that a batch copies nothing. The memory is their own and
 * never grows: the arrays stay valid as long as they are held. Fill `total` and `column`, and what else is known; read
 * `value`, `rateBp` and `reason` after `program.awardColumns`. Rows can be filled and rated again and again.
 */
export class Columns {
  /** In: what was bought, in rupiah. */
  readonly total: Float64Array;
  /** In: digits 0 … 9 or slots 1 … 10, by the program's mechanism; −1 for a stopwatch that is not played yet, and where nothing is picked. */
  readonly column: Int8Array;
  /** In: points held before, in thousandths. */
  readonly priorPointsMilli: Float64Array;
  /** Out: the vouchers' values, in rupiah. */
  readonly value: Float64Array;
  /** Out: the rates in basis points. */
  readonly rateBp: Uint16Array;
  /** Out: why, as places in `REASONS`. */
  readonly reason: Uint8Array;
  /** How many receipts. */
  readonly rows: number;
  readonly #paidByVoucher: Float64Array;
  readonly #purchases: Float64Array;
  #used = 0;
  /** @internal */
  readonly engine: Engine;
  /** @internal */
  readonly instance: Instance;
  /** @internal */
  readonly address: number;
  /** @internal The program that rated them last. */
  program: object | undefined;

  /** @internal Made by `program.columns`. */
  constructor(engine: Engine, rows: number, within?: Columns) {
    if (typeof rows !== "number" || !Number.isInteger(rows)) engine.refuse(FAULTS.WantsInteger, "rows");
    if (rows < 0) engine.refuse(FAULTS.Negative, "rows");
    if (rows > MOST_ROWS) engine.refuse(FAULTS.RequestTooLarge, "rows");
    this.rows = rows;
    this.engine = engine;
    this.instance = within?.instance ?? engine.start();
    try {
      this.address = within?.address ?? this.instance.reserve(this.instance.programSize + 16 + rows * ROW);
    } catch (error) {
      // The host has no such memory.
      if (error instanceof RangeError) engine.refuse(FAULTS.RequestTooLarge, "rows");
      throw error;
    }
    const buffer = this.instance.exports.memory.buffer;
    const start = this.columns;
    const numbers = (index: number) => new Float64Array(buffer, start + index * 8 * rows, rows);
    this.total = numbers(0);
    this.priorPointsMilli = numbers(1);
    this.#paidByVoucher = numbers(2);
    this.#purchases = numbers(3);
    this.value = numbers(4);
    this.rateBp = new Uint16Array(buffer, start + 40 * rows, rows);
    this.column = new Int8Array(buffer, start + 42 * rows, rows);
    this.reason = new Uint8Array(buffer, start + 43 * rows, rows);
  }

  /** In: what was paid with vouchers, in rupiah. */
  get paidByVoucher(): Float64Array {
    this.#used |= WITH_PAID;
    return this.#paidByVoucher;
  }

  /** In: purchases made before. */
  get purchases(): Float64Array {
    this.#used |= WITH_PURCHASES;
    return this.#purchases;
  }

  /** The name of a row's reason. */
  reasonOf(row: number): Reason | undefined {
    return REASONS[this.reason[row] ?? -1];
  }

  /** @internal Which of the columns that may stay empty were taken in hand. */
  get flags(): number {
    return this.#used;
  }

  /** @internal Where the columns begin: behind the program. */
  get columns(): number {
    return this.address + Math.ceil(this.instance.programSize / 16) * 16;
  }
}

/** Receipts in arrays of the caller, of the same length. They are copied. */
export interface ColumnArrays {
  /** What was bought, in rupiah. */
  readonly total: Float64Array | BigInt64Array;
  /** Digits 0 … 9 or slots 1 … 10; −1 for a stopwatch that is not played yet, and where nothing is picked. */
  readonly column: Int8Array;
  /** Points held before, in thousandths. */
  readonly priorPointsMilli?: Float64Array | BigInt64Array | undefined;
  /** What was paid with vouchers, in rupiah. */
  readonly paidByVoucher?: Float64Array | BigInt64Array | undefined;
  /** Purchases made before. */
  readonly purchases?: Float64Array | BigInt64Array | undefined;
}

/** The awards of a batch, in arrays of their own. */
export interface ColumnAwards {
  /** The vouchers' values, in rupiah. */
  readonly value: Float64Array;
  /** The rates in basis points. */
  readonly rateBp: Uint16Array;
  /** Why, as places in `REASONS`. */
  readonly reason: Uint8Array;
  /** The counters after the last row. */
  readonly counters: CountersAfter;
}

const INPUTS = ["total", "priorPointsMilli", "paidByVoucher", "purchases"] as const;

/** Reads arrays of the caller, each property once: their length, and how they are copied into columns of that length. */
export function readArrays(engine: Engine, arrays: ColumnArrays): { rows: number; copy: (columns: Columns) => void } {
  if (typeof arrays !== "object" || arrays === null) engine.refuse(FAULTS.WantsObject, "");
  const given = new Map(Object.entries(arrays).filter(([, array]) => array !== undefined));
  const pick: unknown = given.get("column");
  if (pick === undefined) engine.refuse(FAULTS.Missing, "column");
  if (!(pick instanceof Int8Array) || isDetached(pick)) engine.refuse(FAULTS.WantsList, "column");
  const rows = pick.length;
  const numbers: [(typeof INPUTS)[number], Float64Array | BigInt64Array][] = [];
  for (const name of INPUTS) {
    const array: unknown = given.get(name);
    if (array === undefined) {
      if (name === "total") engine.refuse(FAULTS.Missing, name);
      continue;
    }
    if (!(array instanceof Float64Array || array instanceof BigInt64Array) || isDetached(array)) engine.refuse(FAULTS.WantsList, name);
    if (array.length !== rows) engine.refuse(FAULTS.UnequalColumns, name);
    numbers.push([name, array]);
  }
  for (const key of given.keys()) {
    if (key !== "column" && !INPUTS.some((name) => name === key)) engine.refuse(FAULTS.Unknown, key);
  }
  const copy = (columns: Columns): void => {
    columns.column.set(pick);
    columns.priorPointsMilli.fill(0);
    for (const [name, array] of numbers) {
      const column = columns[name];
      if (array instanceof Float64Array) column.set(array);
      // Beyond the domain a number is rounded, and still beyond it, so that the module refuses it.
      else for (let row = 0; row < rows; row++) column[row] = Number(array[row]);
    }
  };
  return { rows, copy };
}
