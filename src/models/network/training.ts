import type { AdamState, Engine } from "../../kernels/kernels.ts";
import { loadKernels } from "../../kernels/load.ts";
import { type SparseMatrix, transpose } from "../../linalg/sparse.ts";
import { sharedFloat32, sharedFloat64 } from "../../parallel/shared.ts";
import { type Random, randomFor } from "../../random.ts";
import { type Architecture, withOnes, withoutLast } from "./architecture.ts";
import { type Batch, inputCount } from "./batches.ts";
import { type LossOptions, lossWeights } from "./losses.ts";
import type { TrainingOptions } from "./options.ts";
import { moveOutputLayer, moveSampledOutputLayer, type OutputLayer } from "./output-layer.ts";
import { moveSparseLayer, type Site, sparseTimes } from "./sparse-layer.ts";

/** What training changes. */
export interface NetworkState {
  /** Mini-batches so far. */
  steps: number;
  /** inputs x width, items x (depth + 1), and the layers of the middle. */
  readonly input: AdamState;
  readonly output: AdamState;
  readonly layers: readonly AdamState[];
}

/** What a step needs of the hyper-parameters, at its time. */
export type StepOptions = LossOptions &
  Pick<TrainingOptions, "learningRate" | "regularization" | "klWeight" | "negatives">;

/** A network before its first step: normal random numbers as small as their layer is wide, biases 0, those
 * of items their log-odds. float64 on the reference engine. */
export function initialState(
  architecture: Architecture,
  matrix: SparseMatrix,
  seed: number,
  engine: Engine,
): NetworkState {
  const { width, depth, layers } = architecture;
  const layer = (name: string, rows: number, columns: number, scale: number): AdamState => {
    const make = () =>
      engine === "reference" ? sharedFloat64(rows * columns) : sharedFloat32(rows * columns);
    const state = { values: make(), first: make(), second: make() };
    const random = randomFor(seed, `network/${name}`);
    for (let at = 0; at < state.values.length; at++) state.values[at] = scale * random.normal();
    return state;
  };
  const inputs = inputCount(architecture, matrix);
  const input = layer("input", inputs, width, Math.sqrt(2 / (matrix.columns + width)));
  input.values.fill(0, (inputs - 1) * width);
  const output = layer("output", matrix.columns, depth + 1, Math.sqrt(2 / (matrix.columns + depth)));
  logOdds(matrix).forEach((odds, item) => {
    output.values[item * (depth + 1) + depth] = odds;
  });
  const middle = layers.map(({ rows, columns }, index) => {
    const state = layer(`layer ${index}`, rows, columns, Math.sqrt(2 / (rows + columns)));
    for (let at = columns - 1; at < state.values.length; at += columns) state.values[at] = 0;
    return state;
  });
  return { steps: 0, input, output, layers: middle };
}

/** How likely it is that a user has each item: the logits of a network that knows nothing else. */
function logOdds({ rows, columns, indices, values }: SparseMatrix): Float64Array {
  const sums = new Float64Array(columns);
  for (const [entry, item] of indices.entries()) sums[item]! += values[entry]!;
  return sums.map((sum) => Math.log((sum + 0.5) / (Math.max(rows - sum, 0) + 0.5)));
}

/**
 * One mini-batch: forward, backward, a step of Adam for every parameter. `random` gives the noise of the middle and the
 * sampled negatives.
 * @throws ProRecError NOT_CONVERGED where numbers grow beyond all bounds; ABORTED
 */
export async function trainBatch(
  architecture: Architecture,
  state: NetworkState,
  { inputs, targets }: Batch,
  options: StepOptions,
  random: Random,
  site: Site,
): Promise<void> {
  const { width, depth, activation } = architecture;
  const { networks } = loadKernels(site.engine);
  const { learningRate, klWeight, negatives, regularization: decay } = options;
  state.steps++;
  const step = { step: state.steps, learningRate, scale: 1 / targets.rows, decay };

  const softmax = activation === "softmax";
  const sums = sparseTimes(inputs, state.input.values, width);
  const layers = state.layers.map(({ values }) => values);
  const forward = architecture.forward(networks, sums, layers, { random, klWeight });
  const last: OutputLayer = {
    embedding: withOnes(forward.embedding, depth),
    output: state.output,
    targets,
    count: (probabilities) =>
      lossWeights(options, targets.values, { probabilities, sumToOne: softmax }, state.steps),
    step,
  };
  const byEmbedding =
    negatives > 0
      ? await moveSampledOutputLayer(last, negatives, random, site)
      : await moveOutputLayer(last, softmax, site);
  const gradient = forward.backward(withoutLast(byEmbedding, depth + 1));
  for (const [index, layer] of state.layers.entries()) networks.adam(layer, gradient.layers[index]!, step);
  await moveSparseLayer(transpose(inputs), gradient.sums, state.input, step, site);
}
