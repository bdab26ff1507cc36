// A whole WRMF `fit` (kernel load included) in multiples of Y, the CPU time of numpy's float32 product of two 2048 x 2048
// matrices on one thread. 64 factors, 15 iterations: 80% of ML-100k's ratings of 4 and more, 80% of AMusic, one thread;
// with "large", a generated log of 200,000 x 20,000 and 5M clicks on two. Interleaved rounds, every fit first in a fresh
// process ("first"), then once more ("warm").
// Usage: npm run build && node bench/wrmf.mjs [rounds] [large] > result.json   (the table goes to stderr)
import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { readInteractions, splitInteractions, synthesize, Wrmf } from "../dist/index.js";
import { loadKernels } from "../dist/kernels/load.js";
import { sparseFromPairs } from "../dist/linalg/sparse.js";
import { openNumpy } from "./numpy.mjs";

const CASES = [
  {
    name: "ML-100k, cg",
    log: "ml-100k/u.data",
    options: { minRating: 4 },
    solver: "cg",
    threads: 1,
    most: 1,
  },
  { name: "AMusic, cg", log: "amusic/ratings.tsv", solver: "cg", threads: 1, most: 3.1 },
  {
    name: "ML-100k, cholesky",
    log: "ml-100k/u.data",
    options: { minRating: 4 },
    solver: "cholesky",
    threads: 1,
    most: 4.9,
  },
  { name: "AMusic, cholesky", log: "amusic/ratings.tsv", solver: "cholesky", threads: 1, most: 18.5 },
  { name: "200,000 x 20,000 x 5M, cg", solver: "cg", threads: 2, most: 240 },
];

if (process.argv[2] === "fit") await fitTwice(CASES[process.argv[3]]);
else await main();

async function main() {
  const [rounds = "5", size] = process.argv.slice(2);
  const cases = CASES.filter(({ log }) => (size === "large") === (log === undefined));
  const times = cases.map(({ name, most }) => ({ name, most, first: [], warm: [] }));
  const yardsticks = [];
  for (let round = 0; round < Number(rounds); round++) {
    const numpy = await openNumpy();
    if (!numpy) process.exit(1);
    numpy.close();
    const yardstick = (2 * 2048 ** 3) / numpy.yardstick.gflops / 1e9;
    yardsticks.push(yardstick);
    for (const [index, entry] of cases.entries()) {
      const output = execFileSync(
        process.execPath,
        [fileURLToPath(import.meta.url), "fit", CASES.indexOf(entry)],
        {
          encoding: "utf8",
        },
      );
      const [first, warm] = JSON.parse(output);
      times[index].first.push(first);
      times[index].warm.push(warm);
    }
  }
  const yardstick = median(yardsticks);
  const results = times.map(({ name, most, first, warm }) => ({
    name,
    most,
    seconds: { first, warm },
    timesY: { first: median(first) / yardstick, warm: median(warm) / yardstick },
  }));
  const { engine } = loadKernels();
  console.error(
    `${engine}, Node ${process.version}; Y = ${yardstick.toFixed(3)} CPU s; load ${loadavg()[0].toFixed(1)}`,
  );
  for (const { name, most, seconds, timesY } of results) {
    const range = [Math.min(...seconds.first), Math.max(...seconds.first)].map((time) =>
      (time / yardstick).toFixed(2),
    );
    console.error(
      `${name.padEnd(28)} ${timesY.first.toFixed(2)} Y (${range.join(" .. ")}), warm ${timesY.warm.toFixed(2)} Y, at most ${most}`,
    );
  }
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const machine = {
    cpu: cpus()[0].model,
    cores: cpus().length,
    load: loadavg(),
    node: process.version,
    engine,
    commit,
  };
  console.log(JSON.stringify({ subject: "wrmf", machine, yardsticks, results }, undefined, 2));
}

async function fitTwice({ log, options, solver, threads }) {
  const clicks = log === undefined ? generated() : await eightyPercent(log, options);
  const times = [];
  for (let run = 0; run < 2; run++) {
    const before = process.cpuUsage();
    await new Wrmf({ factors: 64, iterations: 15, solver }).fit(clicks, { threads });
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1e6);
  }
  console.log(JSON.stringify(times));
}

async function eightyPercent(log, options) {
  const path = fileURLToPath(new URL(`../../shared/data/${log}`, import.meta.url));
  return splitInteractions(await readInteractions(path, options), { train: 0.8, test: 0.2, seed: 1 }).train;
}

function generated() {
  const [users, items, interactions] = [200_000, 20_000, 5_000_000];
  const [userOf, itemOf] = [new Uint32Array(interactions), new Uint32Array(interactions)];
  let row = 0;
  for (const block of synthesize({ users, items, interactions, noise: 0.1, seed: 1 }).blocks()) {
    itemOf.set(block.items, row);
    for (let user = 0; user < block.offsets.length - 1; user++) {
      userOf.fill(block.firstUser + user, row + block.offsets[user], row + block.offsets[user + 1]);
    }
    row += block.items.length;
  }
  return { matrix: sparseFromPairs(users, items, userOf, itemOf), items: { size: items } };
}

function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}
