import { type Award, Decision, type Given, type Stopped } from "./award.js";
import { Engine, type Instance, readText } from "./engine.js";
import { LoyaltyError, type Message } from "./error.js";
import { LATE, PENDING, PLAY_AT, PLAY_CLAIM, REGISTERED, SLOT, SUSPENDED } from "./exchange.js";
import { type Code, FAULTS, type ProgramOperation } from "./generated/names.js";
import type { CompiledProgram, Explained, LoadedProgram, Operations, ProgramDocument, QuoteAnswer, ReversedAward } from "./generated/operations.js";
import { isUnicode, write } from "./json.js";
import { Program as Rated } from "./program.js";
import { type Question, type Receipt, read } from "./receipt.js";

/** The language in which an award is explained: Bahasa Indonesia or English. */
export type Language = "id" | "en";

/** The name of an operation. */
export type Operation = keyof Operations;

/** An award that explains itself. */
export type ExplainedAward = (Given | Stopped) & {
  /** The award in one line, as a slip of 32 columns, and what would bring more. */
  explain(language: Language): Explained;
};

/** The error object of a refused request. */
interface Refusal {
  readonly error: Code;
  readonly path: string;
  readonly message: Message;
}

/** The largest request, in bytes; one byte more is enough to be refused. */
const MOST_BYTES = (1 << 20) + 1;
/** No operation has a name this long. */
const LONGEST_NAME = 64;

/** The refusal of an award that a program did not decide. */
const OTHER_PROGRAM: Message = {
  en: "this program did not decide this award; give one that its award answered",
  id: "program ini tidak memutuskan pemberian ini; beri yang dijawab oleh award-nya",
};

const ENCODER = new TextEncoder();
const rooms = new WeakMap<Instance, number>();

/** What an engine answers by name: these operations. */
export class Face<Name extends Operation> {
  /** @internal */
  readonly engine: Engine;

  /** @internal */
  constructor(module: () => WebAssembly.Module) {
    this.engine = new Engine(module);
  }

  /**
   * Answers an operation by its name (docs/operations.md). The request is an object, or JSON text.
   *
   * @throws LoyaltyError if the request is refused.
   */
  readonly call = <Op extends Name>(op: Op, request: Operations[Op]["request"] | string): Operations[Op]["answer"] => {
    const text = typeof request === "string" ? request : write(request, (fault, path) => this.engine.refuse(fault, path));
    const { refused, answer } = this.#ask(op, text);
    if (!refused) return JSON.parse(answer) as Operations[Op]["answer"];
    const { error, path, message } = JSON.parse(answer) as Refusal;
    throw new LoyaltyError(error, path, message);
  };

  /**
   * Answers an operation, text for text: its answer, or the error object of a refused request. The same request gives the
   * same bytes on every surface.
   */
  readonly answer = (op: string, request: string): string => this.#ask(op, request).answer;

  #ask(op: string, request: string): { refused: boolean; answer: string } {
    if (typeof op !== "string") this.engine.refuse(FAULTS.NoSuchOperation, "");
    if (typeof request !== "string") this.engine.refuse(FAULTS.WantsObject, "");
    if (!isUnicode(request)) this.engine.refuse(FAULTS.NotJson, "");
    const { instance } = this.engine;
    const room = rooms.get(instance) ?? instance.reserve(4 * LONGEST_NAME + MOST_BYTES + 4);
    rooms.set(instance, room);
    const name = ENCODER.encodeInto(op.slice(0, LONGEST_NAME), instance.bytes.subarray(room, room + 4 * LONGEST_NAME)).written;
    const start = room + name;
    const length = ENCODER.encodeInto(request, instance.bytes.subarray(start, start + MOST_BYTES + 3)).written;
    try {
      const status = instance.exports.loyalty_call?.(room, name, length, instance.texts);
      return { refused: status !== 0, answer: readText(instance, 0) };
    } catch (error) {
      this.engine.trapped(instance, error);
    }
  }
}

/** A proved program that also quotes and explains. */
export class Program extends Rated {
  readonly #face: Face<ProgramOperation>;
  #document: string | undefined;

  /** @internal Made by `Program.parse` or `Program.load`. */
  constructor(face: Face<ProgramOperation>, compiled: Uint8Array, document?: string) {
    super(face.engine, compiled);
    this.#face = face;
    this.#document = document;
  }

  /**
   * Decides the award of one receipt (AW-1 … AW-7, AW-13).
   *
   * @throws LoyaltyError that names the field and what would do.
   */
  override award(receipt: Receipt): ExplainedAward {
    return super.award(receipt) as ExplainedAward;
  }

