// Writes docs/recommenders.md from experiments/results/recommenders/.
//   node experiments/recommenders-page.mjs
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CONTROLS, MODELS } from "../dist/index.js";
import { decimals, markdownTable, pValue, relativeGain } from "../dist/report/table.js";

const METRIC = "paper.ndcg@5";
const NAMES = { "ml-100k": "ML-100k (ratings of 4 and more)", amusic: "AMusic", atoy: "AToy" };
const folder = new URL("results/recommenders/", import.meta.url);
const cells = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));

const parts = [
  `# Every recommender, with and without ProRec

Each model on each log of the paper: hyper-parameters from \`prorec tune\` on validation rows (networks: their defaults,
chosen on AMusic and ML-100k), then fitted on train and validation (70%) and tested on the rest (30%), five global splits.
Cells that are not there are yet to be computed. All figures are \`${METRIC}\`, the paper's (its ideal runs over the user's whole test set); ± is half of the 95% interval over
the splits, p of a paired t-test over users whose values are averaged over the splits, not corrected for the number of tests
in a table. ProRec runs in paper mode with its default settings. The controls can't tell noise from signal:
${Object.entries(CONTROLS)
  .map(([arm, { definition }]) => `\`${arm}\`: ${definition}`)
  .join("; ")}.

Made by \`node experiments/recommenders.mjs\` (seeds 1 to 5), which keeps every figure, trial and test in
[experiments/results/recommenders](../experiments/results/recommenders).`,
];
for (const [log, title] of Object.entries(NAMES)) {
  const own = Object.keys(MODELS)
    .map((name) => cells.find((cell) => cell.log === log && cell.model === name))
    .filter(Boolean);
  if (own.length === 0) continue;
  parts.push(`## ${title}`, levels(own), gains(own), settings(own));
}
writeFileSync(fileURLToPath(new URL("../docs/recommenders.md", import.meta.url)), `${parts.join("\n\n")}\n`);

function levels(own) {
  const rows = own.map(({ model, summary, verdicts }) => [
    `\`${model}\``,
    ...["base", "prorec", "t-ce", "r-ce"].map((arm) => level(summary[arm]?.[METRIC])),
    verdicts.find(({ metric }) => metric === METRIC).verdict,
  ]);
  return markdownTable(["model", "as it is", "+ ProRec", "T-CE", "R-CE", "does ProRec help"], rows).trimEnd();
}

function level(interval) {
  return interval ? `${decimals(interval.mean)} ±${decimals(interval.high - interval.mean)}` : "";
}

/** Gains over the model as it is, with their p. */
function gains(own) {
  const arms = ["prorec", "t-ce", "r-ce", ...Object.keys(CONTROLS)].filter((arm) =>
    own.some(({ summary }) => arm in summary),
  );
  const rows = own.map(({ model, summary, tests }) => [
    `\`${model}\``,
    ...arms.map((arm) => {
      const test = tests.find(
        (each) => each.arm === arm && each.against === "base" && each.metric === METRIC,
      );
      return test ? `${relativeGain(test.difference, summary.base[METRIC].mean)} (${pValue(test.tP)})` : "";
    }),
  ]);
  return `Gain over the model as it is, with p:\n\n${markdownTable(["model", ...arms], rows).trimEnd()}`;
}

function settings(own) {
  const chosen = own.map(({ model, parameters, seconds }) => {
    const { seed: _, ...values } = parameters;
    const words = Object.entries(values).map(([name, value]) => `${name} ${value}`);
    return `\`${model}\`: ${words.join(", ") || "no settings"}; ${Math.round(seconds.cpu)} CPU seconds for the whole cell`;
  });
  return `Settings: ${chosen.join(". ")}.`;
}
