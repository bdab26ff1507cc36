import type { SparseMatrix } from "../linalg/sparse.ts";
import type { RowScores } from "../scores.ts";
import type { Predictions } from "./recommender.ts";

/**
 * What a model tells that scores a user by the items they have: `add` adds an item's row of weights, times a value, to a
 * row of scores.
 */
export function itemPredictions(
  matrix: SparseMatrix,
  add: (row: Float32Array, item: number, value: number) => void,
): Predictions {
  const { columns: items, offsets, indices, values } = matrix;
  return {
    scores: rowScores(matrix, (row, user) => {
      for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
        add(row, indices[entry]!, values[entry]!);
      }
    }),
    scoreProfile(profile) {
      const row = new Float32Array(items);
      for (const [entry, item] of profile.indices.entries()) add(row, item, profile.values[entry]!);
      return row;
    },
    similarities(item) {
      const row = new Float32Array(items);
      add(row, item, 1);
      return row;
    },
  };
}

/** Scores of the matrix's users: `score` gets a row of zeros, one number an item, and adds the user's scores. */
export function rowScores(
  { rows: users, columns: items }: SparseMatrix,
  score: (row: Float32Array, user: number) => void,
): RowScores {
  return {
    kind: "rows",
    users,
    items,
    fill(start, end, out) {
      out.fill(0, 0, (end - start) * items);
      for (let user = start; user < end; user++) {
        score(out.subarray((user - start) * items, (user - start + 1) * items), user);
      }
    },
  };
}
