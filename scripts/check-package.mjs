// Packs the package, installs the tarball in an empty folder and cleans a small log with it, as a user would.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "prorec-package-"));
const folder = join(scratch, "empty");
process.once("exit", () => rmSync(scratch, { recursive: true }));
const run = (cwd, ...command) => {
  console.log(`$ ${command.join(" ")}`);
  execFileSync(command[0], command.slice(1), { cwd, stdio: "inherit" });
};

run(root, "npm", "pack", "--pack-destination", scratch);
const tarball = readdirSync(scratch).find((name) => name.endsWith(".tgz"));
mkdirSync(folder);
run(folder, "npm", "install", join(scratch, tarball));
const installed = JSON.parse(readFileSync(join(folder, "node_modules/.package-lock.json"), "utf8")).packages;
for (const [name, entry] of Object.entries(installed)) {
  if (entry.hasInstallScript) throw new Error(`${name} runs a script when it is installed`);
}

const users = ["ann", "ben", "cy", "dee", "eve"];
const rows = users.flatMap((user, index) => [0, 1, 2].map((step) => `${user},film ${(index + step) % 6}`));
writeFileSync(join(folder, "clicks.csv"), ["user,item", ...rows, ""].join("\n"));
run(folder, "npx", "--no-install", "prorec", "denoise", "clicks.csv", "-o", "clean.csv");

const [header, ...cleaned] = readFileSync(join(folder, "clean.csv"), "utf8").trimEnd().split(/\r?\n/);
if (header !== "user,item,weight,relevance,match,threshold,rank,noise" || cleaned.length !== rows.length) {
  throw new Error(`clean.csv is not what was asked for: ${cleaned.length} rows under ${header}`);
}
console.log(`${cleaned.length} rows cleaned by the installed package.`);
