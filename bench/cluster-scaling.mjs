// CPU time of 1, 2 and 4 workers of one thread each for the same run over Redis and a folder, in interleaved rounds with one
// process without a cluster beside them; what share is not parallel; and the longest stall of an event loop. Needs redis-server
// and `npm run build`. A worker's CPU time has its start in it. node bench/cluster-scaling.mjs [rounds]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const rounds = Number(process.argv[2] ?? 3);
const folder = mkdtempSync(join(tmpdir(), "prorec-bench-"));
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const preload = new URL("./stalls.mjs", import.meta.url).href;
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const log = join(folder, "log.csv");
const shape = { users: 80_000, items: 24_000, interactions: 2_000_000, factors: 100, model: "svd" };
const { users, items, interactions, factors, model } = shape;
await prorec("synth", "--users", users, "--items", items, "--interactions", interactions, "-o", log);
const denoise = ["denoise", log, "-o", join(folder, "out.csv"), "--model", model, "--factors", factors];

const measured = { alone: [], 1: [], 2: [], 4: [] };
let expected;
for (let round = 0; round < rounds; round++) {
  measured.alone.push({ run: await prorec(...denoise, "--threads", 1) });
  expected ??= readFileSync(join(folder, "out.csv"));
  for (const workers of [1, 2, 4]) measured[workers].push(await onCluster(workers));
}
const all = [1, 2, 4].flatMap((workers) => measured[workers]);
const most = (values) => Math.max(...values);
const totalOf = ({ run, workers = [] }) => workers.reduce((sum, { cpu }) => sum + cpu, run.cpu);
const result = {
  shape,
  rounds,
  node: process.version,
  processors: cpus().length,
  load: loadavg()[0],
  cpuSeconds: Object.fromEntries(
    Object.entries(measured).map(([name, each]) => [
      name,
      { total: spread(each.map(totalOf)), run: spread(each.map(({ run }) => run.cpu)) },
    ]),
  ),
  shareOfTheRun: spread(measured[1].map((each) => each.run.cpu / totalOf(each))),
  longestStallMilliseconds: {
    worker: most(all.flatMap(({ workers }) => workers.map(({ longestStall }) => longestStall))),
    run: most(all.map(({ run }) => run.longestStall)),
    aThirdOfTheLock: 8000 / 3,
  },
};
writeFileSync(
  new URL("./results/cluster-scaling.json", import.meta.url),
  `${JSON.stringify(result, null, 2)}\n`,
);
console.log(JSON.stringify(result, null, 2));

/** A run with a Redis, a store and workers of its own. */
async function onCluster(count) {
  const place = mkdtempSync(join(folder, "cluster-"));
  const port = await freePort();
  const keep = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"];
  const redis = begin("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", place, ...keep]);
  await pause(1000);
  const store = join(place, "store");
  mkdirSync(store);
  const where = ["--cluster", `redis://127.0.0.1:${port}`, "--store", store];
  const workers = Array.from({ length: count }, () => node("worker", ...where, "--threads", 1));
  await Promise.all(workers.map((worker) => once(worker.stderr, "data")));
  const run = await prorec(...denoise, ...where);
  if (!readFileSync(join(folder, "out.csv")).equals(expected))
    throw new Error("Other bytes than one process's.");
  for (const worker of workers) worker.kill("SIGTERM");
  await Promise.all(workers.map((worker) => once(worker, "exit")));
  redis.kill("SIGKILL");
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
  return { run, workers: workers.map(toldBy) };
}

async function prorec(...words) {
  const child = node(...words);
  const [exit] = await once(child, "exit");
  if (exit !== 0) throw new Error(`prorec ${words.join(" ")} ended with ${exit}.`);
  return toldBy(child);
}

function node(...words) {
  return begin(process.execPath, ["--import", preload, main, ...words.map(String)]);
}

function begin(program, words) {
  const env = { ...process.env, PROREC_STALLS: folder };
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"], env });
  child.stderr.resume();
  running.add(child);
  child.on("exit", () => running.delete(child));
  return child;
}

function toldBy({ pid }) {
  return JSON.parse(readFileSync(join(folder, `${pid}.json`), "utf8"));
}

function spread(values) {
  const sorted = values.toSorted((left, right) => left - right);
  return { median: sorted[sorted.length >> 1], least: sorted[0], most: sorted.at(-1) };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
