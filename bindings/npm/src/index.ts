/**
 * Everything, with the modules inside: they are compiled at the first use.
 *
 * @packageDocumentation
 */
import { decode } from "./decode.js";
import { type Entry, entry } from "./entry.js";
import type { Program as FullProgram } from "./face.js";
import { BASE64 as KERNEL } from "./generated/kernel_module.js";
import { BASE64 as MODULE } from "./generated/main_module.js";

const everything: Entry = entry(
  () => decode(MODULE),
  () => decode(KERNEL),
);

/** A proved program. */
export type Program = FullProgram;

/** A proved program from its document or its compiled bytes; every operation by name; the same, text for text. */
export const { Program, call, answer } = everything;

export type { ExplainedAward, Language, Operation } from "./face.js";
export type { Operations, ProgramDocument } from "./generated/operations.js";
/** The request and answer types of the operations, and what they are made of. */
export type * as Ops from "./generated/operations.js";
export * from "./public.js";
