import { expect, it } from "vitest";
import type { Floats } from "../../kernels/kernels.ts";
import { sparseFromPairs } from "../../linalg/sparse.ts";
import { openCrew } from "../../parallel/crew.ts";
import { randomFor } from "../../random.ts";
import type { Architecture } from "./architecture.ts";
import { type Batch, batchOf } from "./batches.ts";
import { denoisingAutoencoder } from "./denoising-autoencoder.ts";
import type { LossOptions } from "./losses.ts";
import { initialState, type NetworkState, trainBatch } from "./training.ts";
import { variationalAutoencoder } from "./variational-autoencoder.ts";

const USERS = 6;
const ITEMS = 9;
const KL_WEIGHT = 0.2;
const REGULARIZATION = 0.03;
const CE: LossOptions = { loss: "ce", dropRate: 0.4, dropSchedule: 2, exponent: 0.7 };

const random = randomFor(4, "log");
const pairs = Array.from({ length: 24 }, () => [random.below(USERS), random.below(ITEMS)] as const);
const weights = Float32Array.from(pairs, () => 0.25 + random.uniform());
const matrix = sparseFromPairs(
  USERS,
  ITEMS,
  Uint32Array.from(pairs, ([user]) => user),
  Uint32Array.from(pairs, ([, item]) => item),
  weights,
);

const dot = (left: number[], right: Floats, row: number) =>
  left.reduce((sum, value, k) => sum + value * right[row * left.length + k]!, 0);
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

/** The logits of a user, and what its latent numbers add to the loss: the networks' definitions, written out. */
type Definition = (
  parameters: Floats[],
  sums: number[],
  normal: () => number,
) => { code: number[]; extra: number };

const cdae: Definition = (_, sums) => ({ code: sums.map((sum) => Math.max(0, sum)), extra: 0 });

const vae =
  (factors: number, hidden: number): Definition =>
  ([, , encoder, decoder], sums, normal) => {
    const layer = (rows: Floats, inputs: number[], count: number) =>
      Array.from({ length: count }, (_, row) => dot([...inputs, 1], rows, row));
    const codes = hidden > 0 ? layer(encoder!, sums.map(Math.tanh), 2 * factors) : sums;
    const [means, logs] = [codes.slice(0, factors), codes.slice(factors)];
    const z = means.map((mean, k) => mean + Math.exp(logs[k]! / 2) * normal());
    const divergence =
      means.reduce((sum, mean, k) => sum + mean ** 2 + Math.exp(logs[k]!) - 1 - logs[k]!, 0) / 2;
    const code = hidden > 0 ? layer(decoder!, z, hidden).map(Math.tanh) : z;
    return { code, extra: KL_WEIGHT * divergence };
  };

/** The logits of each user of a batch, and what the definition adds to the loss. */
function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function forward(definition: Definition, parameters: Floats[], { inputs }: Batch, width: number) {
  const noise = randomFor(7, "noise");
  return Array.from({ length: inputs.rows }, (_, row) => {
    const sums = new Array<number>(width).fill(0);
    for (let entry = inputs.offsets[row]!; entry < inputs.offsets[row + 1]!; entry++) {
      for (let k = 0; k < width; k++) {
        sums[k]! += inputs.values[entry]! * parameters[0]![inputs.indices[entry]! * width + k]!;
      }
    }
    const { code, extra } = definition(parameters, sums, noise.normal);
    const logits = Array.from({ length: ITEMS }, (_, item) => dot([...code, 1], parameters[1]!, item));
    return { logits, extra };
  });
}

/** -log probability of the targets in batch order. */
function targetLosses(rows: ReturnType<typeof forward>, { targets }: Batch, softmax: boolean) {
  return rows.flatMap(({ logits }, user) => {
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    return Array.from(targets.indices.subarray(targets.offsets[user], targets.offsets[user + 1]), (item) =>
      softmax ? Math.log(total) - logits[item]! : Math.log1p(Math.exp(-logits[item]!)),
    );
  });
}

/** The items that stand for those without an interaction, user by user. */
function negativesOf({ targets }: Batch, negatives: number): number[][] {
  const noise = randomFor(7, "noise");
  return Array.from({ length: targets.rows }, (_, user) => {
    const own = [...targets.indices.subarray(targets.offsets[user], targets.offsets[user + 1])];
    if (negatives === 0) return [...Array(ITEMS).keys()].filter((item) => !own.includes(item));
    return own.flatMap(() =>
      Array.from({ length: negatives }, () => {
        let item = noise.below(ITEMS);
        while (own.includes(item)) item = noise.below(ITEMS);
        return item;
      }),
    );
  });
}

