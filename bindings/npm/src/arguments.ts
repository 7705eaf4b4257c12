/** What callers give, and how they name it. */

/** A number as it is, and anything else as one that the module refuses. */
export function asNumber(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

/** A number that may be absent. */
export function orZero(value: unknown): number {
  return value === undefined ? 0 : asNumber(value);
}

/** An object that is no list. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own properties of an object that are not `undefined`, each read once. */
export function present(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, field]) => field !== undefined);
}

/** Whether the memory behind an array was taken away: then it can no longer be viewed. */
export function isDetached(array: ArrayBufferView): boolean {
  try {
    new Uint8Array(array.buffer, array.byteOffset, 0);
    return false;
  } catch {
    return true;
  }
}

/** A path of the rules as this package names it: `counters.released_today` is `counters.releasedToday`. */
export function named(path: string): string {
  return path.replace(/^(receipt|shopper)\./, "").replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The path of a row of columns; counters are those of all rows. */
export function ofRow(row: number, path: string): string {
  const name = named(path);
  if (name.startsWith("counters.")) return name;
  return name === "" ? `rows[${row}]` : `rows[${row}].${/^(digit|slot)$/.test(name) ? "column" : name}`;
}
