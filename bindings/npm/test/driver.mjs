// Answers operations over standard input and output: the length of the name and of the request, and both; the length
// of the answer, and the answer. What `call` throws or returns for the same request must say the same.
import { strict as assert } from "node:assert";
import { readSync, writeSync } from "node:fs";
import { answer, call, LoyaltyError } from "../dist/esm/index.js";

let buffer = Buffer.alloc(0);

function more() {
  const chunk = Buffer.alloc(1 << 16);
  const length = readSync(0, chunk);
  buffer = Buffer.concat([buffer, chunk.subarray(0, length)]);
  return length > 0;
}

function take(length) {
  while (buffer.length < length) if (!more()) process.exit(1);
  const taken = buffer.subarray(0, length);
  buffer = buffer.subarray(length);
  return taken;
}

function line() {
  for (;;) {
    const end = buffer.indexOf(10);
    if (end >= 0) return take(end + 1).toString().trim();
    if (!more()) process.exit(0);
  }
}

function write(bytes) {
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(1, bytes, sent);
}

/** The outcome of `call`, as the answer would have it. */
function called(op, request) {
  try {
    return call(op, request);
  } catch (error) {
    assert(error instanceof LoyaltyError, error);
    return { error: error.code, path: error.path, message: error.texts };
  }
}

for (;;) {
  const [nameLength, requestLength] = line().split(" ").map(Number);
  const op = take(nameLength).toString();
  const request = take(requestLength).toString();
  take(1);
  const text = answer(op, request);
  const parsed = JSON.parse(text);
  assert.deepEqual(called(op, request), parsed);
  let object;
  try {
    object = JSON.parse(request);
  } catch {
    // It cannot be given as an object.
  }
  // JavaScript reads fractions, large numbers and keys that stand twice otherwise than they are written.
  if (object !== undefined && !("error" in parsed)) assert.deepEqual(called(op, object), parsed);
  const bytes = Buffer.from(text);
  write(Buffer.concat([Buffer.from(`${bytes.length}\n`), bytes, Buffer.from("\n")]));
}
