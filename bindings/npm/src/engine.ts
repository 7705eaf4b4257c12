import { LoyaltyError, type Message } from "./error.js";
import * as N from "./exchange.js";
import { type Asked, TEXT, TEXTS } from "./exchange.js";
import * as FAULTS from "./generated/faults.js";
import { TOLD } from "./generated/fields.js";
import type { Code } from "./generated/names.js";

/** What a module exports: a program and its awards, or the operations by name. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  loyalty_text(): number;
  loyalty_text_len(): number;
  loyalty_fault(fault: number): void;
  loyalty_program_size?(): number;
  loyalty_exchange_size?(): number;
  loyalty_prove(document: number, length: number, program: number): number;
  loyalty_kernel(program: number): void;
  loyalty_award(program: number, exchange: number, ...asked: Asked): number;
  loyalty_tell(about: number, program: number, exchange: number, ...asked: [...Asked, refunds: number, refundsLength: number]): number;
  loyalty_parts(program: number, exchange: number, value: number): number;
  loyalty_award_columns(program: number, exchange: number, flags: number, columns: number, rows: number): number;
  loyalty_call(text: number, nameLength: number, requestLength: number): number;
}

/** The error object of a refused call. */
interface Refusal {
  readonly error: Code;
  readonly path: string;
  readonly message: Message;
}

const PAGE = 65_536;
/** Room for what a call is given: the largest text and a name before it, and one byte more, which is enough to be refused. */
export const ROOM = (1 << 20) + 1024;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** One running instance of a module, with its memory. Nothing outside this package sees its addresses. */
export class Instance {
  readonly exports: Exports;
  /** The address of the exchange, of a module with awards. */
  readonly exchange: number;
  readonly programSize: number;
  /** Whether a call trapped, after which nothing in memory can be relied on. */
  isTrapped = false;
  #numbers: Float64Array;
  #integers: Int32Array;
  #bytes: Uint8Array;
  #room: number | undefined;
  /** Where memory that is reserved here goes on, and where it ends. */
  #next = 0;
  #end = 0;
  #freed: number[] = [];

  constructor(module: WebAssembly.Module) {
    this.exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
    this.#bytes = new Uint8Array(this.exports.memory.buffer);
    this.exchange = this.reserve(this.exports.loyalty_exchange_size?.() ?? 0);
    this.programSize = this.exports.loyalty_program_size?.() ?? 0;
    this.#numbers = this.#view();
    this.#integers = this.#small();
  }

  /** The numbers of the exchange. Growing memory detaches every view, which then has no length. */
  get numbers(): Float64Array {
    if (this.#numbers.length === 0) this.#numbers = this.#view();
    return this.#numbers;
  }

  /** The numbers of an award in integers of 32 bits, which stand where the exchange begins. */
  get integers(): Int32Array {
    if (this.#integers.length === 0) this.#integers = this.#small();
    return this.#integers;
  }

  /** All of memory. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.exports.memory.buffer);
    return this.#bytes;
  }

  /** Where a call's texts and lists are put; there are `ROOM` bytes. */
  get room(): number {
    return (this.#room ??= this.reserve(ROOM));
  }

  /** Reserves memory, aligned to 16. */
  reserve(bytes: number): number {
    const size = Math.ceil(bytes / 16) * 16;
    if (this.#next + size > this.#end) {
      const pages = Math.ceil(size / PAGE);
      const start = this.exports.memory.grow(pages) * PAGE;
      // The allocator of the module may have grown it in between.
      if (start !== this.#end) this.#next = start;
      this.#end = start + pages * PAGE;
    }
    const address = this.#next;
    this.#next += size;
    return address;
  }

  /** Reserves memory for a program, of one that was released before if there is any. */
  reserveProgram(): number {
    return this.#freed.pop() ?? this.reserve(this.programSize);
  }

  releaseProgram(address: number): void {
    this.#freed.push(address);
  }

  /** Puts a text into the room, as much as fits, and returns its bytes. */
  put(text: string, offset = 0): number {
    const { room } = this;
    return ENCODER.encodeInto(text, this.bytes.subarray(room + offset, room + ROOM)).written;
  }

  /** Writes a text to its place in the exchange. One that is too long for any time is cut to one that is none. */
  writeText(place: number, text: string): void {
    const { bytes, numbers } = this;
    const length = Math.min(text.length, TEXT);
    const start = this.exchange + TEXTS + place * TEXT;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      bytes[start + index] = code < 128 ? code : 63;
    }
    numbers[N.textLens + place] = length;
  }

  /** What the last call kept. */
  get kept(): Uint8Array {
    const start = this.exports.loyalty_text();
    return this.bytes.subarray(start, start + this.exports.loyalty_text_len());
  }

  /** The same as text. */
  get text(): string {
    return DECODER.decode(this.kept);
  }

  #small(): Int32Array {
    return new Int32Array(this.exports.memory.buffer, this.exchange, TOLD);
  }

  #view(): Float64Array {
    return new Float64Array(this.exports.memory.buffer, this.exchange, TEXTS / 8);
  }
}

/** A module and its one shared instance. */
export class Engine {
  readonly #compile: () => WebAssembly.Module;
  #module: WebAssembly.Module | undefined;
  #instance: Instance | undefined;

  constructor(compile: () => WebAssembly.Module) {
    this.#compile = compile;
  }

  /** The shared instance, made at the first use and again after a trap. */
  get instance(): Instance {
    return (this.#instance ??= this.start());
  }

  /** A new instance for somebody's own use. */
  start(): Instance {
    this.#module ??= this.#compile();
    return new Instance(this.#module);
  }

  /** An instance in which a call trapped is never used again. */
  trapped(instance: Instance, error: unknown): never {
    instance.isTrapped = true;
    if (this.#instance === instance) this.#instance = undefined;
    // A stack that overflows is a RangeError.
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) this.refuse(FAULTS.Bug, "");
    throw error;
  }

  /** Throws the refusal that a call kept, its path as the caller wrote it. */
  refused(instance: Instance, written: (path: string) => string = (path) => path): never {
    const { error, path, message } = JSON.parse(instance.text) as Refusal;
    throw new LoyaltyError(error, written(path), message);
  }

  /** Throws a refusal of the facade's own, with the texts that the module carries. */
  refuse(fault: number, path: string): never {
    const { instance } = this;
    instance.exports.loyalty_fault(fault);
    return this.refused(instance, () => path);
  }
}
