import type { Engine } from "./engine.js";
import * as FAULTS from "./generated/faults.js";

const DEEPEST = 32;

/**
 * Writes a value as JSON, reading each property once and own properties only. What `JSON.stringify` would drop or
 * change silently (NaN, BigInt, functions, `toJSON`) is refused. A property that is `undefined` is absent.
 */
export function write(engine: Engine, value: unknown, path = "", depth = 1): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      // A fraction stays one, so that the engine refuses it where it stands.
      return Number.isFinite(value) ? String(value) : engine.refuse(FAULTS.WantsInteger, path);
    case "object":
      break;
    default:
      return engine.refuse(typeof value === "bigint" ? FAULTS.WantsInteger : FAULTS.WantsObject, path);
  }
  if (value === null) return "null";
  if (depth > DEEPEST) return engine.refuse(FAULTS.TooDeep, "");
  if (Array.isArray(value)) {
    const entries: string[] = [];
    const length = value.length;
    for (let index = 0; index < length; index++) {
      const has = Object.prototype.hasOwnProperty.call(value, index);
      entries.push(write(engine, has ? value[index] : undefined, `${path}[${index}]`, depth + 1));
    }
    return `[${entries.join(",")}]`;
  }
  if (!isPlain(value)) return engine.refuse(FAULTS.WantsObject, path);
  const fields: string[] = [];
  for (const key of Object.keys(value)) {
    const field: unknown = (value as Record<string, unknown>)[key];
    if (field === undefined) continue;
    fields.push(`${JSON.stringify(key)}:${write(engine, field, path === "" ? key : `${path}.${key}`, depth + 1)}`);
  }
  return `{${fields.join(",")}}`;
}

/** An object literal, not a Map, a Date, a typed array or an instance of a class. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // The object of another realm has another `Object.prototype`, which also has none above it.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a text can be sent as UTF-8 without changing. */
export function isUnicode(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}
