// One iteration of the matrix-free Sinkhorn beside numpy's bare product of the same factors, interleaved, by CPU time of
// all threads. Factors like NCE's of a Zipf log: scores up to about 1.2, gamma .1.
// Usage: npm run build && node bench/sinkhorn.mjs [users] [items] [rank] [threads] [rounds] > result.json
import { sinkhorn, transport } from "../dist/index.js";
import { machine, median, printResult, shown, summary } from "./bench.mjs";
import { openNumpy } from "./numpy.mjs";

const [users = 200_000, items = 20_000, rank = 64, threads = 2, rounds = 3] = process.argv
  .slice(2)
  .map(Number);
const before = machine();
const scores = {
  kind: "factors",
  ...{ users, items, rank },
  userFactors: factors(users),
  itemFactors: factors(items),
};
const marginals = { users: shares(users), items: shares(items) };
const numpy = await openNumpy(threads);
const shape = { users, items, rank };
if (numpy) await numpy.ask({ name: "make", shape });
const times = { product: [], iteration: [], wall: [] };
for (let round = 0; round < rounds; round++) {
  if (numpy) times.product.push((await numpy.ask({ name: "product" })).cpu);
  const iterations = await iterationTimes();
  times.iteration.push(iterations.cpu);
  times.wall.push(iterations.wall);
}
numpy?.close();
const ratios = times.iteration.map((cpu, round) => cpu / times.product[round]);
const figures = {
  shape,
  threads,
  rounds,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  product: numpy ? summary(times.product) : null,
  iteration: summary(times.iteration),
  wall: summary(times.wall),
  ratio: numpy ? summary(ratios) : null,
  ratioOfMedians: numpy ? median(times.iteration) / median(times.product) : null,
};
console.error(
  `${users} x ${items} x ${rank}, ${threads} threads: an iteration ${shown(figures.iteration)} CPU s, ` +
    `${figures.ratioOfMedians?.toFixed(2) ?? "-"} x numpy's product, peak ${Math.round(figures.peakBytes / 1e6)} MB`,
);
printResult("sinkhorn", before, numpy, figures);

/** CPU and wall seconds of an iteration after the first, which also starts the threads. */
async function iterationTimes() {
  const ends = [];
  await transport(scores, marginals, sinkhorn({ gamma: 0.1, iterations: 3 }), {
    threads,
    onProgress({ stage, done }) {
      if (stage !== "sinkhorn") return;
      const { user, system } = process.cpuUsage();
      ends[done] = { cpu: (user + system) / 1e6, wall: performance.now() / 1000 };
    },
  });
  return { cpu: (ends[3].cpu - ends[1].cpu) / 2, wall: (ends[3].wall - ends[1].wall) / 2 };
}

/** Factors whose lengths fall with the row number. */
function factors(rows) {
  return Float32Array.from({ length: rows * rank }, (_, at) => {
    const random = Math.imul(at + 1, 0x9e3779b1) / 2 ** 31;
    return (0.5 * (random + 0.1)) / (1 + Math.floor(at / rank)) ** 0.2;
  });
}

function shares(count) {
  return Float64Array.from({ length: count }, (_, at) => 1 / (10 + at) ** 0.7);
}
