// Makes a fresh clone ready for `npm run demo` and `npm test`: checks Node, installs what package-lock.json
// names, builds dist/. Does only what is out of date. Built-ins only: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
checkNode();
await underLock(() => {
  const tools = [process.version, process.platform, process.arch, readFileSync("package-lock.json")];
  bringUpToDate("install", hash(tools), ["node_modules/.package-lock.json"], install);
  const sources = ["src", "assembly", "web"].flatMap(sourceFiles);
  const settings = readdirSync(".").filter((name) => /^(package|tsconfig.*)\.json$/.test(name));
  const builders = readdirSync("scripts").filter((name) => name.startsWith("build"));
  const parts = [...settings, ...builders.map((name) => join("scripts", name)), ...sources].sort();
  const build = hash([...tools, ...parts.flatMap((path) => [path, readFileSync(path)])]);
  bringUpToDate(
    "build",
    build,
    ["dist/cli/main.js", "dist/web/index.html", "src/kernels/binaries.generated.ts"],
    () =>
      runNode(
        "Building",
        ["scripts/build.mjs"],
        "Correct what it names above, then run the same command again.",
      ),
  );
});

/** Refuses a Node that package.json's `engines` excludes, in words. Reads ranges like "^20.19.0 || >=24". */
function checkNode() {
  const wanted = JSON.parse(readFileSync("package.json", "utf8")).engines.node;
  const [major, ...rest] = process.versions.node.split(".").map(Number);
  const fits = wanted.split("||").some((range) => {
    const [, operator, version] = /^(\^|>=)([\d.]+)$/.exec(range.trim());
    const [lowestMajor, ...lowest] = version.split(".").map(Number);
    if (major !== lowestMajor) return operator === ">=" && major > lowestMajor;
    const difference = lowest.map((part, index) => rest[index] - part).find((part) => part !== 0);
    return (difference ?? 0) >= 0;
  });
  if (fits) return;
  stop(
    `ProRec needs Node ${wanted}; this is ${process.versions.node}.`,
    "Install one that fits: https://nodejs.org",
  );
}

/** Runs `work` unless the stamp of the last time it succeeded says that nothing changed since. */
function bringUpToDate(name, digest, outputs, work) {
  const stamp = join(".setup", name);
  if (outputs.every(existsSync) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  rmSync(stamp, { force: true });
  work();
  writeFileSync(stamp, digest);
}

function install() {
  const npm = process.env.npm_execpath;
  if (npm === undefined) stop("The packages are not installed yet.", "Start this through npm: npm run setup");
  const hint = "Check the connection to npm's registry (npm ping), then run the same command again.";
  runNode("Installing", [npm, "ci", "--include=dev"], hint);
}

function runNode(step, args, hint) {
  console.error(`${step} ...`);
  const started = performance.now();
  const { status, signal } = spawnSync(process.execPath, args, { stdio: ["ignore", 2, 2] });
  if (status !== 0) stop(`${step} failed (${signal ?? `exit ${status}`}): node ${args.join(" ")}`, hint);
  console.error(`${step} took ${((performance.now() - started) / 1000).toFixed(1)} s.`);
}

/** Every file of the folder that the build reads: not tests, nor what the build itself generates. */
function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.(test|generated)\.ts$/.test(entry.name) ? [] : [path];
  });
}

function hash(parts) {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(createHash("sha256").update(part).digest());
  return digest.digest("hex");
}

/**
 * One set-up at a time. The lock is a folder that holds one file, named after the process that has it. A single
 * rename takes it (the folder into place, or a dead holder's file to our name), so that two can't both succeed.
 */
async function underLock(work) {
  const lock = join(".setup", "lock");
  const own = join(".setup", `lock-${process.pid}`);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, String(process.pid)), "");
  for (let waited = 0; !take(lock, own); waited++) {
    if (waited === 0) console.error("Waiting for another npm command that is setting up ...");
    if (waited === 3000) stop("Waited ten minutes for another set-up.", `If none is running, remove ${lock}`);
    await pause(200);
  }
  process.once("exit", () => {
    renameSync(lock, own);
    rmSync(own, { recursive: true });
  });
  work();
}

function take(lock, own) {
  try {
    renameSync(own, lock);
    return true;
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(error.code)) throw error;
  }
  try {
    const [holder] = readdirSync(lock);
    if (holder === undefined || isRunning(Number(holder))) return false;
    renameSync(join(lock, holder), join(lock, String(process.pid)));
  } catch {
    return false; // released, or taken by another, in between
  }
  rmSync(own, { recursive: true });
  return true;
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code !== "ESRCH";
  }
}

function stop(problem, hint) {
  console.error(`\n${problem}\n  ${hint}`);
  process.exit(1);
}
