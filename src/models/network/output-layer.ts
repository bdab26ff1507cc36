import { ProRecError } from "../../errors.ts";
import type { AdamState, AdamStep, Floats } from "../../kernels/kernels.ts";
import { findEntry, type SparseMatrix, transpose } from "../../linalg/sparse.ts";
import { inSharedMemory, sharedFloat32, sharedFloat64 } from "../../parallel/shared.ts";
import type { Random } from "../../random.ts";
import { sameKind } from "./architecture.ts";
import { itemBlocks, type LogitsJob, logitAt, logitsTask, outputTask } from "./output-blocks.ts";
import { moveSparseLayer, type Site, sparseTimes } from "./sparse-layer.ts";

/** What the last layer is given: the users' embeddings (users x (depth + 1)), and what should come out. */
export interface OutputLayer {
  readonly embedding: Floats;
  readonly output: AdamState;
  readonly targets: SparseMatrix;
  /** From the probabilities of the targets to what their losses are multiplied by. */
  readonly count: (probabilities: Float64Array) => Float64Array;
  readonly step: AdamStep;
}

/** Moves the last layer by the loss over all items. Gives the gradient by the embeddings. */
export async function moveOutputLayer(
  { embedding, output, targets, count, step }: OutputLayer,
  softmax: boolean,
  { engine, crew, signal }: Site,
): Promise<Floats> {
  const { rows: users, columns: items, offsets, indices } = targets;
  const logits = engine === "reference" ? sharedFloat64(users * items) : sharedFloat32(users * items);
  const job: LogitsJob = { engine, softmax, embedding: inSharedMemory(embedding), users, output, logits };
  const blocks = itemBlocks(items);
  const run = { signal, stage: "train" };
  const normalizers = new Float64Array(users).fill(-Infinity);
  await crew.run(logitsTask, job, blocks, run, (sums) => {
    sums?.forEach((sum, user) => {
      normalizers[user] = logAdd(normalizers[user]!, sum);
    });
  });
  const counted = count(
    probabilitiesOf(targets, (user, entry) => {
      const logit = logits[logitAt(items, users, user, indices[entry]!)]!;
      return softmax ? Math.exp(logit - normalizers[user]!) : 1 / (1 + Math.exp(-logit));
    }),
  );
  const shifts = normalizers.map((sum, user) => {
    const own = counted.subarray(offsets[user], offsets[user + 1]);
    return sum - Math.log(own.reduce((total, each) => total + each, 0));
  });
  const byEmbedding = sameKind(embedding, embedding.length);
  const outputJob = { ...job, targets: { offsets, indices }, counted, shifts, step };
  await crew.run(outputTask, outputJob, blocks, run, (part) => {
    for (let at = 0; at < part.length; at++) byEmbedding[at]! += part[at]!;
  });
  return byEmbedding;
}

/**
 * The same by the sigmoid cross-entropy over the targets and so many items without an interaction for each of them, drawn
 * at random, which may come twice.
 */
export async function moveSampledOutputLayer(
  { embedding, output, targets, count, step }: OutputLayer,
  negatives: number,
  random: Random,
  site: Site,
): Promise<Floats> {
  const width = embedding.length / targets.rows;
  const { offsets, indices } = targets;
  const probability = (user: number, item: number) => {
    let logit = 0;
    for (let k = 0; k < width; k++) logit += embedding[user * width + k]! * output.values[item * width + k]!;
    return 1 / (1 + Math.exp(-logit));
  };
  const probabilities = probabilitiesOf(targets, (user, entry) => probability(user, indices[entry]!));
  const counted = count(probabilities);
  const slopeOffsets = offsets.map((offset) => offset * (1 + negatives));
  const slopeIndices = new Uint32Array(indices.length * (1 + negatives));
  const slopes = new Float32Array(slopeIndices.length);
  for (let user = 0, size = 0; user < targets.rows; user++) {
    const free = offsets[user + 1]! - offsets[user]! < targets.columns;
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      slopeIndices[size] = indices[entry]!;
      slopes[size++] = counted[entry]! * (probabilities[entry]! - 1);
      for (let negative = 0; negative < negatives; negative++, size++) {
        let item = random.below(targets.columns);
        while (free && findEntry(targets, user, item) >= 0) item = random.below(targets.columns);
        slopeIndices[size] = item;
        slopes[size] = free ? probability(user, item) : 0;
      }
    }
  }
  const byLogits = { ...targets, offsets: slopeOffsets, indices: slopeIndices, values: slopes };
  const byEmbedding = sparseTimes(byLogits, output.values, width);
  await moveSparseLayer(transpose(byLogits), embedding, output, step, site);
  return byEmbedding;
}

function probabilitiesOf(
  { rows, offsets, indices }: SparseMatrix,
  probability: (user: number, entry: number) => number,
): Float64Array {
  const probabilities = new Float64Array(indices.length);
  for (let user = 0; user < rows; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      probabilities[entry] = probability(user, entry);
    }
  }
  if (probabilities.every((value) => value >= 0)) return probabilities;
  throw new ProRecError("NOT_CONVERGED", "The network's numbers grew beyond all bounds.", {
    hint: "Take a smaller learning rate, or check for weights that are far too large.",
  });
}

function logAdd(left: number, right: number): number {
  const peak = Math.max(left, right);
  return peak === -Infinity ? peak : peak + Math.log(Math.exp(left - peak) + Math.exp(right - peak));
}
