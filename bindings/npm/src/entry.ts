import { Face, type Operation, Program, parse } from "./face.js";
import type { Operations, ProgramDocument } from "./generated/operations.js";

/** What an entry with every operation offers. */
export interface Entry {
  readonly Program: {
    /**
     * Proves a program document (docs/program.md).
     *
     * @param document JSON text, or the object.
     * @throws LoyaltyError that names the setting and what would do.
     */
    parse(document: ProgramDocument | string): Program;

    /**
     * Loads compiled bytes and proves them again.
     *
     * @throws LoyaltyError `bad_compiled` for damaged bytes.
     */
    load(compiled: Uint8Array): Program;
  };

  /**
   * Answers an operation by its name (docs/operations.md). The request is an object, or JSON text.
   *
   * @throws LoyaltyError if the request is refused.
   */
  call<Op extends Operation>(op: Op, request: Operations[Op]["request"] | string): Operations[Op]["answer"];

  /** Answers an operation, text for text; a refused request is answered by its error object. */
  answer(op: string, request: string): string;
}

/** An entry over these modules, which are asked for at the first use. */
export function entry(loyalty: () => WebAssembly.Module, kernel: () => WebAssembly.Module): Entry {
  const face = new Face(loyalty, kernel);
  return {
    Program: { parse: (document) => parse(face, document), load: (compiled) => new Program(face, compiled) },
    call: (op, request) => face.call(op, request),
    answer: (op, request) => face.answer(op, request),
  };
}
