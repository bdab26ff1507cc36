// Prints userSpread and itemTail of ML_100K_SHAPE (src/interactions/synthesize.ts) from MovieLens 100K.
//   npm run build && node scripts/fit-synth.mjs path/to/u.data
import { readFileSync } from "node:fs";
import { ML_100K_SHAPE, synthesize } from "../dist/interactions/synthesize.js";

const ratings = readFileSync(process.argv[2], "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split("\t"))
  .filter(([, , rating]) => Number(rating) >= 4);
const userCounts = countsOf(ratings.map(([user]) => user));
const itemCounts = countsOf(ratings.map(([, item]) => item));
console.log(`${userCounts.length} users, ${itemCounts.length} items, ${ratings.length} interactions`);

const logs = userCounts.map(Math.log);
const mean = average(logs);
const userSpread = Math.sqrt(average(logs.map((log) => (log - mean) ** 2)));
console.log(`userSpread ${userSpread.toFixed(3)} (log-normal, maximum likelihood)`);

console.log(
  "itemTail, mean |log ratio| of generated and real quantiles of the items' counts over ten seeds:",
);
let best = { tail: 0, error: Infinity };
for (let step = 36; step <= 54; step++) {
  const tail = step / 20;
  const error = average(Array.from({ length: 10 }, (_, seed) => quantileError(tail, seed)));
  if (error < best.error) best = { tail, error };
  console.log(`  ${tail.toFixed(2)}  ${error.toFixed(3)}`);
}
console.log(`itemTail ${best.tail.toFixed(2)}`);

function quantileError(itemTail, seed) {
  const size = {
    users: userCounts.length,
    items: itemCounts.length,
    interactions: ratings.length,
    noise: 0,
    seed,
  };
  const generated = new Float64Array(size.items);
  for (const block of synthesize(size, { ...ML_100K_SHAPE, userSpread, itemTail }).blocks()) {
    for (const item of block.items) generated[item]++;
  }
  generated.sort();
  return average(itemCounts.map((count, rank) => Math.abs(Math.log(generated[rank] / count))));
}

/** How often each value stands in the list, ascending. */
function countsOf(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].sort((left, right) => left - right);
}

function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
