/**
 * Everything, with modules that the caller brings, compiled by whatever the host offers.
 *
 * @packageDocumentation
 */
import { Engine } from "./engine.js";
import { LoyaltyError } from "./error.js";
import { Caller } from "./caller.js";
import { programs, type Program as Proved } from "./program.js";

/** Modules of this package, `loyalty-rules/loyalty.wasm` and `program.wasm`: compiled, or their bytes. */
export interface Modules {
  /** For `call` and `answer`. */
  readonly loyalty?: WebAssembly.Module | BufferSource | undefined;
  /** For `Program`. */
  readonly program?: WebAssembly.Module | BufferSource | undefined;
}

const modules = new Map<keyof Modules, WebAssembly.Module>();

function given(name: keyof Modules): WebAssembly.Module {
  const module = modules.get(name);
  if (module !== undefined) return module;
  throw new LoyaltyError("missing_field", name, {
    en: `this module was not given; call init({ ${name} }) with ${name}.wasm first`,
    id: `modul ini belum diberikan; panggil init({ ${name} }) dengan ${name}.wasm lebih dulu`,
  });
}

/** Takes the modules that are used, each once and before its first use. */
export function init(brought: Modules): void {
  for (const name of ["loyalty", "program"] as const) {
    const module = brought[name];
    if (module === undefined || modules.has(name)) continue;
    modules.set(name, module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module));
  }
}

/** A proved program. */
export type Program = Proved;

/** A proved program, from its document. */
export const Program = programs(new Engine(() => given("program")));

/** Every operation by name; the same, text for text. */
export const { call, answer } = new Caller(() => given("loyalty"));

export * from "./public.js";
