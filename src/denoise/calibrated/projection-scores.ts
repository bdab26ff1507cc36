import { randomizedSvd } from "../../linalg/randomized-svd.ts";
import type { SparseMatrix } from "../../linalg/sparse.ts";
import type { BlockInput, BlockTask } from "../../parallel/block-task.ts";
import type { Crew, Threads } from "../../parallel/crew.ts";
import { inSharedMemory, sharedFloat32 } from "../../parallel/shared.ts";
import type { RunOptions } from "../../progress.ts";

/** Ranks whose scores are averaged; the singular vectors are those of the largest. */
const RANKS = [5, 10, 20];
const ITERATIONS = 4;
const ROWS = 4096;

export interface ProjectionJob {
  readonly matrix: SparseMatrix;
  /** Right singular vectors, columns x rank. */
  readonly right: Float32Array;
  readonly rank: number;
  /** Filled in, a number an entry. */
  readonly scores: Float32Array;
}

/** Scores, a number an entry, and the singular vectors behind them: items x rank. */
export interface Projection {
  readonly scores: Float32Array;
  readonly itemFactors: Float32Array;
  readonly rank: number;
}

export const projectionTask: BlockTask<ProjectionJob, void> = {
  module: import.meta.url,
  name: "projectionBlock",
  work: projectionBlock,
};

/**
 * How well the user's other items span this one: (x_u V . V_i - |V_i|^2) / sqrt(n_u), V the leading right singular
 * vectors of the pattern, averaged over the ranks 5, 10 and 20.
 */
export async function projectionScores(
  matrix: SparseMatrix,
  options: RunOptions & { readonly seed: number; readonly threads?: Threads | undefined },
  crew: Crew,
): Promise<Projection> {
  const svd = await randomizedSvd(matrix, { ...options, rank: RANKS.at(-1)!, iterations: ITERATIONS });
  const right = inSharedMemory(Float32Array.from(svd.right));
  const scores = sharedFloat32(matrix.indices.length);
  const job = { matrix, right, rank: svd.rank, scores };
  await crew.run(projectionTask, job, Math.ceil(matrix.rows / ROWS), { ...options, stage: "projection" });
  return { scores, itemFactors: right, rank: svd.rank };
}

export function projectionBlock({ job, block }: BlockInput<ProjectionJob>): void {
  const { matrix, right, rank, scores } = job;
  const { offsets, indices } = matrix;
  const share = sharesOf(rank);
  const sums = new Float64Array(rank);
  const end = Math.min((block + 1) * ROWS, matrix.rows);
  for (let user = block * ROWS; user < end; user++) {
    const first = offsets[user]!;
    const last = offsets[user + 1]!;
    sums.fill(0);
    for (let entry = first; entry < last; entry++) {
      const from = indices[entry]! * rank;
      for (let k = 0; k < rank; k++) sums[k]! += right[from + k]!;
    }
    const scale = 1 / Math.sqrt(last - first);
    for (let entry = first; entry < last; entry++) {
      const from = indices[entry]! * rank;
      let score = 0;
      for (let k = 0; k < rank; k++) {
        const own = right[from + k]!;
        score += share[k]! * own * (sums[k]! - own);
      }
      scores[entry] = score * scale;
    }
  }
}

/** In what share of the ranks each singular vector takes part. */
function sharesOf(rank: number): Float64Array {
  return Float64Array.from({ length: rank }, (_, k) => {
    return RANKS.filter((most) => k < most).length / RANKS.length;
  });
}
