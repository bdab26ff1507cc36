import type { SparseMatrix } from "../linalg/sparse.ts";
import type { FactorScores } from "../scores.ts";
import type { Predictions, Profile } from "./recommender.ts";

/** Rows of factors, `rank` numbers each. */
export interface FactorPair {
  readonly rank: number;
  readonly userFactors: Float32Array;
  readonly itemFactors: Float32Array;
  readonly biased?: FactorScores["biased"];
  readonly activation?: FactorScores["activation"];
}

/** What a factor pair tells; `embed` gives a profile's own factors, as a fit would with the items' held fixed. */
export function factorPredictions(
  { rows, columns }: SparseMatrix,
  pair: FactorPair,
  embed: (profile: Profile) => Float32Array | Float64Array,
): Predictions {
  const { rank, itemFactors } = pair;
  const scores: FactorScores = { kind: "factors", users: rows, items: columns, ...pair };
  return {
    scores,
    embed,
    scoreProfile: (profile) => timesItems(embed(profile), itemFactors, rank),
    similarities: (item) => cosines(pair, item),
  };
}

/** The profile times a matrix of `rank` numbers an item: how SVD and NCE-PLRec embed a user. */
export function projected(
  { indices, values }: Profile,
  projection: Float32Array,
  rank: number,
): Float64Array {
  const embedding = new Float64Array(rank);
  for (const [entry, item] of indices.entries()) {
    for (let k = 0; k < rank; k++) embedding[k]! += values[entry]! * projection[item * rank + k]!;
  }
  return embedding;
}

/**
 * The rows that items would have among the right singular vectors V of a matrix X = P S V^T with X V = `images`: each is
 * X^T P S^-1 = X^T images S^-2, S^2 being the squared lengths of the images' columns. `profiles` are the items' users.
 */
export function foldedRows(
  images: Float32Array,
  rank: number,
  profiles: readonly Profile[],
  place: (index: number, row: Float64Array) => void,
): void {
  const squares = new Float64Array(rank);
  for (let at = 0; at < images.length; at++) squares[at % rank]! += images[at]! ** 2;
  const least = 1e-12 * squares.reduce((most, square) => Math.max(most, square), 0);
  for (const [index, profile] of profiles.entries()) {
    const sums = projected(profile, images, rank);
    place(
      index,
      sums.map((sum, k) => (squares[k]! > least ? sum / squares[k]! : 0)),
    );
  }
}

function timesItems(embedding: ArrayLike<number>, itemFactors: Float32Array, rank: number): Float32Array {
  const scores = new Float32Array(itemFactors.length / rank);
  for (let item = 0, from = 0; item < scores.length; item++, from += rank) {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += embedding[k]! * itemFactors[from + k]!;
    scores[item] = sum;
  }
  return scores;
}

/** The cosine of each item's row with one of them, without biases; 0 where a row is zeros. */
function cosines({ itemFactors: rows, rank, biased = false }: FactorPair, index: number): Float32Array {
  const width = biased ? rank - 1 : rank;
  const one = rows.slice(index * rank, (index + 1) * rank).fill(0, width);
  const products = timesItems(one, rows, rank);
  const own = Math.sqrt(products[index]!);
  for (let row = 0; row < products.length; row++) {
    let square = 0;
    for (let k = row * rank; k < row * rank + width; k++) square += rows[k]! ** 2;
    const size = own * Math.sqrt(square);
    products[row] = size > 0 ? products[row]! / size : 0;
  }
  return products;
}