async function gradientsAndDifferences(
  architecture: Architecture,
  definition: Definition,
  loss: LossOptions,
  negatives = 0,
) {
  const state: NetworkState = initialState(architecture, matrix, 3, "reference");
  const all = [state.input, state.output, ...state.layers];
  const start = randomFor(5, "start");
  for (const { values } of all) for (let at = 0; at < values.length; at++) values[at] = 0.6 * start.normal();
  const corruption = { random: randomFor(2, "corruption"), dropout: 0.3 };
  const batch = batchOf(matrix, Uint32Array.of(4, 1, 0, 5), architecture, corruption);
  const parameters = all.map(({ values }) => values);
  const softmax = architecture.activation === "softmax";

  const atStart = targetLosses(forward(definition, parameters, batch, architecture.width), batch, softmax);
  const counts = Array.from(batch.targets.values);
  if (loss.loss === "t-ce") {
    const dropped = Math.floor(0.2 * counts.length); // half of the schedule after one step of two
    expect(dropped).toBeGreaterThan(0);
    const worst = [...atStart].sort((left, right) => right - left).slice(0, dropped);
    atStart.forEach((each, entry) => {
      if (worst.includes(each)) counts[entry] = 0;
    });
  }
  if (loss.loss === "r-ce") {
    atStart.forEach((each, entry) => {
      counts[entry]! *= Math.exp(-each) ** loss.exponent;
    });
    const level = softmax ? mean(batch.targets.values) / mean(counts) : 1;
    for (const entry of counts.keys()) counts[entry]! *= level;
  }
  const others = negativesOf(batch, negatives);
  const objective = () => {
    const rows = forward(definition, parameters, batch, architecture.width);
    let sum = targetLosses(rows, batch, softmax).reduce(
      (total, each, entry) => total + each * counts[entry]!,
      0,
    );
    for (const [user, { logits, extra }] of rows.entries()) {
      sum += extra;
      if (!softmax) for (const item of others[user]!) sum -= Math.log(1 - sigmoid(logits[item]!));
    }
    const squares = parameters.flatMap((values) => [...values]).reduce((total, each) => total + each ** 2, 0);
    return sum / batch.targets.rows + (REGULARIZATION / 2) * squares;
  };

  const differences = parameters.map((values) =>
    Array.from(values, (value, at) => {
      const step = 1e-5;
      values[at] = value + step;
      const above = objective();
      values[at] = value - step;
      const below = objective();
      values[at] = value;
      return (above - below) / (2 * step);
    }),
  );
  await trainBatch(
    architecture,
    state,
    batch,
    { ...loss, learningRate: 0, regularization: REGULARIZATION, klWeight: KL_WEIGHT, negatives },
    randomFor(7, "noise"),
    { engine: "reference", crew: openCrew(0) },
  );
  return { gradients: all.map(({ first }) => Array.from(first, (each) => each / (1 - 0.9))), differences };
}

const networks = [
  { name: "CDAE", architecture: denoisingAutoencoder(4), definition: cdae },
  { name: "VAE-CF", architecture: variationalAutoencoder(3, 0), definition: vae(3, 0) },
  { name: "VAE-CF with hidden layers", architecture: variationalAutoencoder(3, 5), definition: vae(3, 5) },
];
const cases = [
  ...networks.flatMap((network) =>
    (["ce", "t-ce", "r-ce"] as const).map((loss) => ({ ...network, loss, negatives: 0 })),
  ),
  ...(["ce", "t-ce", "r-ce"] as const).map((loss) => ({ ...networks[0]!, loss, negatives: 2 })),
];

it.each(cases)(
  "$name, $loss, $negatives sampled negatives: every parameter's gradient is the loss's central difference",
  async ({ architecture, definition, loss, negatives }) => {
    const { gradients, differences } = await gradientsAndDifferences(
      architecture,
      definition,
      { ...CE, loss },
      negatives,
    );
    expect(gradients.map(({ length }) => length)).toEqual(differences.map(({ length }) => length));
    gradients.forEach((gradient, index) => {
      gradient.forEach((slope, at) => {
        const difference = differences[index]![at]!;
        expect(Math.abs(slope - difference)).toBeLessThanOrEqual(1e-4 * Math.max(Math.abs(difference), 1e-5));
      });
    });
  },
);
