import type { Interactions } from "../interactions/interactions.ts";
import { loadKernels } from "../kernels/load.ts";
import { cholesky, choleskySolve } from "../linalg/cholesky.ts";
import { trace } from "../linalg/dense.ts";
import { implicitLeastSquares, type LeastSquaresState } from "../linalg/least-squares.ts";
import { columnsFrom } from "../linalg/sparse.ts";
import { factorPredictions } from "./factor-predictions.ts";
import {
  type FitOptions,
  FittedRecommender,
  type Learned,
  type Profile,
  type Recommender,
} from "./recommender.ts";
import { openTrainingFile } from "./training-file.ts";

/** How a row's least squares are solved: three conjugate gradient steps from the last pass, or exactly. */
export const LEAST_SQUARES_SOLVERS = ["cg", "cholesky"] as const;
export type LeastSquaresSolver = (typeof LEAST_SQUARES_SOLVERS)[number];

const CONJUGATE_GRADIENT_STEPS = 3;

/**
 * WRMF, implicit ALS (Hu, Koren & Volinsky 2008): over all users u and items i, seen or not, it minimises
 * sum c_ui (p_ui - x_u y_i)^2 + regularization (sum |x_u|^2 + sum |y_i|^2), with c = 1 + alpha and p = 1 for an
 * interaction, c = 1 and p = 0 for any other pair.
 *
 * A weight w is the probability that the interaction counts: its term is w (1 + alpha) (1 - s)^2 + (1 - w) s^2. So a
 * weight of 1 is Hu's interaction, a weight of 0 none, and in between c = 1 + alpha w and c p = (1 + alpha) w, which also
 * takes weights over 1.
 */
export class Wrmf implements Recommender {
  readonly name = "wrmf";
  readonly warmStart = true;
  readonly regularization: number;
  readonly parameters: {
    readonly factors: number;
    readonly regularization: number;
    readonly alpha: number;
    readonly iterations: number;
    readonly solver: LeastSquaresSolver;
    readonly seed: number;
  };

  constructor(
    options: {
      factors?: number;
      regularization?: number;
      alpha?: number;
      iterations?: number;
      solver?: LeastSquaresSolver;
      seed?: number;
    } = {},
  ) {
    const {
      factors = 64,
      regularization = 40,
      alpha = 10,
      iterations = 15,
      solver = "cg",
      seed = 1,
    } = options;
    for (const [name, value] of Object.entries({ factors, iterations })) {
      if (!(Number.isInteger(value) && value > 0)) {
        throw new RangeError(`WRMF's ${name} is ${value}; it has to be a whole number from 1 on.`);
      }
    }
    for (const [name, value] of Object.entries({ regularization, alpha })) {
      if (!(value >= 0 && value < Infinity)) {
        throw new RangeError(`WRMF's ${name} is ${value}; it has to be finite and not negative.`);
      }
    }
    if (solver !== "cg" && solver !== "cholesky") {
      throw new RangeError(`WRMF's solver is ${solver}; it has to be "cg" or "cholesky".`);
    }
    this.parameters = { factors, regularization, alpha, iterations, solver, seed };
    this.regularization = regularization;
  }

  async fit(interactions: Interactions, options: FitOptions = {}): Promise<FittedRecommender> {
    const { factors, solver, ...parameters } = this.parameters;
    const { matrix } = interactions;
    const owner = { model: this.name, parameters: this.parameters, matrix };
    const { checkpoint } = options;
    const file = checkpoint === undefined ? undefined : await openTrainingFile(checkpoint, owner);
    const { rows, columns } = await implicitLeastSquares(matrix, {
      ...options,
      ...parameters,
      rank: Math.min(factors, matrix.rows, matrix.columns),
      start: options.start?.learned.userFactors as Float32Array | undefined,
      steps: solver === "cg" ? CONJUGATE_GRADIENT_STEPS : "exact",
      resume:
        file?.kept && ({ ...file.kept.metadata, ...file.kept.sections } as unknown as LeastSquaresState),
      onIteration: async ({ iterations, rows, columns, normal }) =>
        file?.save(() => ({ metadata: { iterations }, sections: { rows, columns, normal } })),
    });
    return this.restore(interactions, { userFactors: rows, itemFactors: columns });
  }

  restore(interactions: Interactions, learned: Learned): FittedRecommender {
    const { userFactors, itemFactors } = learned as Record<string, Float32Array>;
    const rank = itemFactors!.length / interactions.items.size;
    const pair = { rank, userFactors: userFactors!, itemFactors: itemFactors! };
    const { regularization, alpha } = this.parameters;
    let normal: Float64Array | undefined;
    const embed = (profile: Profile) => {
      normal ??= normalMatrix(pair.itemFactors, rank, regularization);
      return embedding(profile, pair.itemFactors, normal, alpha);
    };
    return new FittedRecommender(
      this,
      interactions,
      learned,
      factorPredictions(interactions.matrix, pair, embed),
    );
  }

  /** Each new item's own minimum, exactly: the problem is the same with the sides exchanged. */
  foldItems({ matrix }: Interactions, learned: Learned, first: number): void {
    const { userFactors, itemFactors } = learned as Record<string, Float32Array>;
    const rank = itemFactors!.length / matrix.columns;
    const { regularization, alpha } = this.parameters;
    const normal = normalMatrix(userFactors!, rank, regularization);
    for (const [index, profile] of columnsFrom(matrix, first).entries()) {
      itemFactors!.set(embedding(profile, userFactors!, normal, alpha), (first + index) * rank);
    }
  }
}

/** Y^T Y and the ridge, which is never so small that rounding makes the matrix singular. */
function normalMatrix(factors: Float32Array, rank: number, regularization: number): Float64Array {
  const normal = loadKernels().gram(factors, rank);
  const ridge = Math.max(regularization, Number.MIN_VALUE + 1e-6 * trace(normal, rank));
  for (let k = 0; k < rank; k++) normal[k * rank + k]! += ridge;
  return normal;
}

/** A profile's own factors, in float64: the minimum for a user with the items' factors held, or for an item with the users'. */
function embedding(
  { indices, values }: Profile,
  factors: Float32Array,
  normal: Float64Array,
  alpha: number,
): Float64Array {
  const rank = Math.sqrt(normal.length);
  const matrix = normal.slice();
  const right = new Float64Array(rank);
  for (const [entry, item] of indices.entries()) {
    const weight = values[entry]!;
    const other = factors.subarray(item * rank, (item + 1) * rank);
    for (let row = 0; row < rank; row++) {
      right[row]! += (1 + alpha) * weight * other[row]!;
      const scaled = alpha * weight * other[row]!;
      for (let column = 0; column <= row; column++) matrix[row * rank + column]! += scaled * other[column]!;
    }
  }
  return choleskySolve(cholesky(matrix, rank), rank, right);
}
