import type { Interactions } from "../interactions/interactions.ts";
import { cholesky, choleskySolve } from "../linalg/cholesky.ts";
import { gram, trace } from "../linalg/dense.ts";
import { randomizedSvd } from "../linalg/randomized-svd.ts";
import { columnCounts, type SparseMatrix, withValues } from "../linalg/sparse.ts";
import { withSparseProducts } from "../linalg/sparse-products.ts";
import { sharedFloat32 } from "../parallel/shared.ts";
import { breathe, breathing, overRanges, type Steps } from "../progress.ts";
import { factorPredictions, projected } from "./factor-predictions.ts";
import { type FitOptions, FittedRecommender, type Learned, type Recommender } from "./recommender.ts";

/** Items solved for between two pauses. */
const ROWS_PER_STEP = 1024;

/**
 * NCE-PLRec (Wu, Volkovs, Soon, Sanner & Rai 2019): item embeddings from a randomized SVD of the noise-contrastive
 * association matrix, then projected linear regression.
 *
 * With E_ij = max(log(M / pop_j^root), 0) on observed entries and E ~ P S V^T of rank `factors`:
 * Q = X V S^1/2, items Y = X^T Q (Q^T Q + regularization I)^-1, scores Q Y^T.
 * A weight multiplies both X's entry and E's; popularity counts the pattern.
 */
export class NcePlrec implements Recommender {
  readonly name = "nce-plrec";
  readonly regularization: number;
  readonly parameters: {
    readonly factors: number;
    readonly regularization: number;
    readonly root: number;
    readonly iterations: number;
    readonly seed: number;
  };

  constructor(
    options: {
      factors?: number;
      regularization?: number;
      root?: number;
      iterations?: number;
      seed?: number;
    } = {},
  ) {
    const { factors = 100, regularization = 1000, root = 1, iterations = 7, seed = 1 } = options;
    this.parameters = { factors, regularization, root, iterations, seed };
    this.regularization = regularization;
  }

  async fit(interactions: Interactions, options: FitOptions = {}): Promise<FittedRecommender> {
    const { factors, iterations, seed, root, regularization } = this.parameters;
    const { matrix } = interactions;
    const associated = await breathing(associations(matrix, root), options.signal);
    const svd = await randomizedSvd(associated, {
      ...options,
      rank: factors,
      iterations,
      seed,
    });
    const { rank } = svd;

    const projection = svd.right;
    for (let index = 0; index < projection.length; index++)
      projection[index]! *= Math.sqrt(svd.values[index % rank]!);
    return withSparseProducts(matrix, rank, options, async (products) => {
      const userFactors = await products.timesRounded(projection, rank);
      const normal = await gram(userFactors, rank, options.signal);
      const ridge = Math.max(regularization, Number.MIN_VALUE + 1e-9 * trace(normal, rank));
      for (let k = 0; k < rank; k++) normal[k * rank + k]! += ridge;
      const factor = cholesky(normal, rank);
      const itemFactors = await products.transposedTimes(userFactors, rank);
      for (let row = 0; row < itemFactors.length; row += rank) {
        if ((row / rank) % ROWS_PER_STEP === 0) await breathe(options.signal);
        choleskySolve(factor, rank, itemFactors.subarray(row, row + rank));
      }
      return this.restore(interactions, {
        userFactors,
        itemFactors: Float32Array.from(itemFactors),
        projection: Float32Array.from(projection),
      });
    });
  }

  restore(interactions: Interactions, learned: Learned): FittedRecommender {
    const { userFactors, itemFactors, projection } = learned as Record<string, Float32Array>;
    const rank = itemFactors!.length / interactions.items.size;
    const pair = { rank, userFactors: userFactors!, itemFactors: itemFactors! };
    return new FittedRecommender(
      this,
      interactions,
      learned,
      factorPredictions(interactions.matrix, pair, (profile) => projected(profile, projection!, rank)),
    );
  }
}

/** E: how much more an item belongs to its users than chance would have it, times the weight. */
function* associations(matrix: SparseMatrix, root: number): Steps<SparseMatrix> {
  const strength = Float64Array.from(columnCounts(matrix), (count) =>
    Math.max(Math.log(matrix.rows / count ** root), 0),
  );
  const values = sharedFloat32(matrix.values.length);
  yield* overRanges(values.length, (start, end) => {
    for (let entry = start; entry < end; entry++) {
      values[entry] = matrix.values[entry]! * strength[matrix.indices[entry]!]!;
    }
  });
  return withValues(matrix, values);
}
