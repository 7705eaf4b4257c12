import { type Award, type CountersAfter, countersAfter, Decision, type Language } from "./award.js";
import { type ColumnArrays, type ColumnAwards, Columns, readArrays } from "./columns.js";
import { type Engine, type Instance, ROOM } from "./engine.js";
import { LoyaltyError, type Message } from "./error.js";
import * as N from "./exchange.js";
import * as FAULTS from "./generated/faults.js";
import { MECHANISMS, type Mechanism, REASONS, type Reason } from "./generated/names.js";
import type { Explained, ProgramDocument, QuoteAnswer, ReversedAward } from "./generated/operations.js";
import { asNumber, isObject, named, ofRow } from "./arguments.js";
import { isUnicode, write } from "./json.js";
import { type Before, type Question, type Receipt, read, readBefore, writeMore } from "./receipt.js";

/** What of an award is to be told; the numbers are those of loyalty-wasm/src/award.rs. */
const DETAILS = 0;
const QUOTE = 1;
const LANGUAGES = { id: 2, en: 3 } as const;
const REVERSED = 4;

/** The refusal of an award that a program did not decide. */
const OTHER_PROGRAM: Message = {
  en: "this program did not decide this award; give one that its award answered",
  id: "program ini tidak memutuskan pemberian ini; beri yang dijawab oleh award-nya",
};

/** The refusal of columns in memory of another module. */
const OTHER_MODULE: Message = {
  en: "these columns were made by another module; give some that columns of this program made",
  id: "kolom ini dibuat oleh modul lain; beri yang dibuat oleh columns program ini",
};

/** Frees the place of a program that nobody holds any more. */
const places = new FinalizationRegistry<{ instance: Instance; address: number }>(({ instance, address }) => {
  instance.releaseProgram(address);
});

/** Goods that are given back, and goods that are taken instead, in rupiah. */
export interface Exchange {
  readonly back: number;
  readonly out: number;
}

/** A proved program: immutable. */
export class Program {
  readonly #engine: Engine;
  readonly #document: string;
  #instance!: Instance;
  #address!: number;
  #scratch: Columns | undefined;
  /** What decides the rate. */
  readonly mechanism: Mechanism;

