import { keepEntries, type SparseMatrix } from "../linalg/sparse.ts";
import { randomFor, shuffle } from "../random.ts";
import { Interactions } from "./interactions.ts";

export interface SplitOptions {
  /** Share of the interactions; the rest of the other two if left out. */
  readonly train?: number;
  /** Default 0. */
  readonly validation?: number;
  /** Default 0. */
  readonly test?: number;
  /** `global` (default) draws from all interactions at once, `user` from each user's own. */
  readonly by?: "global" | "user";
  readonly seed: number;
}

/** Three disjoint parts over the same ids and of the same shape, so that users and items that a part lacks keep counting. */
export interface Split {
  readonly train: Interactions;
  readonly validation: Interactions;
  readonly test: Interactions;
}

const TRAIN = 0;
const VALIDATION = 1;
const TEST = 2;
const UNUSED = 3;

/**
 * Cuts interactions at random into train, validation and test. Of n interactions (all, or one user's) the test
 * part gets round(test n), test and validation together round((test + validation) n), and so on; shares that sum
 * to less than 1 leave the rest out. By user, everyone keeps at least one interaction in train (if its share is
 * not 0), taken from validation before test.
 * @throws RangeError for shares outside 0..1 or a sum over 1.
 */
export function splitInteractions(interactions: Interactions, options: SplitOptions): Split {
  const { validation = 0, test = 0, by = "global", seed } = options;
  const { train = Math.max(0, 1 - validation - test) } = options;
  const shares = { train, validation, test };
  for (const [name, share] of Object.entries(shares)) {
    if (!(share >= 0 && share <= 1))
      throw new RangeError(`The share of ${name} is ${share}; it must be 0 to 1.`);
  }
  if (train + validation + test > 1 + 1e-9) {
    throw new RangeError(
      `train ${train}, validation ${validation} and test ${test} sum to more than 1; lower one of them.`,
    );
  }
  const { matrix, users, items } = interactions;
  const random = randomFor(seed, "split");
  const parts = new Uint8Array(interactions.size);
  if (by === "global") shuffle(deal(parts, shares), random);
  else {
    for (let user = 0; user < matrix.rows; user++) {
      const own = deal(parts.subarray(matrix.offsets[user], matrix.offsets[user + 1]), shares);
      if (train > 0) keepOneInTrain(own);
      shuffle(own, random);
    }
  }
  const part = (wanted: number) =>
    new Interactions(
      users,
      items,
      keepEntries(matrix, (entry) => parts[entry] === wanted),
    );
  return { train: part(TRAIN), validation: part(VALIDATION), test: part(TEST) };
}

/** Fills `parts` with test, validation, train, unused, in this order. */
function deal(parts: Uint8Array, shares: { train: number; validation: number; test: number }): Uint8Array {
  const count = (share: number) => Math.min(parts.length, Math.round(share * parts.length));
  const tests = count(shares.test);
  const held = count(shares.test + shares.validation);
  const used = count(shares.test + shares.validation + shares.train);
  return parts.fill(UNUSED).fill(TRAIN, held, used).fill(VALIDATION, tests, held).fill(TEST, 0, tests);
}

function keepOneInTrain(parts: Uint8Array): void {
  if (parts.length === 0 || parts.includes(TRAIN)) return;
  const given = [UNUSED, VALIDATION, TEST].find((part) => parts.includes(part))!;
  parts[parts.indexOf(given)] = TRAIN;
}

/**
 * All interactions of both, e.g. train + validation. A pair in both keeps the weight it has in `left`.
 * @throws RangeError unless both stand on the same id tables.
 */
export function mergeInteractions(left: Interactions, right: Interactions): Interactions {
  if (left.users !== right.users || left.items !== right.items) {
    throw new RangeError(
      "Only interactions over the same ids can be merged, such as the parts of one split.",
    );
  }
  return new Interactions(left.users, left.items, mergeRows(left.matrix, right.matrix));
}

function mergeRows(left: SparseMatrix, right: SparseMatrix): SparseMatrix {
  const capacity = left.indices.length + right.indices.length;
  const indices = new Uint32Array(capacity);
  const values = new Float32Array(capacity);
  const offsets = new Uint32Array(left.rows + 1);
  let size = 0;
  for (let row = 0; row < left.rows; row++) {
    let i = left.offsets[row]!;
    let j = right.offsets[row]!;
    const leftEnd = left.offsets[row + 1]!;
    const rightEnd = right.offsets[row + 1]!;
    while (i < leftEnd || j < rightEnd) {
      const leftColumn = i < leftEnd ? left.indices[i]! : Infinity;
      const rightColumn = j < rightEnd ? right.indices[j]! : Infinity;
      indices[size] = Math.min(leftColumn, rightColumn);
      values[size] = leftColumn <= rightColumn ? left.values[i]! : right.values[j]!;
      size++;
      if (leftColumn <= rightColumn) i++;
      if (rightColumn <= leftColumn) j++;
    }
    offsets[row + 1] = size;
  }
  return { ...left, offsets, indices: indices.slice(0, size), values: values.slice(0, size) };
}
