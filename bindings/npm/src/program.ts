import { type Award, type CountersAfter, countersAfter, Decision } from "./award.js";
import { type ColumnArrays, type ColumnAwards, Columns, readArrays } from "./columns.js";
import type { Engine, Instance } from "./engine.js";
import { N } from "./exchange.js";
import { FAULTS, REASONS, type Reason } from "./generated/names.js";
import { type Before, type Question, type Receipt, read, readBefore, writeExtra } from "./receipt.js";

/** Frees the place of a program that nobody holds any more. */
const places = new FinalizationRegistry<{ instance: Instance; address: number }>(({ instance, address }) => {
  instance.releaseProgram(address);
});

/** A proved program: immutable. What it tells in words is told by whoever has them. */
export abstract class Program {
  /** @internal */
  readonly engine: Engine;
  readonly #compiled: Uint8Array;
  #instance: Instance;
  #address: number;
  #scratch: Columns | undefined;
  /** What picks the column. */
  readonly mechanism: "stopwatch" | "time_auction";

  /** @internal Made by `Program.parse` or `Program.load`. */
  constructor(engine: Engine, compiled: Uint8Array) {
    if (!(compiled instanceof Uint8Array)) engine.refuse(FAULTS.CompiledHeader, "");
    this.engine = engine;
    this.#compiled = compiled.slice();
    this.#instance = engine.instance;
    this.#address = this.#load();
    this.mechanism = this.#instance.exports.loyalty_mechanism(this.#address) === 0 ? "stopwatch" : "time_auction";
  }

  /** The compiled bytes, for `Program.load`. */
  get compiled(): Uint8Array {
    return this.#compiled.slice();
  }

  /**
   * Decides the award of one receipt (AW-1 … AW-7, AW-13).
   *
   * @throws LoyaltyError that names the field and what would do.
   */
  award(receipt: Receipt): Award {
    const question = read(this.engine, receipt);
    const status = this.ask(question, 0);
    const { numbers } = this.#instance;
    const reason = REASONS[status & 0xff] as Reason;
    // The class has what each of the two kinds has; which it is, `outcome` tells.
    return new Decision(
      (status & 0x100) !== 0,
      reason,
      numbers[N.rateBp] as number,
      numbers[N.base] as number,
      numbers[N.value] as number,
      numbers[N.pointsMilli] as number,
      this,
      question,
    ) as Award;
  }

  /** Columns for `rows` receipts, in memory of the module. Keep them and fill them again. */
  columns(rows: number): Columns {
    return new Columns(this.engine, rows);
  }

  /**
   * Decides receipts in order, each with the counters that the one before left (`award.batch`).
   *
   * Columns made by `columns` are rated in place; of arrays a copy is. The shopper of each row is its own.
   *
   * @throws LoyaltyError whose path names the row, `rows[17].total`; then nothing that was told holds.
   */
  awardColumns(columns: Columns, before?: Before): { readonly counters: CountersAfter };
  awardColumns(columns: ColumnArrays, before?: Before): ColumnAwards;
  awardColumns(columns: Columns | ColumnArrays, before: Before = {}): { readonly counters: CountersAfter } | ColumnAwards {
    if (columns instanceof Columns) return { counters: this.#rate(columns, before) };
    const { rows, copy } = readArrays(this.engine, columns);
    if (this.#scratch === undefined || this.#scratch.rows < rows) this.#scratch = this.columns(rows);
    // Views of this length; a batch that trapped leaves its instance behind.
    const own = new Columns(this.engine, rows, this.#scratch);
    copy(own);
    const scratch = this.#scratch;
    this.#scratch = undefined;
    const counters = this.#rate(own, before);
    this.#scratch = scratch;
    return { value: own.value.slice(), rateBp: own.rateBp.slice(), reason: own.reason.slice(), counters };
  }

  /** @internal Asks once; the exchange holds the answer. */
  ask(question: Question, details: number): number {
    const instance = this.home;
    if (question.extra !== undefined) writeExtra(instance, question.extra);
    let status: number;
    try {
      status = instance.exports.loyalty_award(
        this.#address,
        instance.exchange,
        question.play,
        question.flags | details,
        question.total,
        question.paidByVoucher,
        question.priorPointsMilli,
        question.purchases,
      );
    } catch (error) {
      this.engine.trapped(instance, error);
    }
    if (status < 0) this.engine.refused(instance, status);
    return status;
  }

  /** @internal The exchange of the last answer. */
  get answered(): Instance {
    return this.#instance;
  }

  /** @internal The parts of a value. */
  parts(value: number): readonly number[] {
    const instance = this.home;
    const count = instance.exports.loyalty_parts(this.#address, instance.exchange, value);
    return Array.from(instance.numbers.subarray(N.numbers, N.numbers + count));
  }

  /** @internal */
  abstract explain(question: Question, language: unknown): unknown;

  /** The instance in which the program stands: loaded anew if the one before trapped. */
  private get home(): Instance {
    const instance = this.engine.instance;
    if (instance !== this.#instance) {
      this.#instance = instance;
      this.#address = this.#load();
    }
    return instance;
  }

  #load(): number {
    const address = this.#instance.reserveProgram();
    place(this.engine, this.#instance, this.#compiled, address);
    places.register(this, { instance: this.#instance, address });
    return address;
  }

  #rate(columns: Columns, before: Before): CountersAfter {
    const { instance } = columns;
    if (instance.isTrapped) this.engine.refuse(FAULTS.Bug, "");
    const { flags, extra } = readBefore(this.engine, before);
    if (columns.loaded?.program !== this) {
      place(this.engine, instance, this.#compiled, columns.address);
      columns.loaded = { program: this, address: columns.address };
    }
    writeExtra(instance, extra);
    let status: number;
    try {
      status = instance.exports.loyalty_award_columns(
        columns.address,
        instance.exchange,
        flags | columns.flags,
        columns.columns,
        columns.rows,
      );
    } catch (error) {
      this.engine.trapped(instance, error);
    }
    if (status < 0) this.engine.refused(instance, status);
    return countersAfter(instance.numbers);
  }
}

/** Proves compiled bytes in an instance and places their program there. */
function place(engine: Engine, instance: Instance, compiled: Uint8Array, address: number): void {
  // Longer bytes than any program has are cut, and refused by their length.
  const length = Math.min(compiled.length, instance.roomForCompiled);
  instance.bytes.set(compiled.subarray(0, length), instance.compiled);
  const status = instance.exports.loyalty_load(address, instance.compiled, length, instance.exchange);
  if (status < 0) engine.refused(instance, status);
}
