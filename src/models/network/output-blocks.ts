import type { AdamState, AdamStep, Engine, Floats, NetworkKernels } from "../../kernels/kernels.ts";
import { loadKernels } from "../../kernels/load.ts";
import type { SparseMatrix } from "../../linalg/sparse.ts";
import type { BlockInput, BlockTask } from "../../parallel/block-task.ts";
import { sameKind } from "./architecture.ts";

/** Items of the last layer that make a block. */
const ITEMS = 1024;

/** The last layer for a batch of users, by blocks of items. */
export interface LogitsJob {
  readonly engine: Engine;
  readonly softmax: boolean;
  /** users x (depth + 1): the embeddings, each with a 1 behind it. */
  readonly embedding: Floats;
  readonly users: number;
  /** items x (depth + 1). */
  readonly output: AdamState;
  /** Filled in: users x items, one block of items after the other. */
  readonly logits: Floats;
}

export interface OutputJob extends LogitsJob {
  readonly targets: Pick<SparseMatrix, "offsets" | "indices">;
  /** What the loss of each target is multiplied by. */
  readonly counted: Float64Array;
  /** Softmax: e^(logit - shift) is the probability times the sum of the user's targets. */
  readonly shifts: Float64Array;
  readonly step: AdamStep;
}

/** Fills the logits of a block of items; for softmax gives log sum exp of each user's. */
export const logitsTask: BlockTask<LogitsJob, Float64Array | undefined> = {
  module: import.meta.url,
  name: "logitsBlock",
  work: logitsBlock,
};

/** Gives what a block of items adds to the gradient by the embeddings, and moves its rows of the last layer. */
export const outputTask: BlockTask<OutputJob, Floats> = {
  module: import.meta.url,
  name: "outputBlock",
  work: outputBlock,
};

export function itemBlocks(items: number): number {
  return Math.ceil(items / ITEMS);
}

/** Where the logit of a user of the batch and an item stands. */
export function logitAt(items: number, users: number, user: number, item: number): number {
  const start = item - (item % ITEMS);
  return start * users + user * Math.min(ITEMS, items - start) + item - start;
}

export function logitsBlock({ job, block }: BlockInput<LogitsJob>): Float64Array | undefined {
  const { networks } = loadKernels(job.engine);
  const { layer, logits, columns, width } = partOf(job, block);
  networks.timesTransposed(job.embedding, layer.values, columns, logits);
  return job.softmax ? networks.logSumExp(logits, width) : undefined;
}

export function outputBlock({ job, block }: BlockInput<OutputJob>): Floats {
  const { networks } = loadKernels(job.engine);
  const { embedding, users, step } = job;
  const { layer, logits, width } = partOf(job, block);
  toGradient(networks, job, block * ITEMS, logits, width);
  const byLayer = sameKind(layer.values, layer.values.length);
  networks.transposedTimes(logits, embedding, users, byLayer);
  const byEmbedding = sameKind(embedding, embedding.length);
  networks.times(logits, layer.values, width, byEmbedding);
  networks.adam(layer, byLayer, step);
  return byEmbedding;
}

/** A block's rows of the last layer and its logits (users x width). */
function partOf({ output, embedding, users, logits }: LogitsJob, block: number) {
  const columns = embedding.length / users;
  const items = output.values.length / columns;
  const start = block * ITEMS;
  const end = Math.min(start + ITEMS, items);
  return {
    layer: rowsOf(output, start, end, columns),
    logits: logits.subarray(start * users, end * users),
    columns,
    width: end - start,
  };
}

/** Rows start..end-1 of a layer. */
export function rowsOf(
  { values, first, second }: AdamState,
  start: number,
  end: number,
  width: number,
): AdamState {
  const part = (array: Floats) => array.subarray(start * width, end * width);
  return { values: part(values), first: part(first), second: part(second) };
}

/** Turns the logits of a block into the gradient of the loss by them. */
function toGradient(
  networks: NetworkKernels,
  { softmax, shifts, counted, targets: { offsets, indices } }: OutputJob,
  start: number,
  logits: Floats,
  width: number,
): void {
  if (softmax) networks.exponentials(logits, width, shifts);
  else networks.sigmoid(logits);
  for (let user = 0; user < offsets.length - 1; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      const item = indices[entry]! - start;
      if (item < 0 || item >= width) continue;
      const at = user * width + item;
      logits[at] = softmax ? logits[at]! - counted[entry]! : counted[entry]! * (logits[at]! - 1);
    }
  }
}
