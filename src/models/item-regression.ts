import type { Interactions } from "../interactions/interactions.ts";
import { symmetricInverse } from "../linalg/inverse.ts";
import { rowGram } from "../linalg/row-gram.ts";
import { type SparseMatrix, transpose } from "../linalg/sparse.ts";
import { assertFits } from "../memory.ts";
import { itemPredictions, rowScores } from "./item-predictions.ts";
import type { FitOptions, Learned, Predictions, Profile } from "./recommender.ts";

// Every item regressed on all others, each with a ridge of its own: scores x B, B = I - P diag(1 / P_jj), where
// P = (X^T X + diag(ridges))^-1 is items x items. By Woodbury's identity X P = K X / ridges with the users x users matrix
// K = (I + X diag(1 / ridges) X^T)^-1, and 1 / (ridge_j P_jj) = 1 / (1 - (X^T K X)_jj / ridge_j), called gain_j here:
// so X B = X - K X diag(gains), and for a new x, X P's row is (x - (x diag(1 / ridges) X^T) K X) / ridges.

/** The inverse in float64, and in float32 what is kept of it. */
const BYTES = 8 + 4;

/**
 * Solves for all items at once on the smaller side of X, whose values are the weights.
 * @param ridges of each item, above 0
 * @throws ProRecError TOO_LARGE where neither side squared fits into memory
 */
export async function fitItemRegression(
  { matrix }: Interactions,
  ridges: Float64Array,
  options: FitOptions,
): Promise<Learned> {
  const byUsers = matrix.rows <= matrix.columns;
  const n = byUsers ? matrix.rows : matrix.columns;
  assertFits(BYTES * n * n, "Take a model with factors, such as nce-plrec: it needs no square matrix.", {
    users: matrix.rows,
    items: matrix.columns,
  });
  return byUsers ? solveByUsers(matrix, ridges, options) : solveByItems(matrix, ridges, options);
}

/** What the solution tells about the users of `matrix` and others. */
export function itemRegressionPredictions(matrix: SparseMatrix, learned: Learned): Predictions {
  const { weights, kernel, gains, ridges } = learned as Record<string, Float32Array>;
  return weights
    ? predictionsByItems(matrix, weights)
    : predictionsByUsers(matrix, kernel!, gains!, Float64Array.from(ridges!));
}

async function solveByItems(
  matrix: SparseMatrix,
  ridges: Float64Array,
  options: FitOptions,
): Promise<Learned> {
  const n = matrix.columns;
  const normal = await rowGram(transpose(matrix), new Float64Array(matrix.rows).fill(1), options.signal);
  for (let item = 0; item < n; item++) normal[item * n + item]! += ridges[item]!;
  const inverse = await symmetricInverse(normal, n, options);
  const diagonal = Float64Array.from(ridges, (_, item) => inverse[item * n + item]!);
  const weights = new Float32Array(n * n);
  for (let row = 0, at = 0; row < n; row++) {
    for (let column = 0; column < n; column++, at++) {
      if (column !== row) weights[at] = -inverse[at]! / diagonal[column]!;
    }
  }
  return { weights };
}

async function solveByUsers(
  matrix: SparseMatrix,
  ridges: Float64Array,
  options: FitOptions,
): Promise<Learned> {
  const n = matrix.rows;
  const system = await rowGram(
    matrix,
    ridges.map((ridge) => 1 / ridge),
    options.signal,
  );
  for (let user = 0; user < n; user++) system[user * n + user]! += 1;
  const kernel = await symmetricInverse(system, n, options);
  const leverages = quadraticForms(transpose(matrix), kernel);
  const gains = Float32Array.from(leverages, (leverage, item) => 1 / (1 - leverage / ridges[item]!));
  return { kernel: Float32Array.from(kernel), gains, ridges: Float32Array.from(ridges) };
}

/** x kernel x^T of each sparse row x. */
function quadraticForms({ rows, columns, offsets, indices, values }: SparseMatrix, kernel: Float64Array) {
  const forms = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const end = offsets[row + 1]!;
    for (let left = offsets[row]!; left < end; left++) {
      const from = indices[left]! * columns;
      let sum = kernel[from + indices[left]!]! * values[left]!;
      for (let right = offsets[row]!; right < left; right++) {
        sum += 2 * kernel[from + indices[right]!]! * values[right]!;
      }
      forms[row]! += values[left]! * sum;
    }
  }
  return forms;
}

function predictionsByItems(matrix: SparseMatrix, weights: Float32Array): Predictions {
  const items = matrix.columns;
  const add = (row: Float32Array, item: number, value: number) => {
    for (let other = 0, at = item * items; other < items; other++, at++) row[other]! += value * weights[at]!;
  };
  return itemPredictions(matrix, add);
}

function predictionsByUsers(
  matrix: SparseMatrix,
  kernel: Float32Array,
  gains: Float32Array,
  ridges: Float64Array,
): Predictions {
  const { rows: users, columns: items, offsets, indices, values } = matrix;
  /** row -= (mix X) diag(gains) for a mix of users. */
  const subtract = (row: Float32Array, mix: Float32Array | Float64Array) => {
    const sums = new Float64Array(items);
    for (let user = 0; user < users; user++) {
      const share = mix[user]!;
      if (share === 0) continue;
      for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
        sums[indices[entry]!]! += share * values[entry]!;
      }
    }
    for (let item = 0; item < items; item++) row[item]! -= sums[item]! * gains[item]!;
  };
  const scores = rowScores(matrix, (row, user) => {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      row[indices[entry]!] = values[entry]!;
    }
    subtract(row, kernel.subarray(user * users, (user + 1) * users));
  });
  const turned = transpose(matrix);
  /** x - x P D = x - (x - mix X) diag(gains), mix = (x diag(1 / ridges) X^T) K. */
  const scoreProfile = (profile: Profile) => {
    const overlaps = new Float64Array(users);
    for (const [entry, item] of profile.indices.entries()) {
      const value = profile.values[entry]! / ridges[item]!;
      for (let at = turned.offsets[item]!; at < turned.offsets[item + 1]!; at++) {
        overlaps[turned.indices[at]!]! += value * turned.values[at]!;
      }
    }
    const mix = new Float64Array(users);
    for (let user = 0; user < users; user++) {
      const overlap = overlaps[user]!;
      if (overlap === 0) continue;
      for (let other = 0, at = user * users; other < users; other++, at++)
        mix[other]! -= overlap * kernel[at]!;
    }
    const row = new Float32Array(items);
    subtract(row, mix);
    for (const [entry, item] of profile.indices.entries()) {
      row[item]! += profile.values[entry]! * (1 - gains[item]!);
    }
    return row;
  };
  return { scores, scoreProfile, similarities: (item) => scoreProfile(only(item)) };
}

function only(item: number): Profile {
  return { indices: Uint32Array.of(item), values: Float32Array.of(1) };
}
