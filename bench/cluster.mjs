// What a block costs on a cluster beyond its work: many blocks of almost no work by one worker of one thread, over Redis and a
// folder, all on this machine. Needs redis-server and `npm run build`. node bench/cluster.mjs [blocks]
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openClusterCrew } from "../dist/cluster/crew.js";
import { openCrew } from "../dist/parallel/crew.js";
import { squaresTask } from "../dist/transport/columns/near-far-work.js";

const blocks = Number(process.argv[2] ?? 500);
const folder = mkdtempSync(join(tmpdir(), "prorec-bench-"));
const port = await freePort();
const keep = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"];
const redis = spawn("redis-server", ["--port", `${port}`, "--dir", folder, ...keep], { stdio: "ignore" });
await pause(1000);
const where = { cluster: `redis://127.0.0.1:${port}`, store: folder };
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const words = ["worker", "--cluster", where.cluster, "--store", folder, "--threads", "1"];
const worker = spawn(process.execPath, [main, ...words], { stdio: ["ignore", "ignore", "pipe"] });
await new Promise((resolve) => worker.stderr.once("data", resolve));

const crew = await openClusterCrew({ ...where, threads: 1, note: console.error });
const own = openCrew(0);
await timed(crew, 20, 0); // warm
const rounds = [];
const cpuBefore = cpuSeconds();
for (let round = 1; round <= 5; round++) {
  const [here, there] = [await timed(own, blocks, round), await timed(crew, blocks, round)];
  rounds.push((there - here) / blocks);
}
const cpu = (1000 * (cpuSeconds() - cpuBefore)) / (rounds.length * blocks);
rounds.sort((left, right) => left - right);
const payload = JSON.stringify({ task: squaresTask.name, job: "0".repeat(64), block: blocks }).length;
console.log(
  JSON.stringify({
    blocks,
    millisecondsABlock: { median: rounds[2], least: rounds[0], most: rounds[4] },
    cpuMillisecondsABlock: cpu,
    payloadBytes: payload,
    load: loadavg()[0],
  }),
);
await crew.close();
worker.kill("SIGKILL");
redis.kill("SIGKILL");
rmSync(folder, { recursive: true, force: true });

/** Milliseconds of a job of so many blocks, a row of one number each; no two rounds have the same job. */
async function timed(on, count, round) {
  const rows = Float32Array.from({ length: count }, (_, row) => row + round / 10);
  const cuts = Uint32Array.from({ length: count + 1 }, (_, cut) => cut);
  const started = performance.now();
  await on.run(squaresTask, { engine: "simd128", rows, width: 1, cuts }, count, { stage: "squares" });
  return performance.now() - started;
}

/** Of the run, the worker and Redis; Linux counts in hundredths. */
function cpuSeconds() {
  const ticks = [redis.pid, worker.pid, process.pid].map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
