import type { BlockTask } from "../parallel/block-task.ts";
import { type Crew, ifWorth, openCrew, type Threads } from "../parallel/crew.ts";
import { inSharedMemory, sharedFloat32, sharedFloat64 } from "../parallel/shared.ts";
import type { RunOptions } from "../progress.ts";
import type { Dense } from "./dense.ts";
import { type SparseMatrix, sharedMatrix } from "./sparse.ts";
import {
  columnBlocksOf,
  gramTimesTask,
  rowBlocksOf,
  type SparseProduct,
  timesTask,
  transposedTimesTask,
} from "./sparse-work.ts";

/** Multiplications below which starting threads costs more than they save: about a second of one core. */
const WORTH_THREADS = 1e9;

/** Products with one sparse matrix, over threads where it is large enough. All are row-major, `width` numbers a row. */
export interface SparseProducts {
  /** matrix dense, in float64. */
  times(dense: Dense, width: number): Promise<Float64Array>;
  /** matrix dense, each number rounded once to float32. */
  timesRounded(dense: Dense, width: number): Promise<Float32Array>;
  /** matrix^T dense. */
  transposedTimes(dense: Dense, width: number): Promise<Float64Array>;
  /** matrix^T matrix dense. */
  gramTimes(dense: Dense, width: number): Promise<Float64Array>;
}

/** Opens threads for products of about `width` columns, runs `work` with them, and ends them. */
export async function withSparseProducts<T>(
  matrix: SparseMatrix,
  width: number,
  options: RunOptions & { readonly threads?: Threads | undefined },
  work: (products: SparseProducts) => Promise<T>,
): Promise<T> {
  const large = matrix.indices.length * width > WORTH_THREADS;
  const crew = openCrew(ifWorth(large, options.threads));
  try {
    return await work(productsOf(crew.threads > 0 ? sharedMatrix(matrix) : matrix, crew, options));
  } finally {
    await crew.close();
  }
}

function productsOf(matrix: SparseMatrix, crew: Crew, { signal }: RunOptions): SparseProducts {
  const run = async <Product extends Dense>(
    task: BlockTask<SparseProduct, void>,
    blocks: number,
    dense: Dense,
    width: number,
    product: Product,
  ) => {
    await crew.run(task, { matrix, dense: inSharedMemory(dense), width, product }, blocks, {
      signal,
      stage: task.name,
    });
    return product;
  };
  return {
    times: (dense, width) =>
      run(timesTask, rowBlocksOf(matrix), dense, width, sharedFloat64(matrix.rows * width)),
    timesRounded: (dense, width) =>
      run(timesTask, rowBlocksOf(matrix), dense, width, sharedFloat32(matrix.rows * width)),
    transposedTimes: (dense, width) =>
      run(transposedTimesTask, columnBlocksOf(width), dense, width, sharedFloat64(matrix.columns * width)),
    gramTimes: (dense, width) =>
      run(gramTimesTask, columnBlocksOf(width), dense, width, sharedFloat64(matrix.columns * width)),
  };
}
