// Exact and entropic plans between users and items: costs are the negative scores of a rank-64 SVD of a log, marginals
// the popularity, gamma .1. One thread, CPU time, each beside Y: numpy's float32 2048^3 product in the same round.
// Usage: npm run build && node bench/transports.mjs LOG [min-rating] [rounds] > result.json   (the table goes to stderr)
import { execFileSync, spawn } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { createInterface } from "node:readline";
import { emd, readInteractions, Svd, sinkhorn, transport } from "../dist/index.js";
import { fillScores } from "../dist/scores.js";
import { popularityMarginals } from "../dist/transport/marginals.js";

const [path, minRating = "0", rounds = "5"] = process.argv.slice(2);
const interactions = await readInteractions(path, Number(minRating) ? { minRating: Number(minRating) } : {});
const { matrix } = interactions;
const { scores } = await new Svd({ factors: 64 }).fit(interactions);
const { users, items } = scores;
const cost = new Float32Array(users * items);
fillScores(scores, 0, users, cost);
for (let at = 0; at < cost.length; at++) cost[at] = -cost[at];
const dense = { cost, rows: users, columns: items };
const marginals = popularityMarginals(matrix);
const work = {
  emd: () => transport(dense, marginals, emd()),
  sinkhorn: () => transport(dense, marginals, sinkhorn({ gamma: 0.1, tolerance: 1e-9 })),
  matrixFree: () => transport(scores, marginals, sinkhorn({ gamma: 0.1 })),
};

const numpy = openYardstick();
const found = Object.fromEntries(Object.keys(work).map((name) => [name, { seconds: [], multiples: [] }]));
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, run] of Object.entries(work)) {
    const yardstick = await numpy.product();
    const before = process.cpuUsage();
    const { status, cost, marginalError, gap, iterations } = await run();
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    found[name].seconds.push(seconds);
    found[name].multiples.push(seconds / yardstick);
    Object.assign(found[name], { status, cost, marginalError, gap, iterations });
  }
}
numpy.close();
console.error(`${users} x ${items}, ${rounds} rounds, load ${loadavg()[0].toFixed(1)}`);
for (const [name, { seconds, multiples, iterations, marginalError }] of Object.entries(found)) {
  const spread = `${Math.min(...multiples).toFixed(2)} .. ${Math.max(...multiples).toFixed(2)}`;
  console.error(
    `${name.padEnd(11)} ${median(multiples).toFixed(2)} Y (${spread}), ${median(seconds).toFixed(3)} s, ${iterations} iterations, marginal error ${marginalError.toExponential(1)}`,
  );
}
const machine = {
  cpu: cpus()[0].model,
  load: loadavg(),
  node: process.version,
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  peakBytes: process.resourceUsage().maxRSS * 1024,
};
console.log(
  JSON.stringify({ subject: "transports", machine, shape: { users, items }, results: found }, undefined, 2),
);

/** numpy's product in a process of its own, on one thread: its CPU seconds each time it is asked. */
function openYardstick() {
  const program = `
import sys, time
import numpy as np
rng = np.random.default_rng(1)
a, b = rng.random((2048, 2048), np.float32), rng.random((2048, 2048), np.float32)
out = np.empty_like(a)
for line in sys.stdin:
    start = time.process_time()
    np.matmul(a, b, out=out)
    print(time.process_time() - start, flush=True)
`;
  const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
  const child = spawn("python3", ["-c", program], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async product() {
      child.stdin.write("\n");
      return Number((await lines.next()).value);
    },
    close: () => child.stdin.end(),
  };
}

function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}
