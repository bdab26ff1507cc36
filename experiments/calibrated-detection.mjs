// How well the calibrated mode finds known accidental clicks: ranking, estimated rate, false discoveries (design: joint decoy).
//   npm run setup && node experiments/calibrated-detection.mjs (needs ../shared/data; about a quarter of an hour)
// Every cell (log, kind of noise, seed) is kept in results/calibrated-detection.json and not run again while it is there.
import { readFileSync, writeFileSync } from "node:fs";
import { calibrate, corrupt, readInteractions, scoreDetection, splitInteractions } from "../dist/index.js";
import { decimals, markdownTable } from "../dist/report/table.js";
import { amongUsers } from "./among-users.mjs";

const SEEDS = [1, 2, 3, 4, 5];
const FDR = 0.2;
const BINS = 10;
const LOGS = {
  "ml-100k": () => readInteractions(shared("ml-100k/u.data"), { minRating: 4 }),
  amusic: () => readInteractions(shared("amusic/ratings.tsv")),
};
// "uniform": noisy users drawn uniformly; "proportional": in proportion to their clicks, as `prorec noise inject` does.
const NOISES = {
  "added, users uniform": { kind: "add", users: "uniform", rate: 0.1 },
  "added, users proportional": { kind: "add", users: "proportional", rate: 0.1 },
  "replaced, random clicks": { kind: "replace", users: "proportional", rate: 0.1 },
  "by popularity, users uniform": { kind: "popular", users: "uniform", rate: 0.1 },
  "by popularity, users proportional": { kind: "popular", users: "proportional", rate: 0.1 },
  clean: { kind: "add", users: "proportional", rate: 0 },
  "20% added, users proportional": { kind: "add", users: "proportional", rate: 0.2 },
  "20% replaced, random clicks": { kind: "replace", users: "proportional", rate: 0.2 },
};
const FIGURES = ["rocAuc", "averagePrecision", "rate", "trueRate", "falseDiscovery", "recall", "bestRecall"];

const resultsFile = new URL("results/calibrated-detection.json", import.meta.url);
const cells = stored();
const logs = {};
for (const [name, noise] of Object.entries(NOISES)) {
  for (const log of Object.keys(LOGS)) {
    for (const seed of SEEDS) {
      const key = `${log}: ${name}: ${seed}`;
      if (cells[key]) continue;
      logs[log] ??= await LOGS[log]();
      cells[key] = await cell(logs[log], noise, seed);
      console.error(key, JSON.stringify(cells[key]));
      writeFileSync(
        resultsFile,
        `${JSON.stringify({ protocol: { split: "4:1, global", fdr: FDR }, node: process.version, cells }, null, 1)}\n`,
      );
    }
  }
}
for (const log of Object.keys(LOGS)) print(log);

async function cell(log, { kind, users, rate }, seed) {
  const { train, test } = splitInteractions(log, { train: 0.8, test: 0.2, seed });
  const inject = users === "uniform" ? amongUsers : corrupt;
  const { interactions, noise: truth } =
    rate > 0
      ? inject(train, { kind, rate, seed, avoid: test })
      : { interactions: train, noise: new Uint8Array(train.size) };
  const { accidents, noise: flags } = await calibrate(interactions, { seed, fdr: FDR });
  const { probability, trust, rate: estimated } = accidents;
  const found = scoreDetection({ suspicion: trust.map((value) => -value), flags, truth });
  return rounded({
    rocAuc: found.rocAuc,
    averagePrecision: found.averagePrecision,
    rate: estimated.estimate,
    low: estimated.low,
    high: estimated.high,
    trueRate: mean(truth),
    falseDiscovery: found.falseDiscoveryRate,
    recall: found.hitRatio,
    bestRecall: bestRecall(probability, truth),
    reliability: reliability(probability, truth),
  });
}

/** The recall of the best threshold whose false discoveries are at most FDR. */
function bestRecall(probability, truth) {
  const order = [...probability.keys()].sort((left, right) => probability[right] - probability[left]);
  let hits = 0;
  let best = 0;
  order.forEach((entry, index) => {
    hits += truth[entry];
    const isLast = probability[order[index + 1]] !== probability[entry];
    if (isLast && 1 - hits / (index + 1) <= FDR) best = hits;
  });
  return best / truth.reduce((sum, flag) => sum + flag, 0);
}

/** [clicks, mean probability, share of noise] of each tenth of the probabilities from 0 to 1. */
function reliability(probability, truth) {
  const bins = Array.from({ length: BINS }, () => [0, 0, 0]);
  probability.forEach((value, entry) => {
    const bin = bins[Math.min(BINS - 1, Math.floor(value * BINS))];
    bin[0]++;
    bin[1] += value;
    bin[2] += truth[entry];
  });
  return bins.map(([count, sum, noise]) => [count, count && sum / count, count && noise / count]);
}

function print(log) {
  const rows = Object.keys(NOISES).map((name) => {
    const own = SEEDS.map((seed) => cells[`${log}: ${name}: ${seed}`]).filter(Boolean);
    const figures = FIGURES.map((figure) =>
      own.map((values) => values[figure]).filter((value) => value !== null),
    );
    return [name, ...figures.map((values) => (values.length ? decimals(mean(values), 3) : ""))];
  });
  console.log(`\n${log}, mean of ${SEEDS.length} seeds\n\n${markdownTable(["noise", ...FIGURES], rows)}`);
}

function stored() {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8")).cells;
  } catch {
    return {};
  }
}

function rounded(value) {
  return JSON.parse(
    JSON.stringify(value, (_, item) => (typeof item === "number" ? Number(item.toPrecision(5)) : item)),
  );
}

function mean(values) {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function shared(path) {
  return new URL(`../../shared/data/${path}`, import.meta.url).pathname;
}
