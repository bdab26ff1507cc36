// Near and far column sums beside the full pass over the same factors: NCE-PLRec's, d = 100, of a generated log with
// 25 clicks a user. One thread, CPU time, interleaved rounds. The default takes about two minutes.
// Usage: npm run build && node bench/columns.mjs [users] [rounds] [gamma] > result.json   (the table goes to stderr)
import { emptyColumnSums, mergeColumnSums } from "../dist/kernels/column-sums.js";
import { loadKernels } from "../dist/kernels/load.js";
import { openCrew } from "../dist/parallel/crew.js";
import { columnBlock, columnBlocks, transportJob } from "../dist/transport/block-work.js";
import { nearFarColumns } from "../dist/transport/columns/near-far.js";
import { fittedLog, machine, printResult, shown, summary, timed } from "./bench.mjs";
import { openNumpy } from "./numpy.mjs";

const ITEMS = 46_110;
const RANK = 100;
const CLICKS = 25;
const SAMPLE = 20;
const [users = 100_000, rounds = 3, gamma = 0.1] = process.argv.slice(2).map(Number);

const { engine } = loadKernels();
const crew = openCrew(0);
const { scores } = await fittedLog({ users, items: ITEMS, rank: RANK, clicks: CLICKS });
const job = transportJob(engine, scores, gamma);
const times = { nearFar: [], full: [] };
const before = machine();
let sums;
let full;
for (let round = 0; round < rounds; round++) {
  const nearFar = await timed(async () => {
    sums = await nearFarColumns(crew, job, {});
  });
  const inFull = await timed(async () => {
    full = emptyColumnSums(ITEMS);
    for (let block = 0; block < columnBlocks(users); block++)
      mergeColumnSums(full, columnBlock({ job, block }));
  });
  times.nearFar.push(nearFar.cpu);
  times.full.push(inFull.cpu);
}
if (sums) await report();
else console.error("Near and far sums do not pay here: nothing to compare.");

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

async function report() {
  const numpy = await openNumpy();
  numpy?.close();
  const seconds = { nearFar: summary(times.nearFar), full: summary(times.full) };
  const ratio = seconds.nearFar.median / seconds.full.median;
  console.error(`${users} x ${ITEMS} x ${RANK}, gamma ${gamma}, ${engine}, ${rounds} rounds, CPU seconds`);
  for (const [name, each] of Object.entries(seconds)) console.error(`${name.padEnd(8)} ${shown(each)}`);
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
  const shape = { users, items: ITEMS, rank: RANK, interactions: users * CLICKS, gamma, rounds };
  const results = { seconds, ratio, certificate: sums.certificate, largestDifference: fromFull, exact };
  printResult("column sums", before, numpy, { engine, shape, results });
}
