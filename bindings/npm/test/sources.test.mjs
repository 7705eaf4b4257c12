// The facade holds no rule: none of the printed numbers stands in its sources, and its types are those of the schema.
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import ts from "typescript";
import { call } from "../dist/esm/index.js";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const parsed = (path) => ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022);

function visit(node, see) {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

const isNumber = (node) => ts.isNumericLiteral(node) || ts.isBigIntLiteral(node) || (ts.isPrefixUnaryExpression(node) && isNumber(node.operand));

/** Every rate of every printed table, the standby schedule, and its thresholds in points and thousandths. */
function printed() {
  const numbers = new Set();
  for (const margin_bp of [1_000, 2_000]) {
    for (const { table } of call("plan.all_tiers", { margin_bp }).tiers) {
      const [mechanism, ...names] = table.split("/");
      const tier = names.pop();
      const [margin_class, edition] = names.reverse();
      const of = { mechanism, margin_class, tier, ...(edition === undefined ? {} : { edition }) };
      for (let column = 0; column < 10; column++) {
        numbers.add(call("table.rate", { ...of, ...(mechanism === "stopwatch" ? { digit: column } : { slot: column + 1 }) }).rate_bp);
      }
    }
  }
  assert(numbers.size > 20, "the printed tables have many rates");
  let before = 0;
  for (let points = 0; points <= 1_000; points++) {
    const { rate_bp } = call("standby.rate", { prior_points_milli: points * 1_000 });
    if (rate_bp === before) continue;
    for (const number of [points, points * 1_000, rate_bp]) numbers.add(number);
    before = rate_bp;
  }
  numbers.delete(0);
  return numbers;
}

test("no rule's number stands in the facade", () => {
  const rules = printed();
  const files = readdirSync(new URL("../src", import.meta.url)).filter((name) => name.endsWith(".ts"));
  let seen = 0;
  for (const file of files) {
    const source = parsed(`../src/${file}`);
    visit(source, (node) => {
      if (ts.isNumericLiteral(node) || ts.isBigIntLiteral(node)) {
        seen++;
        assert(!rules.has(Number(node.text.replace(/n$/, ""))), `${file}: ${node.text} is a number of the rules`);
      }
      if (ts.isArrayLiteralExpression(node)) assert(node.elements.filter(isNumber).length < 3, `${file}: ${node.getText(source)} looks like a table`);
    });
  }
  assert(files.length >= 10 && seen > 50, "the sources are seen");
});

test("every operation of the schema has its types", () => {
  const { operations, $defs } = JSON.parse(read("../../../docs/schema/operations.schema.json"));
  const source = parsed("../src/generated/operations.ts");
  const declared = new Set();
  const typed = {};
  visit(source, (node) => {
    assert(node.kind !== ts.SyntaxKind.AnyKeyword, "any is no type");
    if (!ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) return;
    if (node.name.text === "TillOperation") return;
    if (node.name.text !== "Operations") return void declared.add(node.name.text);
    for (const { name, type } of node.members) {
      typed[name.text] = Object.fromEntries(type.members.map((part) => [part.name.text, part.type.getText(source)]));
    }
  });
  assert.deepEqual([...declared].sort(), Object.keys($defs).sort());
  assert.deepEqual(Object.keys(typed).sort(), Object.keys(operations).sort());
  for (const [op, parts] of Object.entries(typed)) {
    assert.deepEqual(Object.keys(parts), ["request", "answer"], op);
    for (const type of Object.values(parts)) assert(type.split(" | ").every((name) => declared.has(name)), `${op}: ${type}`);
  }
});
