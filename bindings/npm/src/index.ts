/**
 * Everything, with the modules inside: they are compiled at the first use.
 *
 * @packageDocumentation
 */
import { decode } from "./decode.js";
import { Face, Program as FullProgram, parse } from "./face.js";
import { BASE64 as KERNEL } from "./generated/kernel_module.js";
import { BASE64 as MODULE } from "./generated/main_module.js";
import type { Operations, ProgramDocument } from "./generated/operations.js";

const face = new Face(
  () => decode(MODULE),
  () => decode(KERNEL),
);

/** A proved program. */
export type Program = FullProgram;

/** A proved program: from its document, or from its compiled bytes. */
export const Program = {
  /**
   * Proves a program document (docs/program.md).
   *
   * @param document JSON text, or the object.
   * @throws LoyaltyError that names the setting and what would do.
   */
  parse: (document: ProgramDocument | string): Program => parse(face, document),

  /**
   * Loads compiled bytes and proves them again.
   *
   * @throws LoyaltyError `bad_compiled` for damaged bytes.
   */
  load: (compiled: Uint8Array): Program => new FullProgram(face, compiled),
};

/**
 * Answers an operation by its name (docs/operations.md). The request is an object, or JSON text.
 *
 * @throws LoyaltyError if the request is refused.
 */
export function call<Op extends keyof Operations>(op: Op, request: Operations[Op]["request"] | string): Operations[Op]["answer"] {
  return face.call(op, request);
}

/** Answers an operation, text for text; a refused request is answered by its error object. */
export function answer(op: string, request: string): string {
  return face.answer(op, request);
}

export type { ExplainedAward, Language, Operation } from "./face.js";
export type { Operations, ProgramDocument } from "./generated/operations.js";
/** The request and answer types of the operations, and what they are made of. */
export type * as Ops from "./generated/operations.js";
export * from "./public.js";
