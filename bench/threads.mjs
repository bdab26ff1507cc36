// The transport step on two threads beside one: CPU time of all threads together, and wall time, which says little where
// other work has the cores. Also with the items' sums in full. Interleaved rounds.
// Usage: npm run build && node bench/threads.mjs [rounds] [users] > result.json   (the table goes to stderr)
import { popularityMarginals } from "../dist/transport/marginals.js";
import { matchInteractions } from "../dist/transport/match.js";
import { fittedLog, machine, printResult, shown, summary, timed } from "./bench.mjs";
import { openNumpy } from "./numpy.mjs";

const [rounds = 5, users = 10_000] = process.argv.slice(2).map(Number);
const SHAPE = { users, items: 46_110, rank: 100, clicks: 25 };
const GAMMA = 0.1;

const { matrix, scores } = await fittedLog(SHAPE);
const numpy = await openNumpy();
numpy?.close();
const before = machine();
const kinds = { nearFar: false, full: true };
const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, { 1: [], 2: [] }]));
let engine;
for (let round = 0; round <= rounds; round++) {
  for (const [kind, exactColumns] of Object.entries(kinds)) {
    for (const threads of [1, 2]) {
      const time = await timed(async () => {
        const options = { gamma: GAMMA, side: "relaxed", threshold: "personal", threads, exactColumns };
        ({ engine } = await matchInteractions(scores, matrix, popularityMarginals(matrix), options));
      });
      if (round > 0) times[kind][threads].push(time);
    }
  }
}
const results = Object.fromEntries(
  Object.entries(times).map(([kind, byThreads]) => [kind, compare(byThreads)]),
);
console.error(
  `${SHAPE.users} x ${SHAPE.items} x ${SHAPE.rank}, ${engine}, ${rounds} rounds, two threads over one`,
);
for (const [kind, { cpu, wall, cpuRatio, wallRatio }] of Object.entries(results)) {
  console.error(`${kind.padEnd(8)} CPU ${shown(cpu[1])} -> ${shown(cpu[2])}, ratio ${cpuRatio.toFixed(3)}`);
  console.error(`${"".padEnd(8)} wall ${shown(wall[1])} -> ${shown(wall[2])}, ratio ${wallRatio.toFixed(3)}`);
}
printResult("threads", before, numpy, { engine, shape: { ...SHAPE, gamma: GAMMA, rounds }, results });

function compare(byThreads) {
  const of = (name) =>
    Object.fromEntries(
      [1, 2].map((threads) => [threads, summary(byThreads[threads].map((time) => time[name]))]),
    );
  const [wall, cpu] = [of("wall"), of("cpu")];
  return { wall, cpu, cpuRatio: cpu[2].median / cpu[1].median, wallRatio: wall[2].median / wall[1].median };
}
