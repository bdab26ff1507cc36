// What the weights of the calibrated mode do for recommendations under known noise, beside removing exactly the noise and
// removing as many clicks at random.
//   npm run setup && node experiments/recommendation.mjs (needs ../shared/data; about five minutes)
// Every cell (noise) is kept in results/recommendation.json and not run again while it is there.
import { readFileSync, writeFileSync } from "node:fs";
import { ArmResults, pairedTests } from "../dist/evaluate/arms.js";
import { randomlyRemoved } from "../dist/evaluate/reweighted.js";
import { meanInterval } from "../dist/evaluate/significance.js";
import {
  calibrate,
  corrupt,
  createModel,
  evaluate,
  readInteractions,
  splitInteractions,
} from "../dist/index.js";
import { markdownTable, pValue, relativeGain } from "../dist/report/table.js";
import { amongUsers } from "./among-users.mjs";

const SEEDS = [1, 2, 3, 4, 5];
const SPLIT = { train: 0.8, test: 0.2 };
const METRIC = "ndcg@5";
// As tuned for Table II on validation rows: results/recommenders/ml-100k-*.json.
const MODELS = Object.fromEntries(["nce-plrec", "wrmf", "ease"].map((model) => [model, tuned(model)]));
// Noisy users are drawn in proportion to their clicks, as `prorec noise inject` does, or uniformly.
const NOISES = {
  clean: undefined,
  "20% added": { kind: "add", rate: 0.2 },
  "40% added": { kind: "add", rate: 0.4 },
  "30% by popularity": { kind: "popular", rate: 0.3 },
  "30% by popularity, users uniform": { kind: "popular", rate: 0.3, inject: amongUsers },
};

const resultsFile = new URL("results/recommendation.json", import.meta.url);
const log = await readInteractions(new URL("../../shared/data/ml-100k/u.data", import.meta.url).pathname, {
  minRating: 4,
});
const cells = stored();
for (const [name, noise] of Object.entries(NOISES)) {
  if (cells[name]) continue;
  cells[name] = await cell(noise);
  console.error(name, JSON.stringify(cells[name].gains));
  writeFileSync(
    resultsFile,
    `${JSON.stringify({ protocol: { split: SPLIT, seeds: SEEDS, metric: METRIC, models: MODELS }, node: process.version, cells }, null, 1)}\n`,
  );
}
const rows = Object.entries(cells).flatMap(([name, { rates, gains, tests }]) =>
  Object.entries(gains).map(([arm, { mean, low, high, each }]) => [
    name,
    (rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toFixed(3),
    arm,
    `${relativeGain(mean, 1)} (${relativeGain(low, 1)} to ${relativeGain(high, 1)})`,
    relativeGain(Math.min(...each), 1),
    Object.entries(tests)
      .map(([model, byArm]) => `${model} ${relativeGain(byArm[arm].gain, 1)} (${pValue(byArm[arm].p)})`)
      .join(", "),
  ]),
);
console.log(markdownTable(["noise", "rate found", "arm", "mean gain", "worst seed", "by model"], rows));

async function cell(noise) {
  const results = Object.fromEntries(Object.keys(MODELS).map((model) => [model, new ArmResults(log.users)]));
  const rates = [];
  for (const seed of SEEDS) {
    const { train, test } = splitInteractions(log, { ...SPLIT, seed });
    const { interactions, noise: truth } = noise
      ? (noise.inject ?? corrupt)(train, { ...noise, seed, avoid: test })
      : { interactions: train, noise: new Uint8Array(train.size) };
    const { accidents, found, interactions: calibrated } = await calibrate(interactions, { seed });
    const { estimate } = accidents.rate;
    rates.push(estimate);
    const arms = {
      base: interactions,
      calibrated: found ? calibrated : interactions,
      oracle: interactions.withWeights(atMeanOne(Float32Array.from(truth, (noisy) => 1 - noisy))),
      "random removal": found ? randomlyRemoved(interactions, estimate, seed) : interactions,
    };
    for (const [model, parameters] of Object.entries(MODELS)) {
      for (const [arm, weighted] of Object.entries(arms)) {
        const fitted = await createModel(model, { ...parameters, seed }).fit(weighted);
        results[model].add(seed, arm, await evaluate(fitted, test, { excluded: interactions.matrix }));
      }
    }
  }
  const gainsOf = (arm) =>
    SEEDS.map((_, run) => {
      const own = Object.values(results).map(({ runs }) => {
        const { arms } = runs[run];
        return arms[arm][METRIC] / arms.base[METRIC] - 1;
      });
      return own.reduce((sum, gain) => sum + gain, 0) / own.length;
    });
  const arms = Object.keys(results.ease.runs[0].arms).filter((arm) => arm !== "base");
  return {
    rates,
    gains: Object.fromEntries(
      arms.map((arm) => {
        const each = gainsOf(arm);
        return [arm, { ...meanInterval(Float64Array.from(each)), each }];
      }),
    ),
    tests: Object.fromEntries(Object.entries(results).map(([model, result]) => [model, testsOf(result)])),
    runs: Object.fromEntries(Object.entries(results).map(([model, { runs }]) => [model, runs.map(brief)])),
  };
}

/** Each arm against the base: gain of the mean, p of a t test paired by user, values averaged over the seeds. */
function testsOf(result) {
  const { base } = result.summary();
  const tests = pairedTests(result.perUser().values, "calibrated");
  return Object.fromEntries(
    tests
      .filter(({ against, metric }) => against === "base" && metric === METRIC)
      .map(({ arm, difference, low, high, tP }) => {
        const share = (value) => value / base[METRIC].mean;
        return [arm, { gain: share(difference), low: share(low), high: share(high), p: tP }];
      }),
  );
}

function brief({ seed, arms }) {
  return { seed, ...Object.fromEntries(Object.entries(arms).map(([arm, means]) => [arm, means[METRIC]])) };
}

function atMeanOne(weights) {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => weight / mean);
}

function tuned(model) {
  const file = new URL(`results/recommenders/ml-100k-${model}.json`, import.meta.url);
  const { seed, ...parameters } = JSON.parse(readFileSync(file, "utf8")).parameters;
  return parameters;
}

function stored() {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8")).cells;
  } catch {
    return {};
  }
}
