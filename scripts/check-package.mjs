// Packs the package, looks at what came out, installs it in an empty folder and goes a new user's way there: a log with
// messy headers is cleaned, recommended from and held against embeddings, from the command line and as a library.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const LARGEST = 1.5e6;
const MOST_DEPENDENCIES = 14;

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "prorec-package-"));
const folder = join(scratch, "empty");
process.once("exit", () => rmSync(scratch, { recursive: true }));
const run = (cwd, ...command) => {
  console.log(`$ ${command.join(" ")}`);
  execFileSync(command[0], command.slice(1), { cwd, stdio: "inherit" });
};

run(root, "npm", "pack", "--pack-destination", scratch);
const tarball = join(
  scratch,
  readdirSync(scratch).find((name) => name.endsWith(".tgz")),
);
const { size } = statSync(tarball);
assert.ok(size < LARGEST, `The package has ${size} bytes.`);
mkdirSync(folder);
run(folder, "npm", "init", "--yes");
run(folder, "npm", "install", "--no-audit", "--no-fund", tarball);
checkInstalled();

const people = Array.from({ length: 30 }, (_, person) => `00${person}`);
const things = Array.from({ length: 12 }, (_, thing) => `thing ${thing}, new`);
const rows = people.flatMap((person, index) =>
  [0, 1, 2, 3].map((step) => `2024-05-01;"${person}";"${things[(index + step * step) % 12]}";"1.234,50"`),
);
const log = "My clicks (export).csv";
write(log, `\ufeff${['"Session Date";" Customer ID ";Thing;"Price (€)"', ...rows, ""].join("\r\n")}`);

const refused = prorec(3, "denoise", log, "-o", "clean.csv");
assert.match(refused.stderr, /--columns "user=Customer ID,item=NAME"/);
const columns = "user=Customer ID,item=Thing";
prorec(0, "denoise", log, "--columns", columns, "-o", "clean.csv");
const [header, ...cleaned] = read("clean.csv");
assert.match(header, /Customer ID ,Thing,Price \(€\),weight,relevance,match,threshold,rank,noise$/);
assert.equal(cleaned.length, rows.length);

write(
  "prorec.config.json",
  JSON.stringify({ denoise: { columns }, recommend: { columns, model: "ease", user: ["007"] } }),
);
const { recommendations } = JSON.parse(prorec(0, "recommend", "clean.csv", "--json").stdout);
assert.equal(recommendations[0].user, "007");
assert.ok(recommendations[0].items.length > 0);

write("people.npy", npy(people.length));
write("things.npy", npy(things.length));
write("people.txt", `${people.join("\n")}\n`);
write("things.txt", `${things.join("\n")}\n`);
const embeddings = ["--user-embeddings", "people.npy", "--item-embeddings", "things.npy"];
const without = prorec(3, "denoise", log, ...embeddings, "-o", "audit.csv");
assert.match(without.stderr, /--user-ids/);
const ids = ["--user-ids", "people.txt", "--item-ids", "things.txt"];
prorec(0, "denoise", log, ...embeddings, ...ids, "-o", "audit.csv", "--flagged", "flagged.csv");
assert.match(read("flagged.csv")[0], /,reason$/);

const library = `import { readInteractions } from "prorec";
import schema from "prorec/config.schema.json" with { type: "json" };
const clicks = await readInteractions("clean.csv", { item: "Thing" });
if (clicks.size !== ${rows.length} || schema.properties.denoise.properties.gamma.type !== "number") process.exit(1);`;
write("library.mjs", library);
run(folder, process.execPath, "library.mjs");
console.log(`${basename(tarball)}, ${size} bytes: installs, cleans, recommends, audits.`);

function checkInstalled() {
  const { dependencies } = JSON.parse(readFileSync(join(folder, "node_modules/prorec/package.json"), "utf8"));
  const direct = Object.keys(dependencies).length;
  assert.ok(direct <= MOST_DEPENDENCIES, `There are ${direct} direct dependencies.`);
  const lock = JSON.parse(readFileSync(join(folder, "node_modules/.package-lock.json"), "utf8"));
  for (const [name, entry] of Object.entries(lock.packages)) {
    assert.ok(!entry.hasInstallScript, `${name} runs a script when it is installed.`);
  }
  const native = readdirSync(join(folder, "node_modules"), { recursive: true }).filter((path) =>
    /\.node$|binding\.gyp$/.test(path),
  );
  assert.deepEqual(native, [], "Native code is installed.");
  console.log(`${direct} direct dependencies, ${Object.keys(lock.packages).length} packages in all.`);
}

/** Runs the installed program; its exit must be the one expected. */
function prorec(exit, ...args) {
  console.log(`$ npx prorec ${args.join(" ")}`);
  const ended = spawnSync("npx", ["--no-install", "prorec", ...args], { cwd: folder, encoding: "utf8" });
  if (ended.status !== exit) console.error(ended.stderr);
  assert.equal(ended.status, exit);
  return ended;
}

function write(name, content) {
  writeFileSync(join(folder, name), content);
}

function read(name) {
  return readFileSync(join(folder, name), "utf8").trimEnd().split(/\r?\n/);
}

/** Some factors, rank 2, as numpy.save writes them. */
function npy(count) {
  const values = Float32Array.from({ length: 2 * count }, (_, at) => Math.sin(at));
  const shape = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, 2), }`;
  const header = `${shape.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00v\x00", "latin1"),
    Buffer.from(header),
    Buffer.from(values.buffer),
  ]);
}
