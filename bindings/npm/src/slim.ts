/**
 * Everything, with modules that the caller brings: `loyalty-rules/loyalty.wasm` and `program.wasm`, compiled by whatever the host offers.
 *
 * @packageDocumentation
 */
import { Engine } from "./engine.js";
import { LoyaltyError } from "./error.js";
import { Face } from "./face.js";
import { programs, type Program as Proved } from "./program.js";

let modules: { readonly loyalty: WebAssembly.Module; readonly program: WebAssembly.Module } | undefined;

function given(name: "loyalty" | "program"): WebAssembly.Module {
  if (modules !== undefined) return modules[name];
  throw new LoyaltyError("missing_field", "module", {
    en: "no module was given; call init with loyalty.wasm and program.wasm first",
    id: "modul belum diberikan; panggil init dengan loyalty.wasm dan program.wasm lebih dulu",
  });
}

/** Takes `loyalty.wasm` and `program.wasm`, once, before the first use: compiled, or their bytes. */
export function init(loyalty: WebAssembly.Module | BufferSource, program: WebAssembly.Module | BufferSource): void {
  const compiled = (module: WebAssembly.Module | BufferSource) =>
    module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
  modules ??= { loyalty: compiled(loyalty), program: compiled(program) };
}

/** A proved program. */
export type Program = Proved;

/** A proved program, from its document. */
export const Program = programs(new Engine(() => given("program")));

/** Every operation by name; the same, text for text. */
export const { call, answer } = new Face(() => given("loyalty"));

export * from "./words.js";
