import { LoyaltyError } from "./error.js";
import { N, TEXT, TEXTS, TOLD } from "./exchange.js";
import { type Code, FAULTS } from "./generated/names.js";
import { named } from "./given.js";

/** What a module exports: the calls of every receipt, unless it only answers by name. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  loyalty_program_size?(): number;
  loyalty_exchange_size?(): number;
  loyalty_load(program: number, compiled: number, length: number, exchange: number): number;
  loyalty_mechanism(program: number): number;
  loyalty_award(
    program: number,
    exchange: number,
    play: number,
    flags: number,
    total: number,
    paidByVoucher: number,
    priorPointsMilli: number,
    purchases: number,
  ): number;
  loyalty_parts(program: number, exchange: number, value: number): number;
  loyalty_award_columns(program: number, exchange: number, flags: number, columns: number, rows: number): number;
  loyalty_fault?(fault: number, told: number): number;
  loyalty_call?(text: number, nameLength: number, requestLength: number, told: number): number;
}

const PAGE = 65_536;
/** The bytes of an address and a length. */
const PAIR = 8;

/** One running instance of a module, with its memory. Nothing outside this package sees its addresses. */
export class Instance {
  readonly exports: Exports;
  /** The address of the exchange, of a module with the calls of every receipt. */
  readonly exchange: number;
  readonly programSize: number;
  /** Where a call by name tells addresses and lengths of texts. */
  readonly texts: number;
  /** Where compiled bytes are put before they are loaded, and how many fit. */
  readonly compiled: number;
  readonly roomForCompiled = PAGE / 2;
  /** Whether a call trapped, after which nothing in memory can be relied on. */
  isTrapped = false;
  #numbers: Float64Array;
  #bytes: Uint8Array;
  /** Where memory that is reserved here goes on, and where it ends. */
  #next = 0;
  #end = 0;
  #freed: number[] = [];

  constructor(module: WebAssembly.Module) {
    this.exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
    this.#bytes = new Uint8Array(this.exports.memory.buffer);
    this.exchange = this.reserve(this.exports.loyalty_exchange_size?.() ?? 0);
    this.programSize = this.exports.loyalty_program_size?.() ?? 0;
    this.texts = this.reserve(3 * PAIR);
    this.compiled = this.reserve(this.roomForCompiled);
    this.#numbers = this.#view();
  }

  /** The numbers of the exchange. Growing memory detaches every view, which then has no length. */
  get numbers(): Float64Array {
    if (this.#numbers.length === 0) this.#numbers = this.#view();
    return this.#numbers;
  }

  /** All of memory. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.exports.memory.buffer);
    return this.#bytes;
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

  /** What a call told in words: the path of a refusal, or the ids of rules. */
  told(): string {
    const start = this.exchange + TOLD;
    return String.fromCharCode(...this.bytes.subarray(start, start + (this.numbers[N.toldLen] ?? 0)));
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

  /** Throws the refusal that a call returned below zero. */
  refused(instance: Instance, status: number): never {
    const row = instance.numbers[N.row] ?? -1;
    const field = named(instance.told());
    this.refuse(-1 - status, row < 0 ? field : `rows[${row}].${field}`);
  }

  /** Throws a refusal, with the texts that the module carries. */
  refuse(fault: number, path: string): never {
    const { instance } = this;
    instance.exports.loyalty_fault?.(fault, instance.texts);
    throw new LoyaltyError(readText(instance, 0) as Code, path, { en: readText(instance, 1), id: readText(instance, 2) });
  }
}

const DECODER = new TextDecoder();

/** A text that a call by name told. */
export function readText(instance: Instance, place: number): string {
  const { bytes } = instance;
  const [start = 0, length = 0] = new Uint32Array(bytes.buffer, instance.texts + place * PAIR, 2);
  return DECODER.decode(bytes.subarray(start, start + length));
}
