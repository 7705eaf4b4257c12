import type { Code } from "./generated/names.js";

/** The text of a refusal: what is wrong and what would do. */
export interface Message {
  /** In English. */
  readonly en: string;
  /** In Bahasa Indonesia. */
  readonly id: string;
}

/** A refused call: the one error that this package throws. */
export class LoyaltyError extends Error {
  override readonly name = "LoyaltyError";

  /**
   * @param code The kind of the refusal, the same on every surface.
   * @param path Where, as the caller wrote it: `counters.releasedToday`, `rows[17].total`; empty for the whole.
   * @param texts What is wrong and what would do, in two languages.
   */
  constructor(
    readonly code: Code,
    readonly path: string,
    readonly texts: Message,
  ) {
    super(path === "" ? texts.en : `${path}: ${texts.en}`);
  }
}
