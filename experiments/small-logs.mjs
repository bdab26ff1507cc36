// Flags of the calibrated mode on small generated logs: false discoveries at a nominal 20% before and after caution.
//   npm run setup && node experiments/small-logs.mjs (a minute)
// A generated log has accidents that nobody planted: its "background" share of the choices follows popularity alone,
// whatever the user's tastes. "beside planted" counts only planted noise as found; "beside all" also counts a choice
// for the chance that it came from the background, which the generator knows.
import { writeFileSync } from "node:fs";
import { calibrate, flagsAt, interactionsFromPairs, synthesize } from "../dist/index.js";
import { ML_100K_SHAPE } from "../dist/interactions/synthesize.js";
import { liking, planSynthetic } from "../dist/interactions/synthetic-plan.js";
import { atOnce } from "../dist/progress.js";
import { decimals, markdownTable } from "../dist/report/table.js";

const SIZES = [3000, 10_000, 30_000];
const SEEDS = [1, 2, 3, 4, 5];
const NOISES = [0.1, 0];
const FDR = 0.2;

const cells = [];
for (const size of SIZES) {
  for (const noise of NOISES) for (const seed of SEEDS) cells.push(await cell(size, noise, seed));
}
const protocol = { sizes: "20 clicks a user, 25 an item", fdr: FDR, seeds: SEEDS };
writeFileSync(
  new URL("results/small-logs.json", import.meta.url),
  `${JSON.stringify({ protocol, node: process.version, cells }, null, 1)}\n`,
);
print();

async function cell(size, noise, seed) {
  const { log, planted, accidental } = generated(size, noise, seed);
  const { accidents, noise: flags } = await calibrate(log, { seed, fdr: FDR });
  const { probability, rate } = accidents;
  const judged = (chosen) => {
    const flagged = sum(chosen);
    const falseBeside = (truth) =>
      flagged && 1 - sum(truth.map((value, entry) => value * chosen[entry])) / flagged;
    const found = sum(planted.map((value, entry) => value * chosen[entry]));
    return {
      flagged,
      falseBesidePlanted: rounded(falseBeside(planted)),
      falseBesideAll: rounded(falseBeside(accidental)),
      recall: noise > 0 ? rounded(found / sum(planted)) : null,
    };
  };
  const shares = {
    planted: rounded(mean(planted)),
    all: rounded(mean(accidental)),
    rate: rounded(rate.estimate),
  };
  return { size, noise, seed, ...shares, before: judged(flagsAt(probability, FDR)), after: judged(flags) };
}

/** A log, for each row whether it was planted, and the chance that it was made without regard to the user's tastes. */
function generated(interactions, noise, seed) {
  const shape = { users: interactions / 20, items: interactions / 25, interactions, noise, seed };
  const log = synthesize(shape);
  const { background } = ML_100K_SHAPE;
  const plan = atOnce(planSynthetic(shape.users, shape.items, interactions, noise, seed, ML_100K_SHAPE));
  const { cumulative, tasteOf, tasteStarts } = plan.catalogue;
  const pairs = [];
  const planted = [];
  const accidental = [];
  for (const block of log.blocks()) {
    for (let own = 0; own + 1 < block.offsets.length; own++) {
      const user = block.firstUser + own;
      for (let row = block.offsets[own]; row < block.offsets[own + 1]; row++) {
        const taste = tasteOf[block.items[row]];
        const ofTaste = cumulative[tasteStarts[taste + 1]] - cumulative[tasteStarts[taste]];
        const byPopularity = background / cumulative.at(-1);
        const byTaste = ((1 - background) * liking(plan, user, taste)) / ofTaste;
        pairs.push([log.userId(user), log.itemId(block.items[row])]);
        planted.push(block.noise[row]);
        accidental.push(block.noise[row] || byPopularity / (byPopularity + byTaste));
      }
    }
  }
  return { log: interactionsFromPairs(pairs), ...inRowOrder(pairs, planted, accidental) };
}

/** Values in the row order of the interactions: by user as they come, then by the items' positions. */
function inRowOrder(pairs, planted, accidental) {
  const { users, items } = interactionsFromPairs(pairs);
  const order = pairs.map((_, index) => index);
  const at = pairs.map(([user, item]) => users.indexOf(user) * items.size + items.indexOf(item));
  order.sort((left, right) => at[left] - at[right]);
  return {
    planted: order.map((index) => planted[index]),
    accidental: order.map((index) => accidental[index]),
  };
}

function print() {
  const names = ["falseBesidePlanted", "falseBesideAll", "recall"];
  const header = [
    "rows, planted",
    "all accidents",
    "rate",
    ...["before", "after"].flatMap((when) => names.map((name) => `${name} ${when}`)),
  ];
  const rows = SIZES.flatMap((size) =>
    NOISES.map((noise) => {
      const own = cells.filter((each) => each.size === size && each.noise === noise);
      const pooled = (when, name) => {
        const flagged = sum(own.map((each) => each[when].flagged));
        if (name === "recall") return noise > 0 ? mean(own.map((each) => each[when].recall)) : null;
        return flagged === 0 ? null : sum(own.map((each) => each[when].flagged * each[when][name])) / flagged;
      };
      const values = ["before", "after"].flatMap((when) => names.map((name) => pooled(when, name)));
      return [
        `${size}, ${noise}`,
        mean(own.map((each) => each.all)),
        mean(own.map((each) => each.rate)),
        ...values,
      ];
    }),
  );
  console.log(
    markdownTable(
      header,
      rows.map(([name, ...values]) => [name, ...values.map((value) => decimals(value, 3))]),
    ),
  );
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values) {
  return sum(values) / values.length;
}

function rounded(value) {
  return Number(value.toPrecision(4));
}
