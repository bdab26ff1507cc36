// Who makes the noisy clicks? The same noise with users drawn uniformly and in proportion to their clicks, as an SVD's raw
// score and popularity find it in MovieLens 100K: two protocols whose figures cannot be compared (docs/method.md).
//   npm run setup && node experiments/noisy-users.mjs      (needs ../shared/data/ml-100k; under a minute)
import { writeFileSync } from "node:fs";
import { corrupt, readInteractions, scoreNoise, splitInteractions } from "../dist/index.js";
import { decimals, markdownTable } from "../dist/report/table.js";
import { amongUsers } from "./among-users.mjs";

const SEEDS = [1, 2, 3, 4, 5];
const RATE = 0.1;
const DRAWN = { uniform: amongUsers, proportional: corrupt };
const log = await readInteractions(new URL("../../shared/data/ml-100k/u.data", import.meta.url).pathname, {
  minRating: 4,
});
const results = {};
for (const kind of ["add", "popular"]) {
  for (const [users, inject] of Object.entries(DRAWN)) {
    const runs = [];
    for (const seed of SEEDS) runs.push(await controls(kind, inject, seed));
    results[`${kind}, users ${users}`] = Object.fromEntries(
      Object.keys(runs[0]).map((figure) => [figure, mean(runs.map((run) => run[figure]))]),
    );
  }
}
const file = new URL("results/noisy-users.json", import.meta.url);
const protocol = { seeds: SEEDS, rate: RATE, split: "4:1, global", minRating: 4 };
writeFileSync(file, `${JSON.stringify({ protocol, node: process.version, results }, null, 1)}\n`);
console.log(
  markdownTable(
    ["noise", "raw SVD score of rank 10", "popularity of the item"],
    Object.entries(results).map(([name, { svdRocAuc, svdPrecision, itemRocAuc, itemPrecision }]) => [
      name,
      `${decimals(svdRocAuc, 3)} / ${decimals(svdPrecision, 3)}`,
      `${decimals(itemRocAuc, 3)} / ${decimals(itemPrecision, 3)}`,
    ]),
  ),
);

async function controls(kind, inject, seed) {
  const { train, test } = splitInteractions(log, { train: 0.8, test: 0.2, seed });
  const { interactions, noise: truth } = inject(train, { kind, rate: RATE, seed, avoid: test });
  const match = new Float32Array(truth.length);
  const { controls } = await scoreNoise({ interactions, match, flags: truth, truth }, { seed });
  return {
    svdRocAuc: controls.rawScore.rocAuc,
    svdPrecision: controls.rawScore.averagePrecision,
    itemRocAuc: controls.popularity.rocAuc,
    itemPrecision: controls.popularity.averagePrecision,
  };
}

function mean(values) {
  const sum = values.reduce((total, value) => total + value, 0);
  return Number((sum / values.length).toPrecision(5));
}
