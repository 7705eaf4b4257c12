/**
 * What a shop's page asks for: programs, awards and the operations beside them, in one module that is inside.
 *
 * @packageDocumentation
 */
import { decode } from "./decode.js";
import { Face, programs, type Program as Proved } from "./face.js";
import type { ProgramOperation } from "./generated/names.js";
import { BASE64 } from "./generated/program_module.js";

const face = new Face<ProgramOperation>(() => decode(BASE64));

/** A proved program. */
export type Program = Proved;

/** A proved program, from its document or its compiled bytes. */
export const Program = programs(face);

/** The operations of this module by name; the same, text for text. */
export const { call, answer } = face;

export * from "./words.js";
