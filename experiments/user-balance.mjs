// What ProRec's gain on AMusic is made of: every control beside it, on a global 70/30 cut, in the paper's NDCG@5.
//   npm run setup && node experiments/user-balance.mjs      (needs ../shared/data/amusic; about four minutes)
import { writeFile } from "node:fs/promises";
import { compare, createModel, readInteractions } from "../dist/index.js";
import { decimals, markdownTable, pValue, relativeGain } from "../dist/report/table.js";

const SEEDS = [1, 2, 3, 4, 5];
const SHARES = { train: 0.7, validation: 0, test: 0.3 };
const METRIC = "paper.ndcg@5";
const MODELS = {
  svd: { factors: 100 },
  "nce-plrec": { factors: 200, regularization: 1000, root: 1 },
};

const log = await readInteractions(new URL("../../shared/data/amusic/ratings.tsv", import.meta.url).pathname);
const results = {};
for (const [name, parameters] of Object.entries(MODELS)) {
  const { runs, summary, tests, verdicts } = await compare(log, {
    model: (seed) => createModel(name, { ...parameters, seed }),
    split: { by: "global", shares: SHARES },
    runs: SEEDS.length,
    seed: SEEDS[0],
  });
  results[name] = { parameters, runs, summary, tests, verdicts };
  print(name, results[name]);
}
const protocol = { seeds: SEEDS, shares: SHARES, split: "global" };
await writeFile(
  new URL("results/user-balance.json", import.meta.url),
  `${JSON.stringify({ protocol, node: process.version, results }, null, 1)}\n`,
);

function print(name, { parameters, summary, tests, verdicts }) {
  const against = (arm, other) =>
    tests.find((test) => test.arm === arm && test.against === other && test.metric === METRIC);
  const base = summary.base[METRIC].mean;
  const rows = Object.entries(summary).map(
    ([
      arm,
      {
        [METRIC]: { mean, high },
      },
    ]) => {
      const test = against(arm, "base");
      const rival = against("prorec", arm);
      return [
        arm,
        `${decimals(mean)} ±${decimals(high - mean)}`,
        ...(test ? [relativeGain(test.difference, base), pValue(test.tP)] : ["", ""]),
        arm !== "base" && rival ? pValue(rival.tP) : "",
      ];
    },
  );
  const header = ["arm", METRIC, "over base", "p", "p of prorec against it"];
  console.log(
    `\n${name} ${JSON.stringify(parameters)}, ${SEEDS.length} seeds\n\n${markdownTable(header, rows)}`,
  );
  const { verdict, matchedBy, goneIn } = verdicts.find(({ metric }) => metric === METRIC);
  console.log(
    `verdict: ${verdict}; matched by ${matchedBy.join(", ") || "none"}; gone in ${goneIn.join(", ") || "none"}`,
  );
}