  /** @internal Made by `Program.parse`. */
  constructor(engine: Engine, document: string) {
    this.#engine = engine;
    this.#document = document;
    this.mechanism = MECHANISMS[this.#prove()] as Mechanism;
  }

  /** The document it was parsed from. */
  get document(): ProgramDocument {
    return JSON.parse(this.#document) as ProgramDocument;
  }

  /** The bytes of its kernel, for `loyalty-rules/kernel` (docs/program.md). */
  get kernel(): Uint8Array {
    const instance = this.home;
    instance.exports.loyalty_kernel(this.#address);
    return instance.kept.slice();
  }

  /**
   * Decides the award of one receipt (AW-1 … AW-7, AW-13).
   *
   * @throws LoyaltyError that names the field and what would do.
   */
  award(receipt: Receipt): Award {
    const question = read(this.#engine, receipt);
    const instance = this.home;
    if (question.more !== undefined) writeMore(instance, question.more);
    let status: number;
    try {
      status = instance.exports.loyalty_award(
        this.#address,
        instance.exchange,
        question.play,
        question.more === undefined ? 0 : 1,
        question.pick,
        question.total,
        question.paidByVoucher,
        question.priorPointsMilli,
        question.purchases,
      );
    } catch (error) {
      this.#engine.trapped(instance, error);
    }
    if (status < 0) this.#engine.refused(instance, named);
    // The class has what each of the two kinds has; which it is, `outcome` tells.
    const numbers = status & N.IS_SMALL ? instance.integers : instance.numbers;
    return new Decision((status & N.IS_GIVEN) !== 0, REASONS[status & 0xff] as Reason, numbers, this, question) as Award;
  }

  /**
   * The award run ahead (AW-9): what more spending, waiting or luck would bring. Nothing is issued.
   *
   * @throws LoyaltyError that names the field and what would do.
   */
  quote(receipt: Receipt): QuoteAnswer {
    return JSON.parse(this.#tell(QUOTE, read(this.#engine, receipt))) as QuoteAnswer;
  }

  /**
   * What a voucher of this program keeps after each of the refunds of its purchase, in rupiah (AW-8).
   *
   * @param award By `award` of this program; days later, by the receipt that was kept.
   * @param refunds On the award's base, in rupiah, in their order; an exchange tells what came back and what went out.
   * @throws LoyaltyError `over_refund` for more than is left of the base.
   */
  reverse(award: Award, refunds: readonly (number | Exchange)[]): ReversedAward {
    const question = Decision.question(award, this);
    if (question === undefined) throw new LoyaltyError("bad_config", "award", OTHER_PROGRAM);
    if (!Array.isArray(refunds)) this.#engine.refuse(FAULTS.WantsList, "refunds");
    if (refunds.length > ROOM / (2 * Float64Array.BYTES_PER_ELEMENT)) this.#engine.refuse(FAULTS.RequestTooLarge, "refunds");
    const pairs = new Float64Array(2 * refunds.length);
    for (let index = 0; index < refunds.length; index++) {
      const refund: unknown = refunds[index];
      const { back, out } = isObject(refund) ? (refund as Partial<Exchange>) : { back: refund, out: 0 };
      pairs.set([asNumber(back), asNumber(out)], 2 * index);
    }
    return JSON.parse(this.#tell(REVERSED, question, pairs)) as ReversedAward;
  }

  /** Columns for `rows` receipts, in memory of the module. Keep them and fill them again. */
  columns(rows: number): Columns {
    return new Columns(this.#engine, rows);
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
    const { rows, copy } = readArrays(this.#engine, columns);
    if (this.#scratch === undefined || this.#scratch.rows < rows) this.#scratch = this.columns(rows);
    // Views of this length; a batch that trapped leaves its instance behind.
    const own = new Columns(this.#engine, rows, this.#scratch);
    copy(own);
    const scratch = this.#scratch;
    this.#scratch = undefined;
    const counters = this.#rate(own, before);
    this.#scratch = scratch;
    return { value: own.value.slice(), rateBp: own.rateBp.slice(), reason: own.reason.slice(), counters };
  }

  /** @internal Details of an award in the exchange, and the ids of its rules. */
  details(question: Question): { readonly numbers: Float64Array; readonly rules: string[] } {
    const rules = this.#tell(DETAILS, question).trim().split(" ");
    return { numbers: this.#instance.numbers, rules };
  }

  /** @internal The parts of a value. */
  parts(value: number): readonly number[] {
    const instance = this.home;
    const count = instance.exports.loyalty_parts(this.#address, instance.exchange, value);
    return Array.from(instance.numbers.subarray(N.numbers, N.numbers + count));
  }

  /** @internal An award in words. */
  explain(question: Question, language: Language): Explained {
    const about = Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language] : this.#engine.refuse(FAULTS.UnknownWord, "language");
    return JSON.parse(this.#tell(about, question)) as Explained;
  }

  /** Tells of an award what is asked. */
  #tell(about: number, question: Question, refunds = new Float64Array()): string {
    const instance = this.home;
    if (question.more !== undefined) writeMore(instance, question.more);
    const { room } = instance;
    new Float64Array(instance.exports.memory.buffer, room, refunds.length).set(refunds);
    let status: number;
    try {
      status = instance.exports.loyalty_tell(
        about,
        this.#address,
        instance.exchange,
        question.play,
        question.more === undefined ? 0 : 1,
        question.pick,
        question.total,
        question.paidByVoucher,
        question.priorPointsMilli,
        question.purchases,
        room,
        refunds.length,
      );
    } catch (error) {
      this.#engine.trapped(instance, error);
    }
    if (status < 0) this.#engine.refused(instance, named);
    return instance.text;
  }

  /** The instance in which the program stands: proved anew if the one before trapped. */
  private get home(): Instance {
    if (this.#engine.instance !== this.#instance) this.#prove();
    return this.#instance;
  }

  /** Proves the document in the engine's instance; returns the mechanism. */
  #prove(): number {
    const { instance } = this.#engine;
    if (!isUnicode(this.#document)) this.#engine.refuse(FAULTS.NotJson, "");
    const address = instance.reserveProgram();
    let status: number;
    try {
      status = instance.exports.loyalty_prove(instance.room, instance.put(this.#document), address);
    } catch (error) {
      this.#engine.trapped(instance, error);
    }
    if (status < 0) {
      instance.releaseProgram(address);
      this.#engine.refused(instance);
    }
    places.register(this, { instance, address });
    [this.#instance, this.#address] = [instance, address];
    return status;
  }

  #rate(columns: Columns, before: Before): CountersAfter {
    const { instance } = columns;
    if (columns.engine !== this.#engine) throw new LoyaltyError("bad_config", "columns", OTHER_MODULE);
    if (instance.isTrapped) this.#engine.refuse(FAULTS.Bug, "");
    const more = readBefore(this.#engine, before);
    if (columns.program !== this) {
      // A proved program is the same in every instance of its module, and proving it there would grow their memory.
      const { bytes, programSize } = this.home;
      instance.bytes.set(bytes.subarray(this.#address, this.#address + programSize), columns.address);
      columns.program = this;
    }
    writeMore(instance, more);
    let status: number;
    try {
      status = instance.exports.loyalty_award_columns(
        columns.address,
        instance.exchange,
        columns.flags,
        columns.columns,
        columns.rows,
      );
    } catch (error) {
      this.#engine.trapped(instance, error);
    }
    if (status < 0) {
      const row = instance.numbers[N.row] ?? -1;
      this.#engine.refused(instance, (path) => (row < 0 ? named(path) : ofRow(row, path)));
    }
    return countersAfter(instance.numbers, this.mechanism);
  }
}

/** Proved programs, from their documents. */
export interface Programs {
  /**
   * Proves a program document (docs/program.md).
   *
   * @param document JSON text, or the object.
   * @throws LoyaltyError that names the setting and what would do.
   */
  parse(document: ProgramDocument | string): Program;
}

/** The programs of an engine. */
export function programs(engine: Engine): Programs {
  return { parse: (document) => new Program(engine, typeof document === "string" ? document : write(engine, document)) };
}
