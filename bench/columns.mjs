// Near and far column sums beside the full pass over the same factors: NCE-PLRec's, d = 100, of a generated log with
// 25 clicks a user. One thread, CPU time, interleaved rounds. The default takes about two minutes.
// Usage: npm run build && node bench/columns.mjs [users] [rounds] [gamma] > result.json   (the table goes to stderr)
import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { NcePlrec, synthesize } from "../dist/index.js";
import { emptyColumnSums, mergeColumnSums } from "../dist/kernels/column-sums.js";
import { loadKernels } from "../dist/kernels/load.js";
import { sparseFromPairs } from "../dist/linalg/sparse.js";
import { openCrew } from "../dist/parallel/crew.js";
import { columnBlock, columnBlocks, transportJob } from "../dist/transport/block-work.js";
import { nearFarColumns } from "../dist/transport/near-far.js";

const ITEMS = 46_110;
const RANK = 100;
const CLICKS = 25;
const SAMPLE = 20;
const [users = 100_000, rounds = 3, gamma = 0.1] = process.argv.slice(2).map(Number);

const { engine } = loadKernels();
const crew = openCrew(0);
const scores = await fitted();
const job = transportJob(engine, scores, gamma);
const seconds = { nearFar: [], full: [] };
let sums;
let full;
for (let round = 0; round < rounds; round++) {
  await timed("nearFar", async () => {
    sums = await nearFarColumns(crew, job, {});
  });
  await timed("full", async () => {
    full = emptyColumnSums(ITEMS);
    for (let block = 0; block < columnBlocks(users); block++)
      mergeColumnSums(full, columnBlock({ job, block }));
  });
}
if (sums) report();
else console.error("Near and far sums do not pay here: nothing to compare.");

/** Factors of a generated log. */
async function fitted() {
  const interactions = users * CLICKS;
  const [userOf, itemOf] = [new Uint32Array(interactions), new Uint32Array(interactions)];
  let row = 0;
  for (const { firstUser, offsets, items } of synthesize({
    users,
    items: ITEMS,
    interactions,
    noise: 0.1,
    seed: 1,
  }).blocks()) {
    itemOf.set(items, row);
    for (let user = 0; user < offsets.length - 1; user++) {
      userOf.fill(firstUser + user, row + offsets[user], row + offsets[user + 1]);
    }
    row += items.length;
  }
  const matrix = sparseFromPairs(users, ITEMS, userOf, itemOf);
  return (await new NcePlrec({ factors: RANK }).fit({ matrix }, { threads: cpus().length })).scores;
}

async function timed(name, work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  seconds[name].push((user + system) / 1e6);
}

/** log of an item's sum over the users, in float64. */
function exactLog(item) {
  const { userFactors, itemFactors } = scores;
  const x = Float64Array.from({ length: users }, (_, user) => {
    let sum = 0;
    for (let k = 0; k < RANK; k++) sum += userFactors[user * RANK + k] * itemFactors[item * RANK + k];
    return sum / gamma;
  });
  const peak = x.reduce((most, value) => Math.max(most, value));
  return peak + Math.log(x.reduce((sum, value) => sum + Math.exp(value - peak), 0));
}

function logOf(columns, item) {
  return Math.log(columns.sums[item]) + columns.exponents[item] * Math.LN2;
}

function report() {
  const summary = (times) => ({ median: median(times), least: Math.min(...times), most: Math.max(...times) });
  const shown = { nearFar: summary(seconds.nearFar), full: summary(seconds.full) };
  const ratio = shown.nearFar.median / shown.full.median;
  console.error(`${users} x ${ITEMS} x ${RANK}, gamma ${gamma}, ${engine}, ${rounds} rounds, CPU seconds`);
  for (const [name, { median, least, most }] of Object.entries(shown)) {
    console.error(`${name.padEnd(8)} ${median.toFixed(2)} (${least.toFixed(2)} .. ${most.toFixed(2)})`);
  }
  console.error(`ratio    ${ratio.toFixed(4)}`);
  const items = Array.from({ length: SAMPLE }, (_, place) => Math.floor(((place + 0.5) * ITEMS) / SAMPLE));
  const exact = items.map((item) => ({
    item,
    certified: sums.errors[item],
    error: Math.abs(Math.expm1(logOf(sums.columns, item) - exactLog(item))),
  }));
  const fromFull = sums.errors.reduce(
    (most, _, item) => Math.max(most, Math.abs(Math.expm1(logOf(sums.columns, item) - logOf(full, item)))),
    0,
  );
  console.error(
    `near share ${sums.certificate.nearShare.toFixed(4)}, certified ${sums.certificate.error.toExponential(2)}, largest difference from the full sums ${fromFull.toExponential(2)}`,
  );
  const machine = {
    cpu: cpus()[0].model,
    cores: cpus().length,
    load: loadavg(),
    node: process.version,
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  };
  const shape = { users, items: ITEMS, rank: RANK, interactions: users * CLICKS, gamma, rounds };
  const results = {
    seconds: shown,
    ratio,
    certificate: sums.certificate,
    largestDifference: fromFull,
    exact,
  };
  console.log(JSON.stringify({ subject: "column sums", machine, engine, shape, results }, undefined, 2));
}

function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}
