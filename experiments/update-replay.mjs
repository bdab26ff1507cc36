// How far `prorec update` is from a full run: ML-100k (ratings of 4 and more) replayed in time order. The first rows are a
// run, the next ones are folded in; beside it a full denoise of all of them.
//   npm run setup && node experiments/update-replay.mjs      (needs ../shared/data/ml-100k; half a minute of CPU time)
import { readFile, writeFile } from "node:fs/promises";
import { createModel, denoise, interactionsFromPairs, update } from "../dist/index.js";
import { markdownTable, percent } from "../dist/report/table.js";

const STARTS = [0.6, 0.7, 0.8];
const GROWTHS = [0.01, 0.02, 0.05, 0.1, 0.2];
const MODELS = {
  svd: { factors: 10 },
  "nce-plrec": { factors: 50, regularization: 1000 },
  wrmf: { factors: 32 },
};

const text = await readFile(new URL("../../shared/data/ml-100k/u.data", import.meta.url), "utf8");
const pairs = text
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t"))
  .filter(([, , rating]) => Number(rating) >= 4)
  .sort((left, right) => left[3] - right[3])
  .map(([user, item]) => [user, item]);

const results = [];
for (const [name, parameters] of Object.entries(MODELS)) {
  const model = (seed) => createModel(name, { ...parameters, seed });
  for (const start of STARTS) {
    const base = interactionsFromPairs(pairs.slice(0, start * pairs.length));
    const fitted = await model(1).fit(base);
    const before = await denoise(base, { model: model(1), fitted });
    for (const growth of GROWTHS) {
      const end = start * (1 + growth) * pairs.length;
      const fresh = interactionsFromPairs(pairs.slice(start * pairs.length, end));
      const all = interactionsFromPairs(pairs.slice(0, end));
      const updated = await update({ denoised: before, fitted }, fresh);
      const full = await denoise(all, { model: model(1) });
      const again = await denoise(all, { model: model(2) });
      const { figures, denoised } = updated;
      const differing = (verdicts, some) => share(full, verdicts, some);
      results.push({
        model: name,
        start,
        growth,
        added: figures.added,
        others: figures.others,
        newRows: differing(denoised, fresh),
        oldRows: differing(denoised, base),
        all: differing(denoised, all),
        oldRowsKept: differing(before, base),
        otherSeed: differing(again, all),
        flagged: full.flaggedCount / all.size,
      });
    }
  }
}
await writeFile(
  new URL("results/update-replay.json", import.meta.url),
  `${JSON.stringify({ starts: STARTS, models: MODELS, node: process.version, results }, null, 1)}\n`,
);
const rows = Object.keys(MODELS).flatMap((model) =>
  GROWTHS.map((growth) => {
    const cells = results.filter((cell) => cell.model === model && cell.growth === growth);
    const mean = (value) => percent(cells.reduce((sum, cell) => sum + value(cell), 0) / cells.length);
    return [
      model,
      percent(growth),
      ...["newRows", "oldRows", "oldRowsKept", "all", "otherSeed"].map((name) => mean((cell) => cell[name])),
      mean((cell) => cell.others.share),
      mean((cell) => cell.flagged),
    ];
  }),
);
console.log(
  markdownTable(
    [
      "model",
      "growth",
      "new rows",
      "old rows",
      "old rows, not updated",
      "all rows",
      "full run, other seed",
      "reported for the others",
      "flagged by the full run",
    ],
    rows,
  ),
);

/** Share of some interactions whose verdict is another one in two results. */
function share(full, other, some) {
  let differing = 0;
  const { offsets, indices } = some.matrix;
  for (let user = 0; user < some.users.size; user++) {
    for (let entry = offsets[user]; entry < offsets[user + 1]; entry++) {
      const pair = [some.users.at(user), some.items.at(indices[entry])];
      if (full.labelOf(...pair).noise !== other.labelOf(...pair).noise) differing++;
    }
  }
  return differing / some.size;
}
