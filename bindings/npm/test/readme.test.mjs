// The code of this package's README.md and of the repository's runs, and each comment behind a statement says what it gives.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import * as loyalty from "../dist/esm/index.js";
import * as small from "../dist/esm/kernel.js";

const code = (file) => [...readFileSync(new URL(file, import.meta.url), "utf8").matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code);
const [own, repository] = ["../README.md", "../../../README.md"].map(code);
const blocks = [...own, ...repository];

test("there is code", () => assert(own.length >= 3 && repository.length >= 1));

blocks.forEach((code, index) => {
  test(`block ${index + 1}`, () => {
    let promises = 0;
    const checked = code
      .replace(/^import \{([^}]*)\} from "loyalty-rules";$/gm, "const {$1} = loyalty;")
      .replace(/^import \{([^}]*)\} from "loyalty-rules\/kernel";$/gm, "const {$1} = small;")
      .replace(/^( *)([^\s/=][^=\n]*); \/\/ (\[[^\]]*\]|"[^"]*"|-?\d+|true|false)[^\n]*$/gm, (_, indent, expression, told) => {
        promises++;
        return `${indent}same(${expression}, ${told});`;
      });
    let kept = 0;
    const same = (actual, expected) => {
      kept++;
      assert.deepEqual(JSON.parse(JSON.stringify(actual)), JSON.parse(JSON.stringify(expected)));
    };
    const context = { loyalty, small, same };
    runInNewContext(checked, context);
    assert(promises > 0 && kept === promises, `${kept} of ${promises} comments were checked`);
  });
});
