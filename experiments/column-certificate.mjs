// How near and far column sums compare with the full ones: share of the pairs summed, error against certificate, and
// labels that differ, for tolerances around the default. NCE-PLRec factors, d = 100.
//   npm run setup && node experiments/column-certificate.mjs      (needs ../shared/data; about three minutes)
import { writeFile } from "node:fs/promises";
import { interactionsFromPairs, NcePlrec, readInteractions, synthesize } from "../dist/index.js";
import { emptyColumnSums, mergeColumnSums } from "../dist/kernels/column-sums.js";
import { loadKernels } from "../dist/kernels/load.js";
import { openCrew } from "../dist/parallel/crew.js";
import { markdownTable, percent } from "../dist/report/table.js";
import {
  columnBlock,
  columnBlocks,
  rowBlock,
  rowBlocks,
  transportJob,
} from "../dist/transport/block-work.js";
import { nearFarColumns, TOLERANCE } from "../dist/transport/columns/near-far.js";
import { popularityMarginals } from "../dist/transport/marginals.js";

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
  const { interactions, scores } = await new NcePlrec().fit(await open());
  for (const gamma of GAMMAS) await compareAt(log, interactions.matrix, scores, gamma);
}
await writeFile(
  new URL("results/column-certificate.json", import.meta.url),
  `${JSON.stringify({ defaultTolerance: TOLERANCE, node: process.version, engine, synthetic: SYNTHETIC, results }, null, 1)}\n`,
);
print();

async function compareAt(log, matrix, scores, gamma) {
  const { users, items } = scores;
  const job = transportJob(engine, scores, gamma);
  const full = sumInFull(job);
  const exact = labels(job, matrix, full);
  const about = { log, users, items, interactions: matrix.indices.length, gamma };
  const usedByDefault = (await nearFarColumns(crew, job, {})) !== undefined;
  for (const tolerance of TOLERANCES) {
    const { columns, certificate } = await nearFarColumns(crew, job, {}, { tolerance, always: true });
    results.push({
      ...about,
      tolerance,
      usedByDefault,
      nearShare: certificate.nearShare,
      certifiedError: certificate.error,
      largestError: Math.max(
        ...columns.sums.map((_, item) => Math.abs(Math.expm1(logOf(columns, item) - logOf(full, item)))),
      ),
      differing: differences(exact, labels(job, matrix, columns)),
    });
  }
  if (engine === "simd128") return;
  const other = transportJob("simd128", scores, gamma);
  const differing = differences(exact, labels(other, matrix, sumInFull(other)));
  results.push({ ...about, otherEngine: other.engine, differing });
}

function sumInFull(job) {
  const sums = emptyColumnSums(job.scores.items);
  for (let block = 0; block < columnBlocks(job.scores.users); block++) {
    mergeColumnSums(sums, columnBlock({ job, block }));
  }
  return sums;
}

function logOf({ sums, exponents }, item) {
  return Math.log(sums[item]) + exponents[item] * Math.LN2;
}

/** Flags of all interactions and kappa of all users, for the plan of both sides and for the items' side alone. */
function labels({ engine, scores, gamma }, matrix, columns) {
  const shares = popularityMarginals(matrix);
  return Object.fromEntries(
    Object.entries({ relaxed: shares.users, "item-side": undefined }).map(([side, userShares]) => {
      const out = emptyMatches(matrix);
      const items = { columns, shares: shares.items };
      const job = { ...transportJob(engine, scores, gamma), matrix, items, userShares, out };
      for (let block = 0; block < rowBlocks(matrix.rows); block++) rowBlock({ job, block });
      const flags = new Uint8Array(out.match.length);
      for (let user = 0; user < matrix.rows; user++) {
        for (let entry = matrix.offsets[user]; entry < matrix.offsets[user + 1]; entry++) {
          flags[entry] = out.match[entry] < out.threshold[user] ? 1 : 0;
        }
      }
      return [side, { flags, kappas: out.kappa }];
    }),
  );
}

function differences(some, others) {
  return Object.fromEntries(
    Object.keys(some).map((side) => [
      side,
      Object.fromEntries(
        Object.keys(some[side]).map((name) => [
          name,
          some[side][name].reduce((sum, value, at) => sum + (value === others[side][name][at] ? 0 : 1), 0),
        ]),
      ),
    ]),
  );
}

function emptyMatches({ rows, indices }) {
  return {
    match: new Float32Array(indices.length),
    rank: new Uint32Array(indices.length),
    kappa: new Uint32Array(rows),
    threshold: new Float32Array(rows),
    mass: new Float64Array(rows),
    cost: new Float64Array(rows),
    low: new Float32Array(rows),
    high: new Float32Array(rows),
  };
}

function* pairsOf(log) {
  for (const { firstUser, offsets, items } of log.blocks()) {
    for (let user = 0; user < offsets.length - 1; user++) {
      for (const item of items.subarray(offsets[user], offsets[user + 1])) {
        yield [log.userId(firstUser + user), log.itemId(item)];
      }
    }
  }
}

function print() {
  const header = [
    "log",
    "gamma",
    "tolerance",
    "near",
    "certified",
    "largest error",
    "flags",
    "kappas",
    "flags, item side",
  ];
  const rows = results.map(
    ({ log, gamma, tolerance, nearShare, certifiedError, largestError, differing }) => [
      log,
      String(gamma),
      tolerance === undefined ? "other engine" : tolerance.toExponential(0),
      nearShare === undefined ? "" : percent(nearShare),
      certifiedError?.toExponential(1) ?? "",
      largestError?.toExponential(1) ?? "",
      String(differing.relaxed.flags),
      String(differing.relaxed.kappas),
      String(differing["item-side"].flags),
    ],
  );
  console.log(markdownTable(header, rows));
}

function shared(path) {
  return new URL(`../../shared/data/${path}`, import.meta.url).pathname;
}
