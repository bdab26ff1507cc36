import { ProRecError } from "../../errors.ts";
import type { AdamState, Engine, Floats } from "../../kernels/kernels.ts";
import { loadKernels } from "../../kernels/load.ts";
import { type SparseMatrix, sharedMatrix, transpose } from "../../linalg/sparse.ts";
import type { Crew } from "../../parallel/crew.ts";
import { inSharedMemory, sharedFloat32, sharedFloat64 } from "../../parallel/shared.ts";
import { randomFor } from "../../random.ts";
import { type Architecture, sameKind, withOnes, withoutLast } from "./architecture.ts";
import { type Batch, inputCount } from "./batches.ts";
import {
  inputBlocks,
  inputTask,
  itemBlocks,
  type LogitsJob,
  logitAt,
  logitsTask,
  outputTask,
} from "./blocks.ts";
import { type LossOptions, lossWeights } from "./losses.ts";

/** What training changes. */
export interface NetworkState {
  /** Mini-batches so far. */
  steps: number;
  /** inputs x width, items x (depth + 1), and the layers of the middle. */
  readonly input: AdamState;
  readonly output: AdamState;
  readonly layers: readonly AdamState[];
}

export interface StepOptions extends LossOptions {
  readonly learningRate: number;
  /** Half of it times the squared parameters is added to each batch's mean loss. */
  readonly regularization: number;
  readonly divergenceWeight: number;
}

/** Where and on which engine the work is done. */
export interface Site {
  readonly engine: Engine;
  readonly crew: Crew;
  readonly signal?: AbortSignal | undefined;
}

/** A network before its first step: normal random numbers as small as their layer is wide, biases 0. float64 on the reference engine. */
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
  clearBiases(output.values, depth + 1);
  const middle = layers.map(({ rows, columns }, index) => {
    const state = layer(`layer ${index}`, rows, columns, Math.sqrt(2 / (rows + columns)));
    clearBiases(state.values, columns);
    return state;
  });
  return { steps: 0, input, output, layers: middle };
}

function clearBiases(values: Floats, columns: number): void {
  for (let at = columns - 1; at < values.length; at += columns) values[at] = 0;
}

/** The sums of the first layer for a batch: users x width. */
export function firstLayer({ offsets, indices, values }: SparseMatrix, input: Floats, width: number): Floats {
  const users = offsets.length - 1;
  const sums = sameKind(input, users * width);
  for (let user = 0, to = 0; user < users; user++, to += width) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      const value = values[entry]!;
      const from = indices[entry]! * width;
      for (let k = 0; k < width; k++) sums[to + k]! += value * input[from + k]!;
    }
  }
  return sums;
}

/**
 * One mini-batch: forward, backward, a step of Adam for every parameter. `purpose` keys the middle's random numbers.
 * @throws ProRecError NOT_CONVERGED where numbers grow beyond all bounds; ABORTED
 */
export async function trainBatch(
  architecture: Architecture,
  state: NetworkState,
  batch: Batch,
  options: StepOptions,
  random: ReturnType<typeof randomFor>,
  site: Site,
): Promise<void> {
  const { networks } = loadKernels(site.engine);
  const { inputs, targets } = batch;
  const { engine, crew, signal } = site;
  const users = targets.rows;
  const items = targets.columns;
  const softmax = architecture.activation === "softmax";
  state.steps++;
  const step = {
    step: state.steps,
    learningRate: options.learningRate,
    scale: 1 / users,
    decay: options.regularization,
  };

  const sums = firstLayer(inputs, state.input.values, architecture.width);
  const forward = architecture.forward(
    networks,
    sums,
    state.layers.map(({ values }) => values),
    { random, divergenceWeight: options.divergenceWeight },
  );
  const embedding = inSharedMemory(withOnes(forward.embedding, architecture.depth));
  const logits = engine === "reference" ? sharedFloat64(users * items) : sharedFloat32(users * items);
  const job: LogitsJob = { engine, softmax, embedding, users, output: state.output, logits };
  const blocks = itemBlocks(items);
  const normalizers = new Float64Array(users).fill(-Infinity);
  await crew.run(logitsTask, job, blocks, { signal, stage: "train" }, (sums) => {
    sums?.forEach((sum, user) => {
      normalizers[user] = logAdd(normalizers[user]!, sum);
    });
  });

  const probabilities = probabilitiesOf(job, targets, softmax ? normalizers : undefined);
  const counted = lossWeights(options, targets.values, probabilities, state.steps);
  const byEmbedding = sameKind(embedding, embedding.length);
  await crew.run(
    outputTask,
    {
      ...job,
      targets: { offsets: targets.offsets, indices: targets.indices },
      counted,
      shifts: normalizers.map((sum, user) => {
        const own = counted.subarray(targets.offsets[user], targets.offsets[user + 1]);
        return sum - Math.log(own.reduce((total, count) => total + count, 0));
      }),
      step,
    },
    blocks,
    { signal, stage: "train" },
    (part) => {
      for (let at = 0; at < part.length; at++) byEmbedding[at]! += part[at]!;
    },
  );

  const gradient = forward.backward(withoutLast(byEmbedding, architecture.depth + 1));
  state.layers.forEach((layer, index) => {
    networks.adam(layer, gradient.layers[index]!, step);
  });
  const turned = transpose(inputs);
  await crew.run(
    inputTask,
    {
      engine,
      inputs: crew.threads > 0 ? sharedMatrix(turned) : turned,
      gradient: crew.threads > 0 ? inSharedMemory(gradient.sums) : gradient.sums,
      input: state.input,
      step,
    },
    inputBlocks(inputs.columns),
    { signal, stage: "train" },
  );
}

/** The predicted probability of each target. */
function probabilitiesOf(
  { logits, users, output, embedding }: LogitsJob,
  { offsets, indices }: SparseMatrix,
  normalizers: Float64Array | undefined,
): Float64Array {
  const items = output.values.length / (embedding.length / users);
  const probabilities = new Float64Array(indices.length);
  for (let user = 0; user < users; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      const logit = logits[logitAt(items, users, user, indices[entry]!)]!;
      probabilities[entry] = normalizers ? Math.exp(logit - normalizers[user]!) : 1 / (1 + Math.exp(-logit));
    }
  }
  if (probabilities.every((probability) => probability >= 0)) return probabilities;
  throw new ProRecError("NOT_CONVERGED", "The network's numbers grew beyond all bounds.", {
    hint: "Take a smaller learning rate, or check for weights that are far too large.",
  });
}

function logAdd(left: number, right: number): number {
  const peak = Math.max(left, right);
  return peak === -Infinity ? peak : peak + Math.log(Math.exp(left - peak) + Math.exp(right - peak));
}
