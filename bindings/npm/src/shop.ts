/**
 * What a shop's page asks for: programs and their awards, in one module that is inside.
 *
 * @packageDocumentation
 */
import { decode } from "./decode.js";
import { Engine } from "./engine.js";
import { BASE64 } from "./generated/program_module.js";
import { programs, type Program as Proved } from "./program.js";

/** A proved program. */
export type Program = Proved;

/** A proved program, from its document. */
export const Program = programs(new Engine(() => decode(BASE64)));

export * from "./public.js";
