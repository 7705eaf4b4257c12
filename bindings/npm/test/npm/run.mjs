// What an npm user meets: the packed package, installed into projects, run in Node, Deno and Bun, in workers, through
// bundlers and in a browser under a strict Content-Security-Policy. Every one must answer a thousand receipts alike, and what
// imports only programs carries no module of all operations.
//
//   node run.mjs <folder for the projects> [chromium]
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const packageFolder = resolve(here, "../..");
const [folder, chromiumPath] = process.argv.slice(2);
const bin = (name) => join(here, "node_modules/.bin", name);
const run = (program, parameters, options = {}) => execFileSync(program, parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], ...options });

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const packed = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: packageFolder }));
const { filename, files, size } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
const tarball = join(folder, filename);
console.log(`${filename}: ${files.length} files, ${size} bytes`);

run(bin("publint"), ["--strict", "run", tarball]);
console.log("publint finds nothing");
// Raw modules and the package's own description have no types.
run(bin("attw"), [tarball, "--exclude-entrypoints", "loyalty.wasm", "till.wasm", "program.wasm", "kernel.wasm", "package.json", "--profile", "node16"]);
console.log("attw finds nothing");

const app = join(folder, "app");
mkdirSync(app);
writeFileSync(join(app, "package.json"), '{ "name": "app", "private": true, "type": "module" }\n');
run("npm", ["install", tarball, "--no-audit", "--no-fund", "--offline"], { cwd: app });
for (const name of ["rate.mjs", "page.mjs", "shop.mjs", "slip.mjs", "vectors.ts", "vectors-told.ts"]) cpSync(join(here, name), join(app, name));

