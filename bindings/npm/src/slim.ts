/**
 * Everything, with modules that the caller brings: `loyalty-rules/loyalty.wasm` and `kernel.wasm`, compiled by whatever the host offers.
 *
 * @packageDocumentation
 */
import { type Entry, entry } from "./entry.js";
import { LoyaltyError } from "./error.js";
import type { Program as FullProgram } from "./face.js";

let modules: { readonly loyalty: WebAssembly.Module; readonly kernel: WebAssembly.Module } | undefined;

function given(name: "loyalty" | "kernel"): WebAssembly.Module {
  if (modules !== undefined) return modules[name];
  throw new LoyaltyError("missing_field", "module", {
    en: "no module was given; call init with loyalty.wasm and kernel.wasm first",
    id: "modul belum diberikan; panggil init dengan loyalty.wasm dan kernel.wasm lebih dulu",
  });
}

const everything: Entry = entry(
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

/** A proved program from its document or its compiled bytes; every operation by name; the same, text for text. */
export const { Program, call, answer } = everything;

export type { ExplainedAward, Language, Operation } from "./face.js";
export type { Operations, ProgramDocument } from "./generated/operations.js";
/** The request and answer types of the operations, and what they are made of. */
export type * as Ops from "./generated/operations.js";
export * from "./public.js";