  /** The award run ahead (AW-9): what more spending, waiting or luck would bring. Nothing is issued. */
  quote(receipt: Receipt): QuoteAnswer {
    return this.#face.call("award.quote", this.#request(read(this.engine, receipt), ""));
  }

  /**
   * What a voucher of this program keeps after each of the refunds of its purchase, in rupiah (AW-8).
   *
   * @param award By `award` of this program; days later, by the receipt that was kept.
   * @param refunds On the award's base, in rupiah, in their order.
   * @throws LoyaltyError `over_refund` for more than is left of the base.
   */
  reverse(award: Award, refunds: readonly number[]): ReversedAward {
    const question = Decision.question(award, this);
    if (question === undefined) throw new LoyaltyError("bad_config", "award", OTHER_PROGRAM);
    const rest = write({ refunds }, (fault, path) => this.engine.refuse(fault, path)).slice(1, -1);
    return this.#face.call("program.reverse", this.#request(question, `,${rest}`));
  }

  /** The program document in canonical form. */
  get document(): ProgramDocument {
    return JSON.parse(this.#text()) as ProgramDocument;
  }

  /** The bytes of its kernel, for `loyalty-rules/kernel` (docs/program.md). */
  get kernel(): Uint8Array {
    return bytes(this.#face.call("program.kernel", `{"program":${this.#text()}}`).kernel_hex);
  }

  /** @internal */
  override explain(question: Question, language: Language): Explained {
    return this.#face.call("award.explain", this.#request(question, `,"lang":${write(language, (fault, path) => this.engine.refuse(fault, path))}`));
  }

  #text(): string {
    if (this.#document === undefined) {
      const loaded: LoadedProgram = this.#face.call("program.load", { compiled_hex: hex(this.compiled) });
      this.#document = write(loaded.program, (fault, path) => this.engine.refuse(fault, path));
    }
    return this.#document;
  }

  /** A question as the request of an operation. */
  #request(question: Question, rest: string): string {
    const { play, flags, extra } = question;
    const has = (flag: number): boolean => (flags & flag) !== 0;
    const request = {
      receipt: {
        total: question.total,
        paid_by_voucher: question.paidByVoucher,
        digit: play > PENDING && play < SLOT ? play : undefined,
        slot: play >= SLOT && play < PLAY_AT ? play - SLOT : undefined,
        at: play === PLAY_AT ? extra?.at : undefined,
        claim:
          play === PLAY_CLAIM && extra !== undefined
            ? { started_at: extra.startedAt, countdown_s: extra.countdownS, stopped_at: extra.at }
            : undefined,
        late: has(LATE),
      },
      shopper: { prior_points_milli: question.priorPointsMilli, purchases: question.purchases },
      merchant: {
        suspended: has(SUSPENDED),
        registered: has(REGISTERED),
        fund_balance: extra?.fundBalance,
        outstanding: extra?.outstanding,
      },
      counters: {
        awards_in_slot: extra?.awardsInSlot,
        released_today: extra?.releasedToday,
        released_in_slot: extra?.releasedInSlot,
        day: extra?.day === "" ? undefined : extra?.day,
        slot: extra?.slot === 0 ? undefined : extra?.slot,
      },
    };
    const fields = write(request, (fault, path) => this.engine.refuse(fault, path)).slice(1, -1);
    return `{"program":${this.#text()},${fields}${rest}}`;
  }
}

/** Proved programs, from their documents or their compiled bytes. */
export interface Programs {
  /**
   * Proves a program document (docs/program.md).
   *
   * @param document JSON text, or the object.
   * @throws LoyaltyError that names the setting and what would do.
   */
  parse(document: ProgramDocument | string): Program;

  /**
   * Loads compiled bytes and proves them again.
   *
   * @throws LoyaltyError `bad_compiled` for damaged bytes.
   */
  load(compiled: Uint8Array): Program;
}

/** The programs of an engine. */
export function programs(face: Face<ProgramOperation>): Programs {
  return { parse: (document) => parse(face, document), load: (compiled) => new Program(face, compiled) };
}

/** Proves a program document, and compiles it. */
function parse(face: Face<ProgramOperation>, document: ProgramDocument | string): Program {
  const text = typeof document === "string" ? document : write(document, (fault, path) => face.engine.refuse(fault, path));
  let compiled: CompiledProgram;
  try {
    compiled = face.call("program.compile", `{"program":${text}}`);
  } catch (error) {
    if (!(error instanceof LoyaltyError)) throw error;
    // The caller gave the document alone.
    throw new LoyaltyError(error.code, error.path.replace(/^program\.?/, ""), error.texts);
  }
  return new Program(face, bytes(compiled.compiled_hex), text);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}