const inApp = createRequire(pathToFileURL(join(app, "index.js")));
const { rate } = await import(pathToFileURL(join(app, "rate.mjs")).href);
const expected = rate(inApp("loyalty-rules"));
const expectedOnPage = rate({ Program: inApp("loyalty-rules").Program });
assert.equal(JSON.parse(expected).differs, -1);
assert.equal(JSON.parse(expected).awards.length, 1_000);
function same(host, answer, told = expected) {
  assert.equal(answer, told, `${host} answers otherwise`);
  console.log(`${host}: 1,000 receipts as in Node`);
}
const child = (name, source) => {
  writeFileSync(join(app, name), source);
  return run("node", [name], { cwd: app });
};
const PRINT = 'process.stdout.write(rate(loyalty));\n';
same("Node, ES modules", child("esm.mjs", `import * as loyalty from "loyalty-rules";\nimport { rate } from "./rate.mjs";\n${PRINT}`));
same("Node, CommonJS", child("cjs.cjs", `const loyalty = require("loyalty-rules");\nimport("./rate.mjs").then(({ rate }) => ${PRINT.trim().replace(";", "")});\n`));
same("Node, program", child("program.mjs", `import * as loyalty from "loyalty-rules/program";\nimport { rate } from "./rate.mjs";\n${PRINT}`), expectedOnPage);
same(
  "Node, slim",
  child(
    "slim.mjs",
    `import { readFileSync } from "node:fs";\nimport { createRequire } from "node:module";\nimport * as loyalty from "loyalty-rules/slim";\nimport { rate } from "./rate.mjs";\n
const bytes = (name) => readFileSync(createRequire(import.meta.url).resolve(\`loyalty-rules/\${name}.wasm\`));\nloyalty.init({ loyalty: bytes("loyalty"), program: bytes("program") });\n${PRINT}`,
  ),
);
const kernel = child(
  "kernel.mjs",
  `import { Program } from "loyalty-rules";\nimport { Kernel } from "loyalty-rules/kernel";\n
const program = Program.parse({ mechanism: "stopwatch", margin_class: "below_15", tier: "plus", quota: 200_000 });
process.stdout.write(String(Kernel.load(program.kernel).award({ total: 250_000, digit: 5 }).value));\n`,
);
assert.equal(kernel, "15000");
writeFileSync(join(app, "worker.mjs"), `import { parentPort } from "node:worker_threads";\nimport * as loyalty from "loyalty-rules";\nimport { rate } from "./rate.mjs";\nparentPort.postMessage(rate(loyalty));\n`);
same("a worker of Node", await new Promise((tell, fail) => new Worker(join(app, "worker.mjs")).once("message", tell).once("error", fail)));
// The binary itself: the package that picks one cannot be locked for every machine.
const deno = join(here, "node_modules/@deno/linux-x64-glibc/deno");
const quiet = { ...process.env, DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1" };
if (existsSync(deno)) same("Deno", run(deno, ["run", "--no-prompt", "--no-remote", "--cached-only", "esm.mjs"], { cwd: app, env: quiet }));
else console.log("Deno: not for this machine");
same("Bun", run(bin("bun"), ["run", "--no-install", "esm.mjs"], { cwd: app }));

// A server renders, without a document.
for (const name of ["react", "react-dom"]) symlinkSync(join(here, "node_modules", name), join(app, "node_modules", name));
assert.equal(run("node", ["slip.mjs"], { cwd: app }), '<p class="given">Full voucher: Rp15.000 (6% x Rp250.000), 15 poin</p>');
console.log("react-dom/server renders an award");

// Types, as a strict project sees them.
writeFileSync(
  join(app, "typed.ts"),
  `import { call, LoyaltyError, Program, type Award } from "loyalty-rules";
import { Program as ProgramOnPage } from "loyalty-rules/program";

const program: Program = Program.parse({ mechanism: "stopwatch", margin_class: "below_15", tier: "plus" });
const award: Award = program.award({ total: 250_000, digit: 5 });
if (award.outcome === "stopped") {
  const nothing: 0 = award.value;
  // @ts-expect-error a stop is never full
  const isFull = award.reason === "full";
  void [nothing, isFull];
}
const value: number = call("money.apply_rate", { amount: 1, rate_bp: 350 }).value;
// @ts-expect-error no such operation
call("money.apply_rat", {});
// @ts-expect-error an amount is a number
call("money.apply_rate", { amount: "1", rate_bp: 350 });
// @ts-expect-error one of them picks the column
program.award({ total: 1, digit: 5, slot: 3 });
// @ts-expect-error no such field
program.award({ total: 1, digt: 5 });
const onPage: ProgramOnPage = program;
// @ts-expect-error no such language
onPage.award({ total: 1, digit: 5 }).explain("fr");
const shares: readonly number[] = call("split.allocate", { amount: 4, weights: [1, 3, 3] }).parts;
const told: string = new LoyaltyError("bad_type", "", { en: "", id: "" }).texts.id;
void [value, shares, told];
`,
);
for (const [module, resolution] of [["NodeNext", "NodeNext"], ["ESNext", "Bundler"]]) {
  run(bin("tsc"), ["--strict", "--noEmit", "--target", "ES2022", "--lib", "ES2022,DOM", "--module", module, "--moduleResolution", resolution, "typed.ts"], { cwd: app });
}
console.log("types: NodeNext and Bundler");

// Each vector as a literal of its operation's types; what is to be refused need not fit them.
const repository = resolve(packageFolder, "../..");
const json = (...path) => JSON.parse(readFileSync(join(repository, ...path), "utf8"));
const vectors = Object.keys(json("docs/schema/operations.schema.json").operations).flatMap((op) =>
  readdirSync(join(repository, "tests/vectors", op)).flatMap((file) => json("tests/vectors", op, file).map((vector) => ({ op, ...vector }))),
);
const literals = vectors.map(({ op, name, in: request, out, error }) => `${error === undefined ? "told" : "refused"}("${op}", ${JSON.stringify({ name, in: request, out, error })});\n`);
writeFileSync(join(app, "vectors-data.ts"), `import { refused, told } from "./vectors-told.js";\n\n${literals.join("")}`);
const types = ["--typeRoots", join(packageFolder, "node_modules/@types"), "--types", "node"];
run(join(packageFolder, "node_modules/.bin/tsc"), ["--strict", "--noUncheckedIndexedAccess", "--target", "ES2022", "--module", "NodeNext", "--outDir", "typed", ...types, "vectors.ts"], { cwd: app });
process.stdout.write(run("node", ["typed/vectors.js"], { cwd: app }));

// Bundlers.
const esbuild = await import("esbuild");
await esbuild.build({ entryPoints: [join(app, "esm.mjs")], bundle: true, minify: true, format: "esm", platform: "node", outfile: join(app, "esbuild/esm.mjs") });
same("esbuild", run("node", ["esbuild/esm.mjs"], { cwd: app }));
const { default: webpack } = await import("webpack");
const packedUp = await new Promise((tell, fail) =>
  webpack({ context: app, entry: "./page.mjs", mode: "production", devtool: false, performance: false, output: { path: join(app, "webpack"), filename: "page.js" } }, (error, stats) =>
    error ? fail(error) : tell(stats),
  ),
);
assert(!packedUp.hasErrors(), packedUp.toString());
const { build } = await import("vite");
const page = (script) => `<!doctype html><meta charset="utf-8"><title>loyalty</title><script type="module" src="${script}"></script>\n`;
writeFileSync(join(app, "index.html"), page("./page.mjs"));
await build({ root: app, base: "./", logLevel: "error", configFile: false, build: { outDir: join(app, "vite") } });

// What imports only programs carries their module and not that of all operations.
const MOST_BYTES = 105_000;
const onPage = { esbuild: join(app, "esbuild/shop.mjs"), webpack: join(app, "webpack/shop.js"), Vite: join(app, "shop/shop.mjs") };
const shop = join(app, "shop.mjs");
await esbuild.build({ entryPoints: [shop], bundle: true, minify: true, format: "esm", outfile: onPage.esbuild });
await new Promise((tell) => webpack({ context: app, entry: shop, mode: "production", devtool: false, performance: false, output: { path: join(app, "webpack"), filename: "shop.js" } }, tell));
await build({ root: app, logLevel: "error", configFile: false, build: { outDir: join(app, "shop"), rollupOptions: { input: shop, output: { entryFileNames: "shop.mjs" } } } });
const part = (module) => {
  const [, base64] = /BASE64 =\s*"([^"]*)"/.exec(readFileSync(join(app, `node_modules/loyalty-rules/dist/esm/generated/${module}_module.js`), "utf8"));
  const middle = base64.length >> 1;
  return base64.slice(middle, middle + 200);
};
for (const [bundler, path] of Object.entries(onPage)) {
  const bundle = readFileSync(path);
  assert(bundle.includes(part("program")), `${bundler} bundles the module of programs`);
  for (const module of ["loyalty", "till", "kernel"]) assert(!bundle.includes(part(module)), `${bundler} bundles ${module}.wasm for nothing`);
  assert.equal(run("node", [path], { cwd: app }), "Full voucher: Rp15.000 (6% x Rp250.000), 15 poin\n");
  const { length } = gzipSync(bundle, { level: 9 });
  assert(length <= MOST_BYTES, `${bundler}: ${length} bytes`);
  console.log(`${bundler}, programs only: ${length} bytes after gzip, at most ${MOST_BYTES}`);
}

