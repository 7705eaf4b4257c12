/**
 * The small one: awards and batches of a program that was compiled before. No JSON, no words for people.
 *
 * @packageDocumentation
 */
import { decode } from "./decode.js";
import { Engine } from "./engine.js";
import { BASE64 } from "./generated/kernel_module.js";
import { TEXTS } from "./generated/kernel_texts.js";
import { Program as Rated } from "./program.js";

const engine = new Engine(() => decode(BASE64), TEXTS);

/** A proved program. */
export type Program = Rated;

/** A proved program, from its compiled bytes. */
export const Program = {
  /**
   * Loads compiled bytes (`program.compile`) and proves them again.
   *
   * @throws LoyaltyError `bad_compiled` for damaged bytes.
   */
  load: (compiled: Uint8Array): Program => new Rated(engine, compiled),
};

export * from "./public.js";
