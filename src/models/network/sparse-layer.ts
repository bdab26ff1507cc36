import type { AdamState, AdamStep, Engine, Floats } from "../../kernels/kernels.ts";
import { loadKernels } from "../../kernels/load.ts";
import { type SparseMatrix, sharedMatrix } from "../../linalg/sparse.ts";
import type { BlockInput, BlockTask } from "../../parallel/block-task.ts";
import type { Crew } from "../../parallel/crew.ts";
import { inSharedMemory } from "../../parallel/shared.ts";
import { sameKind } from "./architecture.ts";
import { rowsOf } from "./output-blocks.ts";

/** Where and on which engine the work is done. */
export interface Site {
  readonly engine: Engine;
  readonly crew: Crew;
  readonly signal?: AbortSignal | undefined;
}

/** A layer whose inputs are sparse, for a batch of users. */
interface SparseLayerJob {
  readonly engine: Engine;
  /** inputs x users. */
  readonly inputs: SparseMatrix;
  /** users x width: the gradient by the sums of the layer's rows. */
  readonly gradient: Floats;
  /** inputs x width. */
  readonly layer: AdamState;
  readonly step: AdamStep;
}

/** Rows of the layer that make a block. */
const ROWS = 4096;

const sparseLayerTask: BlockTask<SparseLayerJob, void> = {
  module: import.meta.url,
  name: "sparseLayerBlock",
  work: sparseLayerBlock,
};

/** Sparse rows times a dense matrix of so many columns. */
export function sparseTimes(
  { rows, offsets, indices, values }: SparseMatrix,
  dense: Floats,
  width: number,
): Floats {
  const product = sameKind(dense, rows * width);
  for (let row = 0; row < rows; row++) {
    addRows(product, row * width, { offsets, indices, values }, row, dense, width);
  }
  return product;
}

/** A step of Adam for all rows of the layer by inputs^T (inputs x users here) times the gradient. */
export function moveSparseLayer(
  inputs: SparseMatrix,
  gradient: Floats,
  layer: AdamState,
  step: AdamStep,
  { engine, crew, signal }: Site,
): Promise<void> {
  const shared =
    crew.threads > 0
      ? { inputs: sharedMatrix(inputs), gradient: inSharedMemory(gradient) }
      : { inputs, gradient };
  const job = { engine, layer, step, ...shared };
  return crew.run(sparseLayerTask, job, Math.ceil(inputs.rows / ROWS), { signal, stage: "train" });
}

export function sparseLayerBlock({ job, block }: BlockInput<SparseLayerJob>): void {
  const { engine, inputs, gradient, layer, step } = job;
  const width = gradient.length / inputs.columns;
  const start = block * ROWS;
  const end = Math.min(start + ROWS, inputs.rows);
  const byRows = sameKind(gradient, (end - start) * width);
  for (let row = start; row < end; row++) {
    addRows(byRows, (row - start) * width, inputs, row, gradient, width);
  }
  loadKernels(engine).networks.adam(rowsOf(layer, start, end, width), byRows, step);
}

/** Adds the rows of `dense` at a sparse row's entries, each times its value. */
function addRows(
  sums: Floats,
  to: number,
  { offsets, indices, values }: Pick<SparseMatrix, "offsets" | "indices" | "values">,
  row: number,
  dense: Floats,
  width: number,
): void {
  for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
    const value = values[entry]!;
    const from = indices[entry]! * width;
    for (let k = 0; k < width; k++) sums[to + k]! += value * dense[from + k]!;
  }
}
