// README's result: NCE-PLRec and PureSVD on MovieLens 100K, tuned on validation, with and without ProRec and its controls.
//   npm run setup && node experiments/ml-100k.mjs      (needs ../shared/data/ml-100k; about three minutes)
import { writeFile } from "node:fs/promises";
import { compare, createModel, evaluate, readInteractions, splitInteractions } from "../dist/index.js";

const SEEDS = [1, 2, 3, 4, 5];
const SHARES = { train: 0.5, validation: 0.2, test: 0.3 };
const TUNED_ON = "ndcg@5";
const GRIDS = {
  svd: grid({ factors: [5, 10, 20, 40] }),
  "nce-plrec": grid({
    factors: [20, 50, 100],
    regularization: [1000, 3000, 10_000, 30_000, 100_000],
    root: [0.8, 1],
  }),
};

const log = await readInteractions(new URL("../../shared/data/ml-100k/u.data", import.meta.url).pathname, {
  minRating: 4,
});
const results = {};
for (const [name, candidates] of Object.entries(GRIDS)) {
  const trials = [];
  for (const parameters of candidates)
    trials.push({ parameters, [TUNED_ON]: await onValidation(name, parameters) });
  const best = trials.reduce((left, right) => (right[TUNED_ON] > left[TUNED_ON] ? right : left));
  const model = (seed) => createModel(name, { ...best.parameters, seed });
  const split = { by: "global", shares: SHARES };
  const { summary, tests, verdicts } = await compare(log, {
    model,
    split,
    runs: SEEDS.length,
    seed: SEEDS[0],
  });
  results[name] = { parameters: best.parameters, trials, summary, tests, verdicts };
  print(name, results[name]);
}
const protocol = {
  seeds: SEEDS,
  shares: SHARES,
  split: "global",
  tunedOn: `${TUNED_ON} of validation, mean over the seeds`,
};
await writeFile(
  new URL("results/ml-100k.json", import.meta.url),
  `${JSON.stringify({ protocol, node: process.version, results }, null, 1)}\n`,
);

async function onValidation(name, parameters) {
  let sum = 0;
  for (const seed of SEEDS) {
    const { train, validation } = splitInteractions(log, { ...SHARES, seed });
    const model = await createModel(name, { ...parameters, seed }).fit(train);
    sum += (await evaluate(model, validation)).means[TUNED_ON];
  }
  return sum / SEEDS.length;
}

function grid(choices) {
  return Object.entries(choices).reduce(
    (points, [key, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [key]: value }))),
    [{}],
  );
}

function print(name, { parameters, summary, tests, verdicts }) {
  console.log(
    `\n${name} ${JSON.stringify(parameters)}\n\n| arm | ndcg@5 | recall@5 | against base, ndcg@5 | p |\n|---|---|---|---|---|`,
  );
  for (const [arm, metrics] of Object.entries(summary)) {
    const test = tests.find(
      (each) => each.arm === arm && each.against === "base" && each.metric === "ndcg@5",
    );
    const gain = test
      ? `${test.difference >= 0 ? "+" : ""}${((100 * test.difference) / summary.base["ndcg@5"].mean).toFixed(1)}%`
      : "";
    const p = test?.tP == null ? "" : test.tP.toPrecision(2);
    console.log(
      `| ${arm} | ${metrics["ndcg@5"].mean.toFixed(4)} | ${metrics["recall@5"].mean.toFixed(4)} | ${gain} | ${p} |`,
    );
  }
  const { verdict, matchedBy } = verdicts.find(({ metric }) => metric === "ndcg@5");
  console.log(
    `\nverdict on ndcg@5: ${verdict}${matchedBy.length > 0 ? ` (not better than ${matchedBy.join(", ")})` : ""}`,
  );
}
