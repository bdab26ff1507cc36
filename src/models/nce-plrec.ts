import type { Interactions } from "../interactions/interactions.ts";
import { loadKernels } from "../kernels/load.ts";
import { cholesky, choleskySolve } from "../linalg/cholesky.ts";
import { gram, trace } from "../linalg/dense.ts";
import { randomizedSvd } from "../linalg/randomized-svd.ts";
import { columnCounts, columnsFrom, rowOf, type SparseMatrix, withValues } from "../linalg/sparse.ts";
import { withSparseProducts } from "../linalg/sparse-products.ts";
import { sharedFloat32 } from "../parallel/shared.ts";
import { atOnce, breathe, breathing, overRanges, type Steps } from "../progress.ts";
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
    const { factors, iterations, seed, root } = this.parameters;
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
      const factor = this.#normalFactor(await gram(userFactors, rank, options.signal), rank);
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

  /** Their rows of Y by its definition. Those of V S^1/2 are E^T P S^-1/2 = E^T (E V S^1/2) S^-2, E V S^1/2 = P S^3/2. */
  foldItems({ matrix }: Interactions, learned: Learned, first: number): void {
    const { userFactors, itemFactors, projection } = learned as Record<string, Float32Array>;
    const rank = itemFactors!.length / matrix.columns;
    const factor = this.#normalFactor(loadKernels().gram(userFactors!, rank), rank);
    for (const [index, profile] of columnsFrom(matrix, first).entries()) {
      const row = choleskySolve(factor, rank, projected(profile, userFactors!, rank));
      itemFactors!.set(row, (first + index) * rank);
    }
    const associated = atOnce(associations(matrix, this.parameters.root));
    const singular = new Float64Array(rank);
    for (let at = 0; at < first * rank; at++) singular[at % rank]! += projection![at]! ** 2;
    const least = 1e-12 * singular.reduce((most, value) => Math.max(most, value), 0);
    const images = new Map<number, Float64Array>();
    const imageOf = (user: number) => {
      const known = images.get(user) ?? projected(rowOf(associated, user), projection!, rank);
      images.set(user, known);
      return known;
    };
    for (const [index, { indices, values }] of columnsFrom(associated, first).entries()) {
      const row = new Float64Array(rank);
      for (const [entry, user] of indices.entries()) {
        for (const [k, value] of imageOf(user).entries()) row[k]! += values[entry]! * value;
      }
      const scaled = row.map((sum, k) => (singular[k]! > least ? sum / singular[k]! ** 2 : 0));
      projection!.set(scaled, (first + index) * rank);
    }
  }

  /** The factor of Q^T Q and the ridge, which is never so small that rounding makes them singular. */
  #normalFactor(normal: Float64Array, rank: number): Float64Array {
    const ridge = Math.max(this.regularization, Number.MIN_VALUE + 1e-9 * trace(normal, rank));
    for (let k = 0; k < rank; k++) normal[k * rank + k]! += ridge;
    return cholesky(normal, rank);
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
