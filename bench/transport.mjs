// The complete transport step (items' sums, row pass, split, labels; threads and packing included) beside numpy's bare
// float32 product of the same shapes and a straightforward numpy version of the same method. The same number of threads
// for all, interleaved rounds. NCE-PLRec's factors, d = 100, of a generated log with 25 clicks a user.
// Usage: npm run build && node bench/transport.mjs [rounds] [threads] [rounds of the numpy method] > result.json
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noiseFlags, relabelled, relevanceOf } from "../dist/denoise/relabel.js";
import { popularityMarginals } from "../dist/transport/marginals.js";
import { matchInteractions } from "../dist/transport/match.js";
import { fittedLog, machine, printResult, shown, summary, timed } from "./bench.mjs";
import { openNumpy } from "./numpy.mjs";

const SHAPE = { users: 20_000, items: 46_110, rank: 100, clicks: 25 };
const [GAMMA, BETA, LAMBDA] = [0.1, 20, 0.5];
const [rounds = 7, threads = 2, methodRounds = 1] = process.argv.slice(2).map(Number);

const { matrix, scores } = await fittedLog(SHAPE);
const folder = mkdtempSync(join(tmpdir(), "prorec-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const numpy = await numpyWithLog();
const times = { transport: [], product: [], method: [] };
const before = machine();
let step;
for (let round = 0; round <= rounds; round++) {
  const keep = (name, time) => round > 0 && times[name].push(time);
  keep(
    "transport",
    await timed(async () => {
      step = await transport();
    }),
  );
  if (numpy) keep("product", await numpy.ask({ name: "product" }));
}
for (let round = 0; numpy && round < methodRounds; round++) {
  const settings = { gamma: GAMMA, beta: BETA, kept_share: LAMBDA };
  times.method.push(await numpy.ask({ name: "method", settings, flags: join(folder, "flags") }));
}
numpy?.close();
report();

/** numpy, with the log in its memory. */
async function numpyWithLog() {
  const numpy = await openNumpy(threads);
  const arrays = { users: scores.userFactors, items: scores.itemFactors, ...matrix };
  for (const name of ["users", "items", "offsets", "indices"])
    writeFileSync(join(folder, name), arrays[name]);
  await numpy?.ask({ name: "read", folder, shape: SHAPE });
  return numpy;
}

async function transport() {
  const matching = await matchInteractions(scores, matrix, popularityMarginals(matrix), {
    gamma: GAMMA,
    side: "relaxed",
    threshold: "personal",
    threads,
  });
  const relevance = relevanceOf(matching, matrix.offsets, BETA);
  return {
    matching,
    labels: relabelled(matrix.values, relevance, LAMBDA),
    flags: noiseFlags(matching, matrix.offsets),
  };
}

function report() {
  const { engine, certificate, scoreRange } = step.matching;
  const seconds = {};
  console.error(
    `${SHAPE.users} x ${SHAPE.items} x ${SHAPE.rank}, gamma ${GAMMA}, ${engine}, ${threads} threads, node ${process.version}`,
  );
  for (const [name, all] of Object.entries(times).filter(([, all]) => all.length > 0)) {
    seconds[name] = {
      wall: summary(all.map(({ wall }) => wall)),
      cpu: summary(all.map(({ cpu }) => cpu)),
    };
    console.error(`${name.padEnd(10)} wall ${shown(seconds[name].wall)}   CPU ${shown(seconds[name].cpu)}`);
  }
  const ratio = (kind, name) => seconds.transport[kind].median / seconds[name][kind].median;
  const results = { seconds, certificate, scoreRange };
  if (numpy) {
    results.timesProduct = { wall: ratio("wall", "product"), cpu: ratio("cpu", "product") };
    console.error(
      `x product  wall ${results.timesProduct.wall.toFixed(2)}   CPU ${results.timesProduct.cpu.toFixed(2)}`,
    );
  }
  if (times.method.length > 0) {
    results.fasterThanMethod = { wall: 1 / ratio("wall", "method"), cpu: 1 / ratio("cpu", "method") };
    const flags = readFileSync(join(folder, "flags"));
    results.differingFlags = step.flags.reduce((sum, flag, at) => sum + (flag === flags[at] ? 0 : 1), 0);
    console.error(
      `faster than the numpy method  wall ${results.fasterThanMethod.wall.toFixed(1)}   CPU ${results.fasterThanMethod.cpu.toFixed(1)}; ` +
        `${results.differingFlags} of ${step.flags.length} flags differ`,
    );
  }
  const shape = { ...SHAPE, gamma: GAMMA, threads, rounds, methodRounds };
  printResult("transport step", before, numpy, { engine, shape, results });
}
