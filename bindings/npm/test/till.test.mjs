// A till's module answers what a till asks for as the whole one does, and nothing else.
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { answer as whole } from "../dist/esm/index.js";
import { answer, call } from "../dist/esm/till.js";

const program = { mechanism: "stopwatch", margin_class: "below_15", tier: "plus", quota: 200_000 };

test("a till's answers are those of the whole library", () => {
  const receipt = { total: 250_000, digit: 5 };
  assert.equal(call("award.decide", { program, receipt }).value, 15_000);
  for (const [op, request] of [
    ["award.decide", { program, receipt }],
    ["award.quote", { program, receipt: { total: 150_000 } }],
    ["award.explain", { program, receipt, lang: "id" }],
    ["program.reverse", { program, receipt, refunds: [100_000] }],
    ["voucher.redeem", { voucher: { value: 15_000 }, purchase: 90_000, at: "2025-03-01T09:00:00+07:00" }],
    ["award.decide", { program }],
  ]) {
    const text = JSON.stringify(request);
    assert.equal(answer(op, text), whole(op, text), op);
  }
});

test("what a shop's office asks for is no operation of a till", () => {
  for (const op of ["ledger.fold", "plan.margin", "record.event", "award.batch"]) {
    assert.equal(JSON.parse(answer(op, "{}")).error, "unknown_op", op);
    assert.equal(JSON.parse(whole(op, "{}")).error, "missing_field", op);
  }
});
