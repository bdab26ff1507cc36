import type { Interactions } from "../interactions/interactions.ts";
import { randomizedSvd } from "../linalg/randomized-svd.ts";
import { columnCounts, columnsFrom, rowCounts, type SparseMatrix, withValues } from "../linalg/sparse.ts";
import { withSparseProducts } from "../linalg/sparse-products.ts";
import { sharedFloat32 } from "../parallel/shared.ts";
import { factorPredictions, foldedRows, projected } from "./factor-predictions.ts";
import {
  type FitOptions,
  FittedRecommender,
  type Learned,
  type Profile,
  type Recommender,
} from "./recommender.ts";

/**
 * PureSVD (Cremonesi, Koren & Turrin 2010): scores (X V) V^T with V the leading right singular vectors of X.
 * Weights are X's values. With `userPower` a and `itemPower` b the entry of user u and item j is n_u^-a n_j^-b times its
 * value, n counting interactions, so that heavy users and popular items don't take all of the factors; the items' part
 * is taken back in the scores: (X' V) V^T diag(n_j^b).
 */
export class Svd implements Recommender {
  readonly name = "svd";
  readonly regularization = 0;
  readonly parameters: {
    readonly factors: number;
    readonly iterations: number;
    readonly userPower: number;
    readonly itemPower: number;
    readonly seed: number;
  };

  constructor(
    options: {
      factors?: number;
      iterations?: number;
      userPower?: number;
      itemPower?: number;
      seed?: number;
    } = {},
  ) {
    const { factors = 100, iterations = 7, userPower = 0, itemPower = 0, seed = 1 } = options;
    this.parameters = { factors, iterations, userPower, itemPower, seed };
  }

  async fit(interactions: Interactions, options: FitOptions = {}): Promise<FittedRecommender> {
    const { factors, iterations, seed } = this.parameters;
    const itemScales = this.#itemScales(interactions.matrix);
    const matrix = this.#scaled(interactions.matrix, itemScales);
    const { rank, right } = await randomizedSvd(matrix, { ...options, rank: factors, iterations, seed });
    const userFactors = await withSparseProducts(matrix, rank, options, (products) =>
      products.timesRounded(right, rank),
    );
    const itemFactors = Float32Array.from(right, (value, at) => value / itemScales[Math.floor(at / rank)]!);
    return this.restore(interactions, { userFactors, itemFactors });
  }

  restore(interactions: Interactions, learned: Learned): FittedRecommender {
    const { userFactors, itemFactors } = learned as Record<string, Float32Array>;
    const rank = itemFactors!.length / interactions.items.size;
    const pair = { rank, userFactors: userFactors!, itemFactors: itemFactors! };
    const itemScales = this.#itemScales(interactions.matrix);
    const embed = ({ indices, values }: Profile) => {
      const userScale = this.#userScale(indices.length);
      const scaled = values.map((value, at) => value * userScale * itemScales[indices[at]!]! ** 2);
      return projected({ indices, values: scaled }, pair.itemFactors, rank);
    };
    return new FittedRecommender(
      this,
      interactions,
      learned,
      factorPredictions(interactions.matrix, pair, embed),
    );
  }

  foldItems({ matrix }: Interactions, learned: Learned, first: number): void {
    const { userFactors, itemFactors } = learned as Record<string, Float32Array>;
    const rank = itemFactors!.length / matrix.columns;
    const itemScales = this.#itemScales(matrix);
    const profiles = columnsFrom(this.#scaled(matrix, itemScales), first);
    foldedRows(userFactors!, rank, profiles, (index, row) => {
      const item = first + index;
      itemFactors!.set(
        row.map((value) => value / itemScales[item]!),
        item * rank,
      );
    });
  }

  #scaled(matrix: SparseMatrix, itemScales: Float64Array): SparseMatrix {
    const { userPower, itemPower } = this.parameters;
    if (userPower === 0 && itemPower === 0) return matrix;
    const values = sharedFloat32(matrix.values.length);
    for (const [user, count] of rowCounts(matrix).entries()) {
      const userScale = this.#userScale(count);
      for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
        values[entry] = matrix.values[entry]! * userScale * itemScales[matrix.indices[entry]!]!;
      }
    }
    return withValues(matrix, values);
  }

  #userScale(count: number): number {
    return Math.max(count, 1) ** -this.parameters.userPower;
  }

  #itemScales(matrix: SparseMatrix): Float64Array {
    return Float64Array.from(
      columnCounts(matrix),
      (count) => Math.max(count, 1) ** -this.parameters.itemPower,
    );
  }
}