// Browsers load modules by address; a worker of the page does, too.
writeFileSync(join(app, "raw.html"), page("./raw.mjs"));
writeFileSync(join(app, "raw.mjs"), readFileSync(join(app, "page.mjs"), "utf8").replace('"loyalty-rules"', '"./node_modules/loyalty-rules/dist/esm/index.js"'));
writeFileSync(join(app, "program.html"), page("./on-page.mjs"));
writeFileSync(join(app, "on-page.mjs"), `import * as loyalty from "./node_modules/loyalty-rules/dist/esm/shop.js";\nimport { rate } from "./rate.mjs";\nglobalThis.answer = rate(loyalty);\n`);
writeFileSync(join(app, "webpack/index.html"), page("./page.js"));
writeFileSync(join(app, "slim.html"), page("./streamed.mjs"));
writeFileSync(
  join(app, "streamed.mjs"),
  `import * as loyalty from "./node_modules/loyalty-rules/dist/esm/slim.js";\nimport { rate } from "./rate.mjs";\n
const module = (name) => WebAssembly.compileStreaming(fetch(\`./node_modules/loyalty-rules/dist/\${name}.wasm\`));
loyalty.init({ loyalty: await module("loyalty"), program: await module("program") });\nglobalThis.answer = rate(loyalty);\n`,
);
writeFileSync(join(app, "worker.html"), page("./from-worker.mjs"));
writeFileSync(join(app, "from-worker.mjs"), `new Worker("./web-worker.mjs", { type: "module" }).onmessage = ({ data }) => (globalThis.answer = data);\n`);
writeFileSync(join(app, "web-worker.mjs"), `import * as loyalty from "./node_modules/loyalty-rules/dist/esm/index.js";\nimport { rate } from "./rate.mjs";\npostMessage(rate(loyalty));\n`);

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; base-uri 'none'";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const server = createServer((request, response) => {
  try {
    const path = join(app, decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    assert(path.startsWith(app));
    const body = readFileSync(path);
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", "content-security-policy": POLICY }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((tell) => server.listen(0, "127.0.0.1", tell));
const { chromium } = await import("playwright-core");
const browser = await chromium.launch({
  executablePath: chromiumPath ?? "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  for (const [host, path, told] of [["a page without bundler", "raw.html"], ["a page without bundler, program", "program.html", expectedOnPage], ["a page that streams its modules", "slim.html"], ["a worker of a page", "worker.html"], ["webpack", "webpack/index.html"], ["Vite", "vite/index.html"]]) {
    const tab = await browser.newPage();
    const problems = [];
    tab.on("console", (message) => message.type() === "error" && !message.location().url.endsWith("favicon.ico") && problems.push(message.text()));
    tab.on("pageerror", (error) => problems.push(String(error)));
    await tab.goto(`http://127.0.0.1:${server.address().port}/${path}`);
    const answer = await tab.waitForFunction(() => globalThis.answer, undefined, { timeout: 30_000 }).catch((error) => assert.fail(`${host}: ${problems.join("; ") || error}`));
    same(`Chromium, ${host}, strict CSP`, await answer.jsonValue(), told);
    assert.deepEqual(problems, [], host);
    await tab.close();
  }
} finally {
  await browser.close();
  server.close();
}
