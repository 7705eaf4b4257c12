import * as N from "./exchange.js";
import { type AwardNumbers, type CountersAfter, readAward, readCounters, readShopper, type ShopperAfter } from "./generated/fields.js";
import { CAPS, type Cap, type GivenReason, type Mechanism, type StoppedReason } from "./generated/names.js";
import type { Explained } from "./generated/operations.js";
import type { Question } from "./receipt.js";

/** The language in which an award is explained: Bahasa Indonesia or English. */
export type Language = "id" | "en";

/** The cell that gave the rate. */
export type Cell =
  | { readonly table: "digit"; readonly digit: number }
  | { readonly table: "slot"; readonly slot: number }
  | { readonly table: "standby"; readonly fromPointsMilli: number };

/** How a claim was judged (SW-4). */
export interface JudgedClaim {
  readonly reason: "accepted" | "countdown_out_of_range" | "claim_mismatch";
  /** Stopped − started − countdown, in milliseconds. */
  readonly differenceMs: number;
  /** The lucky digit of an accepted claim. */
  readonly digit: number | null;
}

/** What is known of an award beside its value. */
export interface Details {
  /** The limits that lowered the value, in the order they acted. */
  readonly cappedBy: readonly Cap[];
  /** The ids of the rules behind it, in the order they acted. */
  readonly rules: readonly string[];
  /** The cell that gave the rate; null for a stop before the rate. */
  readonly cell: Cell | null;
  /** The judged claim, if the receipt carries one. */
  readonly claim: JudgedClaim | null;
  /** The counters after this receipt; give them to the next one. */
  readonly counters: CountersAfter;
  /** The shopper after this receipt. */
  readonly shopper: ShopperAfter;
}

export type { CountersAfter };

/** What every decision has. */
export interface Decided extends AwardNumbers {
  /** What each funding party pays, in rupiah; empty if the program states no funding. */
  readonly parts: readonly number[];
  /** What led to it, and the state after it. */
  readonly details: Details;
  /** The award in one line, as a slip of 32 columns, and what would bring more. */
  explain(language: Language): Explained;
}

/** A voucher is given; a value that rounds to zero keeps its reason and issues nothing. */
export interface Given extends Decided {
  readonly outcome: "given";
  readonly reason: GivenReason;
}

/** Nothing is given. */
export interface Stopped extends Decided {
  readonly outcome: "stopped";
  readonly reason: StoppedReason;
  readonly value: 0;
  readonly pointsMilli: 0;
}

/** A decision: `outcome` tells the two apart, `reason` tells why. */
export type Award = Given | Stopped;

/** The program that decided, which tells the rest. */
interface Teller {
  readonly mechanism: Mechanism;
  /** The numbers of the details in the exchange, and the ids of the rules. */
  details(question: Question): { readonly numbers: Float64Array; readonly rules: readonly string[] };
  /** What each funding party pays of a value. */
  parts(value: number): readonly number[];
  explain(question: Question, language: Language): Explained;
}

/** The numbers are those of the award. */
export interface Decision extends AwardNumbers {}

/** A decision that keeps its question. The engine answers the same question always alike, so the rest is told on demand. */
export class Decision {
  // Declared alone, so that the constructor makes each once.
  declare readonly outcome: "given" | "stopped";
  declare readonly reason: GivenReason | StoppedReason;
  readonly #program: Teller;
  readonly #question: Question;

  constructor(
    isGiven: boolean,
    reason: GivenReason | StoppedReason,
    numbers: Float64Array | Int32Array,
    program: Teller,
    question: Question,
  ) {
    this.outcome = isGiven ? "given" : "stopped";
    this.reason = reason;
    readAward(this, numbers);
    this.#program = program;
    this.#question = question;
  }

  get parts(): readonly number[] {
    return this.#program.parts(this.value);
  }

  get details(): Details {
    const { numbers, rules } = this.#program.details(this.#question);
    const at = (place: number): number => numbers[place] ?? 0;
    const [cell, cellAt, caps] = [at(N.cell), at(N.cellAt), at(N.cappedBy)];
    const claim = at(N.claim);
    const isStopwatch = this.#program.mechanism === "stopwatch";
    const column: Cell = isStopwatch ? { table: "digit", digit: cellAt } : { table: "slot", slot: cellAt };
    return {
      cappedBy: CAPS.filter((_, place) => (caps >> place) & 1),
      rules,
      cell: cell === 0 ? null : cell === 1 ? column : { table: "standby", fromPointsMilli: cellAt },
      claim:
        claim === 0
          ? null
          : {
              reason: claim === 1 ? "accepted" : claim === 2 ? "countdown_out_of_range" : "claim_mismatch",
              differenceMs: at(N.claimDifferenceMs),
              digit: claim === 1 ? at(N.claimDigit) : null,
            },
      counters: countersAfter(numbers, this.#program.mechanism),
      shopper: readShopper(numbers, N.after),
    };
  }

  /** What was asked, if this program decided it. */
  static question(award: unknown, program: Teller): Question | undefined {
    return award instanceof Decision && award.#program === program ? award.#question : undefined;
  }

  explain(language: Language): Explained {
    return this.#program.explain(this.#question, language);
  }
}

/** The counters that a call left in the exchange. */
export function countersAfter(numbers: Float64Array, mechanism: Teller["mechanism"]): CountersAfter {
  const day = numbers[N.dayAfter] ?? -1;
  const text = String(day).padStart(8, "0");
  return {
    ...(day < 0 ? {} : { day: `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` }),
    ...readCounters(numbers, N.after, mechanism === "time_auction"),
  };
}
