export type { Operation } from "./face.js";
export type { Operations, ProgramDocument } from "./generated/operations.js";
/** The request and answer types of the operations, and what they are made of. */
export type * as Ops from "./generated/operations.js";
export type { Language } from "./program.js";
export * from "./public.js";
