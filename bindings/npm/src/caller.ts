import { Engine } from "./engine.js";
import * as FAULTS from "./generated/faults.js";
import type { Operations } from "./generated/operations.js";
import { isUnicode, write } from "./json.js";

/** The name of an operation. */
export type Operation = keyof Operations;

/** No operation has a name this long. */
const LONGEST_NAME = 64;

/** What an engine answers by name. */
export class Caller {
  readonly #engine: Engine;

  /** @internal */
  constructor(module: () => WebAssembly.Module) {
    this.#engine = new Engine(module);
  }

  /**
   * Answers an operation by its name (docs/operations.md). The request is an object, or JSON text.
   *
   * @throws LoyaltyError if the request is refused.
   */
  readonly call = <Op extends Operation>(op: Op, request: Operations[Op]["request"] | string): Operations[Op]["answer"] => {
    const engine = this.#engine;
    if (this.#ask(op, typeof request === "string" ? request : write(engine, request)) < 0) engine.refused(engine.instance);
    return JSON.parse(engine.instance.text) as Operations[Op]["answer"];
  };

  /**
   * Answers an operation, text for text: its answer, or the error object of a refused request. The same request gives the
   * same bytes on every surface.
   */
  readonly answer = (op: string, request: string): string => {
    this.#ask(op, request);
    return this.#engine.instance.text;
  };

  /** Below zero for a refused request. */
  #ask(op: string, request: string): number {
    const engine = this.#engine;
    if (typeof op !== "string") engine.refuse(FAULTS.NoSuchOperation, "");
    if (typeof request !== "string") engine.refuse(FAULTS.WantsObject, "");
    if (!isUnicode(request)) engine.refuse(FAULTS.NotJson, "");
    const { instance } = engine;
    const nameLength = instance.put(op.slice(0, LONGEST_NAME));
    const length = instance.put(request, nameLength);
    try {
      return instance.exports.loyalty_call(instance.room, nameLength, length);
    } catch (error) {
      return engine.trapped(instance, error);
    }
  }
}
