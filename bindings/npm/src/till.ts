/**
 * What a till asks for by name, in a module that is inside; the other operations are `unknown_op`.
 *
 * @packageDocumentation
 */
import { Caller } from "./caller.js";
import { decode } from "./decode.js";
import type { Operations, TillOperation } from "./generated/operations.js";
import { BASE64 } from "./generated/till_module.js";

const caller = new Caller(() => decode(BASE64));

/**
 * Answers an operation by its name (docs/till.md). The request is an object, or JSON text.
 *
 * @throws LoyaltyError if the request is refused.
 */
export const call: <Op extends TillOperation>(op: Op, request: Operations[Op]["request"] | string) => Operations[Op]["answer"] =
  caller.call;

/**
 * Answers an operation, text for text: its answer, or the error object of a refused request. The same request gives the
 * same bytes on every surface.
 */
export const { answer } = caller;

export { LoyaltyError, type Message } from "./error.js";
export type { Operations, ProgramDocument, TillOperation } from "./generated/operations.js";
/** The request and answer types of the operations, and what they are made of. */
export type * as Ops from "./generated/operations.js";
