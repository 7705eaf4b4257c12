// The code of README.md runs, and each comment behind a statement says what it gives.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import * as loyalty from "../dist/esm/index.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code);

test("there is code", () => assert(blocks.length >= 3));

blocks.forEach((code, index) => {
  test(`block ${index + 1}`, () => {
    let promises = 0;
    const checked = code
      .replace(/^import \{([^}]*)\} from "loyalty-rules";$/gm, "const {$1} = loyalty;")
      .replace(/^( *)([^\s/=][^=\n]*); \/\/ (\[[^\]]*\]|"[^"]*"|-?\d+|true|false)[^\n]*$/gm, (_, indent, expression, told) => {
        promises++;
        return `${indent}same(${expression}, ${told});`;
      });
    let kept = 0;
    const same = (actual, expected) => {
      kept++;
      assert.deepEqual(JSON.parse(JSON.stringify(actual)), JSON.parse(JSON.stringify(expected)));
    };
    const context = { loyalty, same };
    runInNewContext(checked, context);
    assert(promises > 0 && kept === promises, `${kept} of ${promises} comments were checked`);
  });
});
