import {
  columnCounts,
  rowCounts,
  type SparseMatrix,
  sparseFromPairsInSteps,
  withValues,
} from "../linalg/sparse.ts";
import { atOnce, type Steps } from "../progress.ts";
import { Ids } from "./ids.ts";

/** Who interacted with what: users x items in compressed rows, with the ids of both sides. */
export class Interactions {
  readonly users: Ids;
  readonly items: Ids;
  /** users.size x items.size; values are weights, 1 unless something changed them. */
  readonly matrix: SparseMatrix;

  constructor(users: Ids, items: Ids, matrix: SparseMatrix) {
    if (matrix.rows !== users.size || matrix.columns !== items.size) {
      throw new RangeError(
        `A ${matrix.rows} x ${matrix.columns} matrix does not fit ${users.size} users x ${items.size} items.`,
      );
    }
    this.users = users;
    this.items = items;
    this.matrix = matrix;
  }

  /** Number of interactions. */
  get size(): number {
    return this.matrix.indices.length;
  }

  /** The same interactions with other weights, one an interaction in row order; those of weight 0 are dropped. */
  withWeights(weights: Float32Array): Interactions {
    if (weights.length !== this.size) {
      throw new RangeError(`${weights.length} weights do not fit ${this.size} interactions.`);
    }
    const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
    if (bad >= 0)
      throw new RangeError(`Weight ${bad} is ${weights[bad]}; weights are finite and not negative.`);
    return new Interactions(this.users, this.items, withValues(this.matrix, weights));
  }

  /** Interactions a user. */
  userCounts(): Uint32Array {
    return rowCounts(this.matrix);
  }

  /** Interactions an item: its popularity. */
  itemCounts(): Uint32Array {
    return columnCounts(this.matrix);
  }
}

/** Interactions from pairs of external ids, e.g. `interactionsFromPairs([["u1", "i7"], ["u2", "i7"]])`; repeated pairs are merged. */
export function interactionsFromPairs(pairs: Iterable<readonly [user: string, item: string]>): Interactions {
  const builder = new InteractionsBuilder();
  for (const [user, item] of pairs) builder.add(user, item);
  return atOnce(builder.build());
}

/** Gathers pairs into growing typed arrays, 8 bytes a pair, then sorts them once. */
export class InteractionsBuilder {
  readonly users: Ids;
  readonly items: Ids;
  #rowOf: Uint32Array = new Uint32Array(1024);
  #columnOf: Uint32Array = new Uint32Array(1024);
  #size = 0;

  constructor(users: Ids = new Ids(), items: Ids = new Ids()) {
    this.users = users;
    this.items = items;
  }

  /** Pairs added so far, repeated ones included. */
  get size(): number {
    return this.#size;
  }

  add(user: string, item: string): void {
    this.addAt(this.users.add(user), this.items.add(item));
  }

  /** Adds a pair of positions that `users` and `items` know. */
  addAt(user: number, item: number): void {
    if (this.#size === this.#rowOf.length) {
      this.#rowOf = grown(this.#rowOf);
      this.#columnOf = grown(this.#columnOf);
    }
    this.#rowOf[this.#size] = user;
    this.#columnOf[this.#size] = item;
    this.#size++;
  }

  /** @param weights one a pair, in the order they were added; 1 for each unless given */
  *build(weights?: Float32Array): Steps<Interactions> {
    const matrix = yield* sparseFromPairsInSteps(
      this.users.size,
      this.items.size,
      this.#rowOf.subarray(0, this.#size),
      this.#columnOf.subarray(0, this.#size),
      weights,
    );
    return new Interactions(this.users, this.items, matrix);
  }
}

function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
