// `update` beside the full denoise that it stands for, on a generated log: CPU time, interleaved.
//   npm run setup && node bench/update.mjs 5
import { loadavg } from "node:os";
import { createModel, denoise, interactionsFromPairs, synthesize, update } from "../dist/index.js";

const ROUNDS = Number(process.argv[2] ?? 3);
const SIZES = { users: 20_000, items: 4000, interactions: 500_000, noise: 0.1, seed: 1 };
const SHARE = 0.01;
const MODEL = ["nce-plrec", { factors: 50 }];

const log = synthesize(SIZES);
const pairs = [];
for (const { firstUser, offsets, items } of log.blocks()) {
  for (let user = 0; user < offsets.length - 1; user++) {
    for (const item of items.subarray(offsets[user], offsets[user + 1])) {
      pairs.push([log.userId(firstUser + user), log.itemId(item)]);
    }
  }
}
// The last users are new, and some of the others' rows.
const fresh = Math.round(SHARE * pairs.length);
const isNew = (index) => index >= pairs.length - fresh / 2 || index % 400 === 0;
const all = interactionsFromPairs(pairs);
const base = interactionsFromPairs(pairs.filter((_, index) => !isNew(index)));
const added = interactionsFromPairs(pairs.filter((_, index) => isNew(index)));

const model = createModel(...MODEL);
const fitted = await model.fit(base);
const before = await denoise(base, { model, fitted });
const times = { update: [], full: [] };
let figures;
for (let round = 0; round < ROUNDS; round++) {
  times.update.push(
    await cpuSeconds(async () => {
      ({ figures } = await update({ denoised: before, fitted }, added));
    }),
  );
  times.full.push(await cpuSeconds(() => denoise(all, { model })));
}
const median = (values) => values.toSorted((left, right) => left - right)[values.length >> 1];
const [quick, full] = [median(times.update), median(times.full)];
console.log(JSON.stringify({ sizes: SIZES, model: MODEL, figures, times, load: loadavg()[0] }, null, 1));
console.log(`update ${quick.toFixed(2)} CPU s, full ${full.toFixed(2)}: ${(quick / full).toFixed(3)} of it`);

async function cpuSeconds(work) {
  const { user, system } = process.cpuUsage();
  await work();
  const after = process.cpuUsage();
  return (after.user + after.system - user - system) / 1e6;
}
