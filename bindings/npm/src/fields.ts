/** The fields of a receipt and of the state before it, as numbers at their places. */
import { BY_SLOT, PLACES, TRUTHS } from "./generated/fields.js";
import * as FAULT from "./generated/kernel_faults.js";
import { asNumber, isObject, present } from "./arguments.js";

/** The places before those of the lists. */
export const PICK = 0;
export const TOTAL = 1;
export const COUNTDOWN_S = 2;

/** What picks the column. */
export const PENDING = 0;
export const DIGIT = 1;
export const SLOT = 2;

/** Whoever throws a refusal. */
export interface Refuser {
  refuse(fault: number, path: string): never;
}

/** The place of a field; the shopper's stand among the receipt's. */
export function placeOf(object: keyof typeof PLACES, key: string): number | undefined {
  return PLACES[object].get(key) ?? (object === "receipt" ? PLACES.shopper.get(key) : undefined);
}

/** Puts a field of an object at its place. What is no number or truth becomes NaN, which the module refuses. */
export function putField(by: Refuser, object: keyof typeof PLACES, key: string, value: unknown, numbers: Float64Array): void {
  const path = object === "receipt" ? key : `${object}.${key}`;
  const place = placeOf(object, key) ?? by.refuse(FAULT.Unknown, path);
  if (BY_SLOT.includes(place)) numbers.set(bySlot(by, value, path), place);
  else numbers[place] = TRUTHS.includes(place) ? (typeof value === "boolean" ? Number(value) : Number.NaN) : asNumber(value);
}

/** The own properties of an object. */
export function entries(by: Refuser, value: unknown, path: string): [string, unknown][] {
  return isObject(value) ? present(value) : by.refuse(FAULT.WantsObject, path);
}

/** A 1, by which the module knows that numbers by slot are given, and the ten of a list, each read once. */
function bySlot(by: Refuser, value: unknown, path: string): number[] {
  if (!Array.isArray(value)) by.refuse(FAULT.WantsList, path);
  return value.length === 10 ? [1, ...Array.from(value, asNumber)] : by.refuse(FAULT.CounterCount, path);
}
