// An epoch of CDAE and of VAE-CF beside the dense products that it must form (logits, gradient by the embeddings,
// gradient by the last layer) done by the engine's product kernel alone, its factors packed beforehand. A log of
// AMusic's shape, one thread, CPU time, interleaved rounds.
// Usage: npm run build && node bench/networks.mjs [rounds] > result.json   (the table goes to stderr)
import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { loadKernels } from "../dist/kernels/load.js";
import { sparseFromPairs } from "../dist/linalg/sparse.js";
import { denoisingAutoencoder } from "../dist/models/network/denoising-autoencoder.js";
import { fitNetwork } from "../dist/models/network/fit.js";
import { variationalAutoencoder } from "../dist/models/network/variational-autoencoder.js";
import { randomFor } from "../dist/random.js";

const USERS = 1776;
const ITEMS = 12_929;
const INTERACTIONS = 32_000;
const FACTORS = 100;
const BATCH = 100;
const rounds = Number(process.argv[2] ?? 5);

const random = randomFor(1, "log");
const draw = (count) => Uint32Array.from({ length: INTERACTIONS }, () => count ** random.uniform() - 1);
const matrix = sparseFromPairs(USERS, ITEMS, draw(USERS), draw(ITEMS));
const active = matrix.offsets.filter((offset, user) => user > 0 && offset > matrix.offsets[user - 1]).length;
const products = productsOf(active);
const training = {
  ...{ epochs: rounds + 1, patience: 1, validation: 0, batchSize: BATCH, learningRate: 0.003, dropout: 0.5 },
  ...{ regularization: 0.001, klWeight: 0.2, annealing: 20, negatives: 0, seed: 1 },
  ...{ loss: "ce", dropRate: 0.1, dropSchedule: 200, exponent: 0.25 },
};

const results = [];
for (const [name, architecture] of [
  ["CDAE", denoisingAutoencoder(FACTORS)],
  ["VAE-CF", variationalAutoencoder(FACTORS, 0)],
]) {
  const times = { epoch: [], products: [] };
  let before = process.cpuUsage();
  await fitNetwork(architecture, matrix, training, {
    onEpoch: ({ epoch }) => {
      const epochTime = since(before);
      const start = process.cpuUsage();
      products();
      if (epoch > 1) {
        times.epoch.push(epochTime);
        times.products.push(since(start));
      }
      before = process.cpuUsage();
    },
  });
  const ratios = times.epoch.map((time, round) => time / times.products[round]);
  results.push({
    name,
    epochSeconds: median(times.epoch),
    productSeconds: median(times.products),
    ratio: median(times.epoch) / median(times.products),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  });
}
for (const { name, epochSeconds, productSeconds, ratio, spread } of results) {
  const range = spread.map((each) => each.toFixed(2)).join(" .. ");
  console.error(
    `${name.padEnd(8)} epoch ${epochSeconds.toFixed(2)} s, products ${productSeconds.toFixed(2)} s: ${ratio.toFixed(2)} (${range})`,
  );
}
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const machine = {
  cpu: cpus()[0].model,
  cores: cpus().length,
  load: loadavg(),
  node: process.version,
  commit,
};
const shape = {
  users: USERS,
  items: ITEMS,
  interactions: matrix.indices.length,
  factors: FACTORS,
  batch: BATCH,
};
const { engine } = loadKernels();
console.log(
  JSON.stringify(
    { subject: "networks", machine, engine, shape: { ...shape, rounds }, results },
    undefined,
    2,
  ),
);

/** The three products of every batch of an epoch. */
function productsOf(users) {
  const kernels = loadKernels();
  const depth = FACTORS + 1;
  const numbers = (count) => Float32Array.from({ length: count }, () => random.uniform() - 0.5);
  const layer = numbers(ITEMS * depth);
  const embedding = numbers(BATCH * depth);
  const slopes = numbers(BATCH * ITEMS);
  const logits = new Float32Array(BATCH * ITEMS);
  const byEmbedding = new Float32Array(BATCH * depth);
  const byLayer = new Float32Array(ITEMS * depth);
  const forward = kernels.rightFactor(layer, { depth, columns: ITEMS, transposed: true });
  const backward = kernels.rightFactor(layer, { depth: ITEMS, columns: depth });
  const update = kernels.rightFactor(embedding, { depth: BATCH, columns: depth });
  return () => {
    for (let start = 0; start < users; start += BATCH) {
      forward.multiply(embedding, logits);
      backward.multiply(slopes, byEmbedding);
      update.multiply(slopes, byLayer);
    }
  };
}

function since(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}
