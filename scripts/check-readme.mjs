// Runs what README.md shows: every ```sh block right after a line `<!-- run -->`, in order, in a scratch copy of
// the working tree with ../shared beside it.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = [...readme.matchAll(/^<!-- run -->\n```sh\n(.*?)^```$/gms)].map((match) => match[1]);
if (blocks.length === 0) throw new Error("README.md marks no block to be run");

const scratch = mkdtempSync(join(tmpdir(), "prorec-readme-"));
process.once("exit", () => rmSync(scratch, { recursive: true }));
const copy = join(scratch, "prorec");
mkdirSync(copy);
const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
});
const files = listed
  .toString()
  .split("\0")
  .filter((path) => path !== "" && existsSync(join(root, path)));
const built = ["node_modules", "dist", ".setup", "src/kernels/binaries.generated.ts"];
execFileSync(
  "cp",
  ["-a", "--parents", ...files, ...built.filter((path) => existsSync(join(root, path))), copy],
  { cwd: root },
);
const shared = join(dirname(root), "shared");
if (existsSync(shared)) symlinkSync(shared, join(scratch, "shared"));

const failures = blocks.filter((block) => {
  console.log(`\n${block.trimEnd().replace(/^/gm, "$ ")}`);
  return spawnSync("bash", ["-euo", "pipefail", "-c", block], { cwd: copy, stdio: "inherit" }).status !== 0;
});
for (const block of failures) console.error(`\nREADME.md shows a command that fails:\n${block}`);
console.log(`${blocks.length - failures.length} of ${blocks.length} blocks of README.md ran.`);
process.exitCode = failures.length > 0 ? 1 : 0;
