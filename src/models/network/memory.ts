import type { SparseMatrix } from "../../linalg/sparse.ts";
import { assertFits } from "../../memory.ts";
import type { Architecture } from "./architecture.ts";
import { inputCount } from "./batches.ts";
import type { TrainingOptions } from "./options.ts";

/** Bytes of a parameter: its value and the two moving averages of its gradient. */
const PARAMETER = 12;
/** Mini-batches' arrays that are done with, until the garbage collector comes. */
const GARBAGE = 90e6;
/** A worker thread before any data. */
const THREAD = 25e6;

/** Bytes that training needs at its peak beside what is there, within 25% of the whole process's on AMusic. */
export function trainingBytes(
  architecture: Architecture,
  matrix: SparseMatrix,
  { batchSize, negatives, validation }: Pick<TrainingOptions, "batchSize" | "negatives" | "validation">,
  threads = 0,
): number {
  const { width, depth, layers } = architecture;
  const { rows, columns } = matrix;
  const middle = layers.reduce((sum, layer) => sum + layer.rows * layer.columns, 0);
  const parameters = inputCount(architecture, matrix) * width + columns * (depth + 1) + middle;
  /** The best number of epochs known, training starts anew before the search's parameters are gone. */
  const states = validation > 0 ? 2 : 1;
  const logits = negatives > 0 ? 0 : 4 * Math.min(batchSize, rows) * columns;
  const learned = 4 * ((rows + 2 * columns) * (depth + 1) + columns * width);
  return states * PARAMETER * parameters + 2 * logits + learned + GARBAGE + threads * THREAD;
}

/** @throws ProRecError TOO_LARGE with figures where training needs more memory than is free */
export function assertTrainingFits(
  ...[architecture, matrix, options, threads]: Parameters<typeof trainingBytes>
): void {
  assertFits(
    process.memoryUsage.rss() + trainingBytes(architecture, matrix, options, threads),
    "Use fewer factors or a smaller batch, or a model such as nce-plrec, which trains no network.",
    { users: matrix.rows, items: matrix.columns },
  );
}
