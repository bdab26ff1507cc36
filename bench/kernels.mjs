// The kernels beside numpy: the fused tile of the column sums and the whole row pass against the bare float32
// product of the same shapes, and the split against sorting the rows. One thread, CPU time, interleaved rounds.
// Usage: npm run build && node bench/kernels.mjs [rounds] > result.json   (the table goes to stderr)
import { loadKernels } from "../dist/kernels/load.js";
import { randomFor } from "../dist/random.js";
import { machine, median, printResult, shown, summary } from "./bench.mjs";
import { openNumpy } from "./numpy.mjs";

const USERS = 256;
const ITEMS = 46_110;
const RANK = 100;
const GAMMA = 0.1;
const SEEN = 17;
const rounds = Number(process.argv[2] ?? 9);

const shares = zipf(ITEMS);
const scores = likeNce();
const block = userBlock();
const out = matches(block.indices.length);
const engines = ["relaxed-simd", "simd128"].flatMap(openEngine);
const numpy = await openNumpy();
await numpy?.ask({ name: "make", shape: { users: USERS, items: ITEMS, rank: RANK } });
const before = machine();
const seconds = new Map();
for (let round = 0; round <= rounds; round++) {
  const keep = (name, time) => round > 0 && seconds.set(name, [...(seconds.get(name) ?? []), time]);
  for (const { engine, kernel, plan, splitRow } of engines) {
    keep(
      `${engine}: fused tile`,
      timed(() => kernel.addColumns(scores.userFactors)),
    );
    if (numpy) keep("numpy: product", (await numpy.ask({ name: "product" })).cpu);
    keep(
      `${engine}: row pass`,
      timed(() => kernel.matchRows(block, out)),
    );
    if (numpy) keep("numpy: product", (await numpy.ask({ name: "product" })).cpu);
    keep(
      `${engine}: split`,
      timed(() => plan.forEach(splitRow)),
    );
    keep(
      "sort",
      timed(() => plan.forEach((row) => row.slice().sort())),
    );
  }
}
numpy?.close();
report();

function openEngine(engine) {
  try {
    const kernels = loadKernels(engine);
    const kernel = kernels.transport(scores, GAMMA);
    kernel.addColumns(scores.userFactors);
    kernel.setItemSide(kernel.takeColumns(), shares);
    const rows = new Float32Array(USERS * ITEMS);
    kernel.planRows(scores.userFactors, block.shares, rows);
    const plan = Array.from({ length: USERS }, (_, user) => rows.subarray(user * ITEMS, (user + 1) * ITEMS));
    return [{ engine, kernel, plan, splitRow: kernels.splitRow }];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    return [];
  }
}

/** CPU seconds. */
function timed(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function report() {
  const product = median(seconds.get("numpy: product") ?? []);
  const sort = median(seconds.get("sort"));
  const results = [...seconds].map(([name, times]) => ({
    name,
    microsecondsPerRow: summary(times.map((time) => (time / USERS) * 1e6)),
    ...(/product|tile/.test(name) ? { gflops: (2 * USERS * ITEMS * RANK) / median(times) / 1e9 } : {}),
    ...(/tile|pass/.test(name) && numpy ? { timesProduct: median(times) / product } : {}),
    ...(/split/.test(name) ? { timesSort: median(times) / sort } : {}),
  }));
  console.error(`${"".padEnd(26)}us a row (least .. most)     GFLOP/s   x product    x sort`);
  for (const { name, microsecondsPerRow, gflops, timesProduct, timesSort } of results) {
    const cells = [gflops?.toFixed(1), timesProduct?.toFixed(2), timesSort?.toFixed(3)];
    console.error(
      name.padEnd(26) +
        shown(microsecondsPerRow, 1).padEnd(27) +
        cells.map((cell) => (cell ?? "").padStart(10)).join(""),
    );
  }
  const shape = { users: USERS, items: ITEMS, rank: RANK, gamma: GAMMA, rounds };
  printResult("kernels", before, numpy, { shape, results });
}

/**
 * Factors as NCE's on a Zipf log: an item loads on one taste and hardly on others, the more the more popular it is;
 * a user has three tastes. Scores reach about 1.2 and are near 0 for most pairs.
 */
function likeNce() {
  const random = randomFor(1, "factors");
  const noise = (size, scale) => Float32Array.from({ length: size }, () => scale * random.normal());
  const userFactors = noise(USERS * RANK, 0.01);
  for (let user = 0; user < USERS; user++) {
    for (let taste = 0; taste < 3; taste++) userFactors[user * RANK + random.below(RANK)] += random.uniform();
  }
  const itemFactors = noise(ITEMS * RANK, 0.02);
  for (let item = 0; item < ITEMS; item++) {
    itemFactors[item * RANK + random.below(RANK)] += 1.2 / Math.sqrt(1 + item / 20);
  }
  return { kind: "factors", users: USERS, items: ITEMS, rank: RANK, userFactors, itemFactors };
}

function userBlock() {
  const random = randomFor(1, "entries");
  const indices = Array.from({ length: USERS }, () => {
    const seen = new Set(Array.from({ length: SEEN }, () => Math.floor(ITEMS ** random.uniform()) - 1));
    return [...seen].sort((left, right) => left - right);
  });
  const offsets = [0];
  for (const seen of indices) offsets.push(offsets.at(-1) + seen.length);
  return {
    rows: scores.userFactors,
    shares: new Float64Array(USERS).fill(1 / USERS),
    offsets: Uint32Array.from(offsets),
    indices: Uint32Array.from(indices.flat()),
  };
}

function matches(entries) {
  return {
    match: new Float32Array(entries),
    rank: new Uint32Array(entries),
    kappa: new Uint32Array(USERS),
    threshold: new Float32Array(USERS),
    mass: new Float64Array(USERS),
    cost: new Float64Array(USERS),
    low: new Float32Array(USERS),
    high: new Float32Array(USERS),
  };
}

function zipf(items) {
  const weights = Float64Array.from({ length: items }, (_, item) => 1 / (item + 10));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
