import type { Interactions } from "../interactions/interactions.ts";
import type { SparseMatrix } from "../linalg/sparse.ts";
import type { RunOptions } from "../progress.ts";
import { fillScores, type Scores } from "../scores.ts";

/** A model's hyper-parameters and how to fit it. Values of `interactions.matrix` are the weights it honours. */
export interface Recommender {
  /** The name on the command line, e.g. "nce-plrec". */
  readonly name: string;
  /** The hyper-parameters in effect, as they are reported and stored. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Ridge or L2 strength: zeta of Eq. 2-3. 0 for a model without one. */
  readonly regularization: number;
  fit(interactions: Interactions, options?: FitOptions): Promise<FittedRecommender>;
}

export interface FitOptions extends RunOptions {
  /** Threads that compute; no effect on the result. Default 1. */
  readonly threads?: number | undefined;
}

/** Items for a user, best first. Parallel arrays; shorter than the limit where there are no more items. */
export interface Recommendations {
  readonly items: string[];
  readonly scores: number[];
}

/** A fitted model: its scores and the interactions it was fitted to. */
export class FittedRecommender {
  readonly model: Recommender;
  readonly interactions: Interactions;
  readonly scores: Scores;

  constructor(model: Recommender, interactions: Interactions, scores: Scores) {
    this.model = model;
    this.interactions = interactions;
    this.scores = scores;
  }

  /**
   * The user's `limit` best items (default 10), without those the model was fitted on unless `excludeSeen` is false.
   * Equal scores: the item that appeared first.
   * @throws RangeError for a user the model has not seen.
   */
  recommend(user: string, options: { limit?: number; excludeSeen?: boolean } = {}): Recommendations {
    const { limit = 10, excludeSeen = true } = options;
    const position = this.interactions.users.indexOf(user);
    if (position < 0) throw new RangeError(`The model has not seen a user "${user}".`);
    const row = new Float32Array(this.scores.items);
    fillScores(this.scores, position, position + 1, row);
    if (excludeSeen) maskSeen(this.interactions.matrix, position, row);
    const best = topItems(row, limit);
    return {
      items: best.map((item) => this.interactions.items.at(item)),
      scores: best.map((item) => row[item]!),
    };
  }
}

/** Sets the scores of the user's own items to -Infinity, so that they can't be recommended. */
export function maskSeen(matrix: SparseMatrix, user: number, row: Float32Array): void {
  for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
    row[matrix.indices[entry]!] = -Infinity;
  }
}

/** Positions of the `limit` largest scores, best first, ties by position; -Infinity is never among them. */
export function topItems(row: Float32Array, limit: number): number[] {
  const heap: number[] = [];
  const worse = (left: number, right: number) =>
    row[left]! < row[right]! || (row[left] === row[right] && left > right);
  const sink = (start: number) => {
    let parent = start;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && worse(heap[child + 1]!, heap[child]!)) child++;
      if (!worse(heap[child]!, heap[parent]!)) return;
      [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
      parent = child;
    }
  };
  for (let item = 0; item < row.length; item++) {
    if (row[item] === -Infinity) continue;
    if (heap.length < limit) {
      heap.push(item);
      if (heap.length === limit) for (let start = limit >> 1; start >= 0; start--) sink(start);
    } else if (worse(heap[0]!, item)) {
      heap[0] = item;
      sink(0);
    }
  }
  return heap.sort((left, right) => (worse(left, right) ? 1 : -1));
}
