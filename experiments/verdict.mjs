// How often `diagnose` gives the right verdict, over seeds of the noise, the cuts and the decoys.
//   npm run setup && node experiments/verdict.mjs [SEEDS] (needs ../shared/data; a minute a seed)
// Every cell (log, seed) is kept in results/verdict.json and not run again while it is there.
import { readFileSync, writeFileSync } from "node:fs";
import { corrupt, diagnose, interactionsFromPairs, readInteractions, synthesize } from "../dist/index.js";
import { markdownTable } from "../dist/report/table.js";

const SEEDS = Number(process.argv[2] ?? 20);
const CALM = ["no accidental-click noise", "no evidence"];
const real = () =>
  readInteractions(new URL("../../shared/data/ml-100k/u.data", import.meta.url).pathname, { minRating: 4 });
const LOGS = {
  "ML-100k as it is": { right: CALM, make: real },
  "generated, nothing planted": { right: CALM, make: (seed) => generated(seed) },
  "ML-100k, 30% by popularity": {
    right: ["helps"],
    make: async (seed) => corrupt(await real(), { kind: "popular", rate: 0.3, seed }).interactions,
  },
};

const resultsFile = new URL("results/verdict.json", import.meta.url);
const cells = stored();
for (let seed = 1; seed <= SEEDS; seed++) {
  for (const [log, { make }] of Object.entries(LOGS)) {
    const key = `${log}: ${seed}`;
    if (cells[key]) continue;
    const { accidents, denoising, userBalance, bases } = await diagnose(await make(seed), { seed });
    cells[key] = {
      rate: rounded(accidents.estimate),
      base: bases[0].model,
      denoising: told(denoising),
      userBalance: told(userBalance),
    };
    console.error(key, JSON.stringify(cells[key]));
    writeFileSync(resultsFile, `${JSON.stringify({ node: process.version, cells }, null, 1)}\n`);
  }
}
const rows = Object.entries(LOGS).map(([log, { right }]) => {
  const own = Object.entries(cells).filter(([key]) => key.startsWith(`${log}: `));
  const correct = own.filter(([, { denoising }]) => right.includes(denoising.verdict)).length;
  const gains = own.flatMap(([, { denoising }]) => (denoising.gain === undefined ? [] : [denoising.gain]));
  const mean = (values) =>
    values.length ? (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3) : "-";
  return [
    log,
    right.join(" or "),
    `${correct} of ${own.length}`,
    mean(own.map(([, { rate }]) => rate)),
    mean(gains),
  ];
});
console.log(markdownTable(["log", "right", "given", "mean rate", "mean gain where tried"], rows));

function generated(seed) {
  const log = synthesize({ users: 1000, items: 800, interactions: 20_000, noise: 0, seed });
  const pairs = [];
  for (const block of log.blocks()) {
    for (let own = 0; own + 1 < block.offsets.length; own++) {
      for (const item of block.items.subarray(block.offsets[own], block.offsets[own + 1])) {
        pairs.push([log.userId(block.firstUser + own), log.itemId(item)]);
      }
    }
  }
  return interactionsFromPairs(pairs);
}

function told({ verdict, effect, overControl }) {
  if (effect === undefined) return { verdict };
  return { verdict, gain: rounded(effect.gain), t: rounded(effect.t), tOverControl: rounded(overControl.t) };
}

function stored() {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8")).cells;
  } catch {
    return {};
  }
}

function rounded(value) {
  return Number(value.toPrecision(4));
}
