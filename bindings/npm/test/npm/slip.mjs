import { strict as assert } from "node:assert";
import { Program } from "loyalty-rules";
import { createElement } from "react";
import { renderToString } from "react-dom/server";

assert(!("document" in globalThis));
const program = Program.parse({ mechanism: "stopwatch", margin_class: "below_15", tier: "plus", quota: 200_000 });

function Slip({ receipt }) {
  const award = program.award(receipt);
  return createElement("p", { className: award.outcome }, award.explain("en").line);
}

process.stdout.write(renderToString(createElement(Slip, { receipt: { total: 250_000, digit: 5 } })));
