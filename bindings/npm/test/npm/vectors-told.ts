import type { Code, Operation, Operations } from "loyalty-rules";

/** A vector that is answered; the answer may hold more. */
export interface Told<Op extends Operation> {
  readonly name: string;
  readonly in: Operations[Op]["request"];
  readonly out: Partial<Operations[Op]["answer"]>;
}

/** A vector that is refused. */
export interface Refused {
  readonly name: string;
  readonly in: unknown;
  readonly error: Code;
}

type Vectors = { [Op in Operation]?: readonly Told<Op>[] };

export const TOLD: Vectors = {};
export const REFUSED: { [Op in Operation]?: Refused[] } = {};

export function told<Op extends Operation>(op: Op, vector: Told<Op>): void {
  const before: Vectors[Op] = TOLD[op];
  TOLD[op] = [...(before ?? []), vector] as Vectors[Op];
}

export function refused(op: Operation, vector: Refused): void {
  (REFUSED[op] ??= []).push(vector);
}
