// Are low ratings found? Every row is a click, whatever its rating; rows rated 2 and lower are the hidden truth.
//   npm run setup && node experiments/natural-noise.mjs (needs ../shared/data; a minute)
// Beside the shipped score: the items' popularity, and the users' number of clicks.
import { writeFileSync } from "node:fs";
import { rankDetection } from "../dist/evaluate/detection.js";
import { detectAccidents } from "../dist/index.js";
import { openLog, readLog } from "../dist/io/log.js";
import { decimals, markdownTable } from "../dist/report/table.js";

const LOW = 2;
const SEEDS = [1, 2];
const LOGS = { "ML-100k": "ml-100k/u.data", AMusic: "amusic/ratings.tsv", AToy: "atoy/ratings.tsv" };

const results = {};
for (const [name, path] of Object.entries(LOGS)) {
  const { interactions, low } = await readRated(
    new URL(`../../shared/data/${path}`, import.meta.url).pathname,
  );
  const runs = [];
  for (const seed of SEEDS) {
    const { trust, rate } = await detectAccidents(interactions, { seed });
    runs.push({ seed, rate: rate.estimate, ...detection(trust, low) });
  }
  const { matrix } = interactions;
  const popularity = interactions.itemCounts();
  const clicks = new Float32Array(interactions.size);
  for (const [user, count] of interactions.userCounts().entries()) {
    clicks.fill(count, matrix.offsets[user], matrix.offsets[user + 1]);
  }
  results[name] = {
    rows: interactions.size,
    lowShare: low.reduce((sum, flag) => sum + flag, 0) / low.length,
    shipped: runs,
    popularity: detection(
      Float32Array.from(matrix.indices, (item) => popularity[item]),
      low,
    ),
    userClicks: detection(clicks, low),
  };
  console.error(name, JSON.stringify(results[name]));
}
const protocol = { truth: `rated ${LOW} or lower, all rows being clicks`, seeds: SEEDS };
writeFileSync(
  new URL("results/natural-noise.json", import.meta.url),
  `${JSON.stringify({ protocol, node: process.version, results }, null, 1)}\n`,
);
const mean = (runs, figure) => runs.reduce((sum, run) => sum + run[figure], 0) / runs.length;
const pair = (auc, precision) => `${decimals(auc, 3)} / ${decimals(precision, 3)}`;
console.log(
  markdownTable(
    ["log", `rated ${LOW} or lower`, "estimated rate", "shipped score", "popularity", "user's clicks"],
    Object.entries(results).map(([name, { lowShare, shipped, popularity, userClicks }]) => [
      name,
      decimals(lowShare, 3),
      decimals(mean(shipped, "rate"), 3),
      pair(mean(shipped, "rocAuc"), mean(shipped, "averagePrecision")),
      pair(popularity.rocAuc, popularity.averagePrecision),
      pair(userClicks.rocAuc, userClicks.averagePrecision),
    ]),
  ),
);

/** All rows as clicks, and for each 1 if it is rated low; of a repeated pair the first row's rating. */
async function readRated(path) {
  const log = await openLog(path);
  try {
    const rating = log.source.columns[log.roles.rating].name;
    const { interactions, numbers } = await readLog(log, { numbers: [rating] });
    return { interactions, low: Uint8Array.from(numbers[0], (value) => (value <= LOW ? 1 : 0)) };
  } finally {
    await log.source.close();
  }
}

function detection(trust, truth) {
  return rankDetection(
    trust.map((value) => -value),
    truth,
  );
}
