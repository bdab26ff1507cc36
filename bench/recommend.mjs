// Top-10 lists for all users of a log from a model of 64 factors, one thread, beside numpy's float32 2048^3 product
// on one thread (Y). CPU time, interleaved rounds.
// Usage: npm run build && node bench/recommend.mjs [log] [rounds] > result.json   (the table goes to stderr)
import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { readInteractions, Svd } from "../dist/index.js";
import { openNumpy } from "./numpy.mjs";

const [log = "../shared/data/amusic/ratings.tsv", rounds = 9] = process.argv.slice(2);
const model = await new Svd({ factors: 64 }).fit(await readInteractions(log));
const numpy = await openNumpy(2048, 2048, 2048);
const seconds = { recommend: [], product: [] };
for (let round = 0; round <= Number(rounds); round++) {
  const recommend = await timed(async () => {
    for await (const list of model.recommendAll()) if (list.items.length > 10) throw new Error("too long");
  });
  const product = numpy && (await numpy.product());
  if (round === 0) continue; // warms up
  seconds.recommend.push(recommend);
  if (numpy) seconds.product.push(product);
}
numpy?.close();

const median = (values) => values.toSorted((left, right) => left - right)[values.length >> 1];
const spread = (values) => [Math.min(...values), Math.max(...values)];
const ratio = numpy ? median(seconds.recommend) / median(seconds.product) : null;
const { users, items } = model.scores;
console.error(
  `${users} users x ${items} items: ${median(seconds.recommend).toFixed(3)} CPU s` +
    (numpy ? `, ${ratio.toFixed(2)} Y (Y = ${median(seconds.product).toFixed(3)} s)` : ""),
);
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
console.log(
  JSON.stringify(
    {
      subject: "top-10 for all users",
      machine: {
        ...{ cpu: cpus()[0].model, cores: cpus().length, load: loadavg() },
        ...{ node: process.version, commit },
      },
      reference: numpy ? { numpy: numpy.version, yardstickGflops: numpy.gflops } : null,
      shape: { users, items, factors: 64, limit: 10, rounds: Number(rounds) },
      results: Object.entries(seconds).map(([name, times]) => ({
        ...{ name, seconds: median(times), spread: spread(times) },
      })),
      ratio,
    },
    undefined,
    2,
  ),
);

/** CPU seconds. */
async function timed(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
