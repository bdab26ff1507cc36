// How well the paper's match finds known noise in MovieLens 100K, beside popularity and the raw score of an SVD (Figure 2a).
//   npm run setup && node experiments/detect-noise.mjs      (needs ../shared/data/ml-100k; under a minute)
import { writeFile } from "node:fs/promises";
import {
  corrupt,
  createModel,
  denoise,
  readInteractions,
  scoreDetection,
  scoreNoise,
  splitInteractions,
} from "../dist/index.js";
import { decimals, markdownTable, percent } from "../dist/report/table.js";

const SEEDS = [1, 2, 3, 4, 5];
const SHARES = { train: 0.8, test: 0.2 };
const RATE = 0.1;
const KINDS = ["add", "replace", "popular"];
const MODELS = {
  "nce-plrec": { factors: 50, regularization: 10_000 },
  svd: { factors: 10 },
};
const FIGURES = ["rocAuc", "averagePrecision", "hitRatio", "flaggedShare", "precision", "falseDiscoveryRate"];

const log = await readInteractions(new URL("../../shared/data/ml-100k/u.data", import.meta.url).pathname, {
  minRating: 4,
});
const results = {};
for (const kind of KINDS) {
  const runs = [];
  for (const seed of SEEDS) runs.push(await detect(kind, seed));
  results[kind] = Object.fromEntries(
    Object.keys(runs[0]).map((suspicion) => [suspicion, summary(runs.map((run) => run[suspicion]))]),
  );
  print(kind, results[kind]);
}
const protocol = { seeds: SEEDS, shares: SHARES, rate: RATE, models: MODELS, minRating: 4 };
await writeFile(
  new URL("results/detect-noise.json", import.meta.url),
  `${JSON.stringify({ protocol, node: process.version, results }, null, 1)}\n`,
);

/** Detection by each suspicion. Test pairs are never injected; popularity and raw score flag as many rows as the first model. */
async function detect(kind, seed) {
  const { train, test } = splitInteractions(log, { ...SHARES, seed });
  const { interactions, noise: truth } = corrupt(train, { kind, rate: RATE, seed, avoid: test });
  const found = {};
  let controls;
  for (const [name, parameters] of Object.entries(MODELS)) {
    const model = createModel(name, { ...parameters, seed });
    const { matching, noise: flags } = await denoise(interactions, { model });
    const score = await scoreNoise({ interactions, match: matching.match, flags, truth }, { seed });
    controls ??= score.controls;
    found[`${name}: match`] = pick(score);
    const suspicion = relativeSuspicion(matching, interactions.matrix.offsets);
    found[`${name}: match / threshold`] = pick(scoreDetection({ suspicion, flags, truth }));
  }
  return { ...found, "raw SVD score": pick(controls.rawScore), popularity: pick(controls.popularity) };
}

function relativeSuspicion({ match, threshold }, offsets) {
  const suspicion = new Float64Array(match.length);
  for (let user = 0; user + 1 < offsets.length; user++) {
    for (let entry = offsets[user]; entry < offsets[user + 1]; entry++) {
      suspicion[entry] = -match[entry] / threshold[user];
    }
  }
  return suspicion;
}

function pick(detection) {
  return Object.fromEntries(FIGURES.map((figure) => [figure, detection[figure]]));
}

function summary(runs) {
  return Object.fromEntries(
    FIGURES.map((figure) => {
      const values = runs.map((run) => run[figure]);
      return [figure, { mean: values.reduce((sum, value) => sum + value) / values.length, values }];
    }),
  );
}

function print(kind, detections) {
  const rows = Object.entries(detections).map(([suspicion, figures]) => [
    suspicion,
    decimals(figures.rocAuc.mean, 3),
    decimals(figures.averagePrecision.mean, 3),
    ...["hitRatio", "flaggedShare", "precision"].map((figure) => percent(figures[figure].mean)),
  ]);
  const header = ["suspicion", "ROC-AUC", "average precision", "hit ratio", "flagged", "precision"];
  console.log(`\n${kind}, mean of ${SEEDS.length} seeds\n\n${markdownTable(header, rows)}`);
}
