import type { Engine, RowProducts } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import type { BlockInput, BlockTask } from "../parallel/block-task.ts";
import { ifWorth, openCrew, type Threads } from "../parallel/crew.ts";
import { inSharedMemory, sharedFloat64 } from "../parallel/shared.ts";
import type { RunOptions } from "../progress.ts";

/** Pivots that are swept at a time. */
const PIVOTS = 96;
/** Rows of the matrix that make a block. */
const ROWS = 128;
/** Rows below which starting threads costs more than they save: about a second of one core. */
const WORTH_THREADS = 2000;

/**
 * The inverse of a symmetric positive definite matrix (n x n, row-major, its lower triangle is read), in place if it
 * is in shared memory: sweeps of blocks of pivots (Goodnight 1979), n^3 operations in float64.
 * @throws RangeError if the matrix is not positive definite
 */
export async function symmetricInverse(
  matrix: Float64Array,
  n: number,
  options: RunOptions & {
    readonly threads?: Threads | undefined;
    readonly engine?: Engine | "auto" | undefined;
  } = {},
): Promise<Float64Array> {
  const swept = inSharedMemory(matrix);
  const { signal, onProgress } = options;
  const kernels = loadKernels(options.engine);
  const crew = openCrew(ifWorth(n >= WORTH_THREADS, options.threads));
  try {
    for (let start = 0; start < n; start += PIVOTS) {
      onProgress?.({ stage: "inverse", done: start, total: n });
      const end = Math.min(start + PIVOTS, n);
      const step = { engine: kernels.engine, id: steps++, n, depth: end - start, matrix: swept };
      const { columns, pivots } = takeOut(swept, n, start, end);
      const ratios = sharedFloat64(columns.length);
      const kernel = kernels.rowProducts(step.depth, step.depth);
      kernel.load(pivots);
      kernel.multiply(columns, step.depth, ratios);
      await crew.run(updateTask, { ...step, columns, ratios }, Math.ceil(n / ROWS), {
        signal,
        stage: "inverse",
      });
      putBack(swept, n, start, end, ratios, pivots);
    }
  } finally {
    loaded = undefined;
    await crew.close();
  }
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      const value = -swept[row * n + column]!;
      swept[row * n + column] = value;
      swept[column * n + row] = value;
    }
  }
  onProgress?.({ stage: "inverse", done: n, total: n });
  return swept;
}

/** The columns start..end - 1 of the symmetric matrix (n rows), zeros in those rows, and the inverse of what stood there. */
function takeOut(matrix: Float64Array, n: number, start: number, end: number) {
  const depth = end - start;
  const columns = sharedFloat64(n * depth);
  const pivots = new Float64Array(depth * depth);
  for (let k = 0; k < depth; k++) {
    const line = (start + k) * n;
    for (let row = 0; row < start; row++) columns[row * depth + k] = matrix[line + row]!;
    for (let row = end; row < n; row++) columns[row * depth + k] = matrix[row * n + start + k]!;
    for (let other = 0; other <= k; other++) {
      const value = matrix[line + start + other]!;
      pivots[k * depth + other] = value;
      pivots[other * depth + k] = value;
    }
  }
  for (let k = 0; k < depth; k++) sweep(pivots, depth, k, start + k);
  for (let at = 0; at < pivots.length; at++) pivots[at] = -pivots[at]!;
  return { columns, pivots };
}

/** Sweeps one pivot; all of them leave the negative inverse. */
function sweep(matrix: Float64Array, n: number, pivot: number, name: number): void {
  const size = matrix[pivot * n + pivot]!;
  if (!(size > 0)) throw new RangeError(`The matrix is not positive definite (pivot ${name} is ${size}).`);
  for (let row = 0; row < n; row++) {
    if (row === pivot) continue;
    const ratio = matrix[row * n + pivot]! / size;
    for (let column = 0; column < n; column++) {
      if (column !== pivot) matrix[row * n + column]! -= ratio * matrix[pivot * n + column]!;
    }
    matrix[row * n + pivot] = ratio;
  }
  for (let column = 0; column < n; column++) {
    matrix[pivot * n + column] = column === pivot ? -1 / size : matrix[pivot * n + column]! / size;
  }
}

/** Writes the swept columns, and the negative inverse where they cross. */
function putBack(
  matrix: Float64Array,
  n: number,
  start: number,
  end: number,
  ratios: Float64Array,
  pivots: Float64Array,
): void {
  const depth = end - start;
  for (let k = 0; k < depth; k++) {
    const line = (start + k) * n;
    for (let row = 0; row < start; row++) matrix[line + row] = ratios[row * depth + k]!;
    for (let row = end; row < n; row++) matrix[row * n + start + k] = ratios[row * depth + k]!;
    for (let other = 0; other <= k; other++) matrix[line + start + other] = -pivots[k * depth + other]!;
  }
}

interface Update {
  readonly engine: Engine;
  /** Different for each step of a process, so that a thread knows whether it has the columns loaded. */
  readonly id: number;
  readonly n: number;
  readonly depth: number;
  readonly matrix: Float64Array;
  readonly columns: Float64Array;
  readonly ratios: Float64Array;
}

const updateTask: BlockTask<Update, void> = {
  module: import.meta.url,
  name: "updateBlock",
  work: updateBlock,
};

let steps = 0;
let loaded: { step: number; depth: number; n: number; kernel: RowProducts } | undefined;

/** matrix -= ratios columns^T in the lower triangle of some rows. */
export function updateBlock({ job, block }: BlockInput<Update>): void {
  const { n, depth, matrix, ratios } = job;
  const start = block * ROWS;
  const end = Math.min(start + ROWS, n);
  const product = new Float64Array((end - start) * end);
  kernelOf(job).multiply(ratios.subarray(start * depth, end * depth), end, product);
  for (let row = start; row < end; row++) {
    const from = (row - start) * end;
    for (let column = 0; column <= row; column++) matrix[row * n + column]! -= product[from + column]!;
  }
}

function kernelOf({ engine, id, depth, n, columns }: Update): RowProducts {
  if (loaded?.depth !== depth || loaded.n !== n) {
    loaded = { step: -1, depth, n, kernel: loadKernels(engine).rowProducts(depth, n) };
  }
  if (loaded.step !== id) {
    loaded.kernel.load(columns);
    loaded.step = id;
  }
  return loaded.kernel;
}
