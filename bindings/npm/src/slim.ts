/**
 * Everything, with modules that the caller brings: `loyalty-rules/loyalty.wasm` and `kernel.wasm`, compiled by whatever the host offers.
 *
 * @packageDocumentation
 */
import { LoyaltyError } from "./error.js";
import { Face, Program as FullProgram, parse } from "./face.js";
import type { Operations, ProgramDocument } from "./generated/operations.js";

let modules: { readonly loyalty: WebAssembly.Module; readonly kernel: WebAssembly.Module } | undefined;

function given(name: "loyalty" | "kernel"): WebAssembly.Module {
  if (modules !== undefined) return modules[name];
  throw new LoyaltyError("missing_field", "module", {
    en: "no module was given; call init with loyalty.wasm and kernel.wasm first",
    id: "modul belum diberikan; panggil init dengan loyalty.wasm dan kernel.wasm lebih dulu",
  });
}

const face = new Face(
  () => given("loyalty"),
  () => given("kernel"),
);

/** Takes `loyalty.wasm` and `kernel.wasm`, once, before the first use: compiled, or their bytes. */
export function init(loyalty: WebAssembly.Module | BufferSource, kernel: WebAssembly.Module | BufferSource): void {
  const compiled = (module: WebAssembly.Module | BufferSource) =>
    module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
  modules ??= { loyalty: compiled(loyalty), kernel: compiled(kernel) };
}

/** A proved program. */
export type Program = FullProgram;

/** A proved program: from its document, or from its compiled bytes. */
export const Program = {
  /** Proves a program document (docs/program.md): JSON text, or the object. */
  parse: (document: ProgramDocument | string): Program => parse(face, document),

  /** Loads compiled bytes and proves them again. */
  load: (compiled: Uint8Array): Program => new FullProgram(face, compiled),
};

/** Answers an operation by its name (docs/operations.md). */
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
