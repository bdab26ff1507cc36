// How near and far column sums compare with the full ones: share of the pairs summed, error against certificate, and
// labels that differ, for tolerances around the default. NCE-PLRec factors, d = 100.
//   npm run setup && node experiments/column-certificate.mjs      (needs ../shared/data; about three minutes)
import { writeFile } from "node:fs/promises";
import { interactionsFromPairs, NcePlrec, readInteractions, synthesize } from "../dist/index.js";
import { emptyColumnSums, mergeColumnSums } from "../dist/kernels/column-sums.js";
import { loadKernels } from "../dist/kernels/load.js";
import { openCrew } from "../dist/parallel/crew.js";
import { markdownTable } from "../dist/report/table.js";
import { columnBlock, columnBlocks, rowBlock, rowBlocks, transportJob } from "../dist/transport/block-work.js";
import { popularityMarginals } from "../dist/transport/marginals.js";
import { nearFarColumns, TOLERANCE } from "../dist/transport/near-far.js";

const GAMMAS = [0.05, 0.1, 0.175];
const TOLERANCES = [1e-3, 1e-4, 1e-5];
const SYNTHETIC = { users: 20_000, items: 10_000, interactions: 500_000, noise: 0.1, seed: 1 };
const LOGS = {
  "ml-100k": () => readInteractions(shared("ml-100k/u.data"), { minRating: 4 }),
  amusic: () => readInteractions(shared("amusic/ratings.tsv")),
  atoy: () => readInteractions(shared("atoy/ratings.tsv")),
  "synthetic 20,000 x 10,000": () => interactionsFromPairs(pairsOf(synthesize(SYNTHETIC))),
};

const crew = openCrew(0);
const { engine } = loadKernels();
const results = [];
for (const [log, open] of Object.entries(LOGS)) {
  const { matrix, scores } = await new NcePlrec().fit(await open()).then((model) => ({ matrix: model.interactions.matrix, scores: model.scores }));
  for (const gamma of GAMMAS) await compareAt(log, matrix, scores, gamma);
}
await writeFile(
  new URL("results/column-certificate.json", import.meta.url),
  `${JSON.stringify({ defaultTolerance: TOLERANCE, node: process.version, engine, synthetic: SYNTHETIC, results }, null, 1)}\n`,
);
console.log(table());

async function compareAt(log, matrix, scores, gamma) {
  const { users, items } = scores;
  const job = transportJob(engine, scores, gamma);
  const full = emptyColumnSums(items);
  for (let block = 0; block < columnBlocks(users); block++) mergeColumnSums(full, columnBlock({ job, block }));
  const exact = labels(job, matrix, full);
  const usedByDefault = (await nearFarColumns(crew, job, {})) !== undefined;
  for (const tolerance of TOLERANCES) {
    const { columns, certificate } = await nearFarColumns(crew, job, {}, { tolerance, always: true });
    const errors = Array.from(columns.sums, (_, item) => Math.abs(Math.expm1(log2(columns, item) - log2(full, item))));
    const own = labels(job, matrix, columns);
    const differing = Object.fromEntries(
      Object.keys(exact).map((side) => [
        side,
        {
          labels: count(exact[side].noise, own[side].noise),
          kappas: count(exact[side].kappa, own[side].kappa),
        },
      ]),
    );
    results.push({
      ...{ log, users, items, interactions: matrix.indices.length, gamma, tolerance, usedByDefault },
      nearShare: certificate.nearShare,
      certifiedError: certificate.error,
      largestError: Math.max(...errors),
      differing,
    });
  }
}

/** Flags and kappas of all interactions and users, for the plan of both sides and of the items' alone. */
function labels(job, matrix, columns) {
  const { users, items } = popularityMarginals(matrix);
  return Object.fromEntries(
    [["relaxed", users], ["item-side", undefined]].map(([side, userShares]) => {
      const out = emptyMatches(matrix);
      // A new job for every pass, so that the kernel takes up these columns.
      const { engine, scores, gamma } = job;
      const pass = { ...transportJob(engine, scores, gamma), matrix, items: { columns, shares: items }, userShares, out };
      for (let block = 0; block < rowBlocks(matrix.rows); block++) rowBlock({ job: pass, block });
      const noise = out.match.map((match, entry) => match < out.threshold[rowOf(matrix, entry)]);
      return [side, { noise, kappa: out.kappa }];
    }),
  );
}
