import { rowFiller } from "../kernels/fill-rows.ts";
import { findEntry, type SparseMatrix } from "../linalg/sparse.ts";
import { maskSeen, topItems } from "../models/top-items.ts";
import { inSteps, type RunOptions } from "../progress.ts";
import type { Scores } from "../scores.ts";
import { METRIC_NAMES, METRICS, type MetricName } from "./metrics.ts";

export interface EvaluateUsersOptions extends RunOptions {
  /** Length of the ranking. Default 5. */
  readonly k?: number;
  /** Default all. */
  readonly metrics?: readonly MetricName[];
  /** Further pairs that are no candidates, e.g. the true ones that `replace` noise took away. */
  readonly excluded?: SparseMatrix | undefined;
}

/** The values of every user with a test item; users without one are skipped. */
export interface UserMetrics {
  /** The users' positions, ascending. */
  readonly users: Uint32Array;
  /** Under e.g. "ndcg@5" one value a user, parallel to `users`. */
  readonly values: Readonly<Record<string, Float64Array>>;
}

/** Scores held at a time: 1 MiB. A block of the widest catalogues still takes only tens of milliseconds. */
const BLOCK_SCORES = 2 ** 18;

/**
 * Ranks all items but those in `seen` (and `excluded`) for each user and compares the top k with `test`.
 * The matrices are users x items; those of the test may lack the last users (bots have no test items).
 * @throws RangeError where the shapes do not fit or k is no positive whole number.
 */
export async function evaluateUsers(
  scores: Scores,
  seen: SparseMatrix,
  test: SparseMatrix,
  options: EvaluateUsersOptions = {},
): Promise<UserMetrics> {
  const { k = 5, metrics = METRIC_NAMES, excluded } = options;
  if (!(Number.isInteger(k) && k > 0)) throw new RangeError(`k is ${k}; it must be a whole number from 1.`);
  for (const [name, matrix] of Object.entries({ seen, test, excluded })) {
    if (matrix !== undefined && (matrix.columns !== scores.items || matrix.rows > scores.users)) {
      throw new RangeError(
        `The ${name} matrix is ${matrix.rows} x ${matrix.columns}, the scores ${scores.users} x ${scores.items}.`,
      );
    }
  }
  const users = Uint32Array.from({ length: test.rows }, (_, user) => user).filter(
    (user) => test.offsets[user]! < test.offsets[user + 1]!,
  );
  const columns = Array.from(metrics, () => new Float64Array(users.length));
  const rows = Math.max(1, Math.floor(BLOCK_SCORES / Math.max(1, scores.items)));
  const block = new Float32Array(rows * scores.items);
  const fill = rowFiller(scores);
  let next = 0;
  await inSteps("evaluate", Math.ceil(test.rows / rows), options, (step) => {
    const start = step * rows;
    const end = Math.min(start + rows, test.rows);
    if (next === users.length || users[next]! >= end) return;
    fill(start, end, block.subarray(0, (end - start) * scores.items));
    for (; next < users.length && users[next]! < end; next++) {
      const user = users[next]!;
      const row = block.subarray((user - start) * scores.items, (user - start + 1) * scores.items);
      if (user < seen.rows) maskSeen(seen, user, row);
      if (excluded !== undefined && user < excluded.rows) maskSeen(excluded, user, row);
      const hits = topItems(row, k).map((item) => (findEntry(test, user, item) >= 0 ? 1 : 0));
      const testItems = test.offsets[user + 1]! - test.offsets[user]!;
      for (const [index, name] of metrics.entries()) {
        columns[index]![next] = METRICS[name].value(hits, testItems, k);
      }
    }
  });
  return {
    users,
    values: Object.fromEntries(metrics.map((name, index) => [`${name}@${k}`, columns[index]!])),
  };
}
