import type { SparseMatrix } from "../../linalg/sparse.ts";
import type { BlockInput, BlockTask } from "../../parallel/block-task.ts";
import type { Columns } from "./columns.ts";

/** Dirichlet priors of a user's topics and of a topic's items. */
export const ALPHA = 0.1;
export const ETA = 0.05;
/** Rows and items that make a block. */
export const USERS = 1024;
export const ITEMS = 256;

/** A mixture of `topics` learned topics and, last, one that clicks every item alike. */
export interface Coupling {
  readonly matrix: SparseMatrix;
  readonly columns: Columns;
  readonly topics: number;
  /** Entries x (topics + 1): the topics' shares in each click. */
  readonly shares: Float32Array;
  /** Items x topics: sums of the shares over an item's clicks; before the first sweep, something random of that size. */
  readonly itemCounts: Float32Array;
  /** Of each topic, over all items. */
  readonly topicCounts: Float64Array;
  /** Filled in by the last step: log of the click's probability given its user, the click itself left out. */
  readonly scores: Float32Array;
}

/** One sweep: `first` when there are no shares yet, `last` to fill in the scores. */
export interface Sweep extends Coupling {
  readonly first: boolean;
  readonly last: boolean;
}

export const shareTask: BlockTask<Sweep, void> = {
  module: import.meta.url,
  name: "shareBlock",
  work: shareBlock,
};

export const countTask: BlockTask<Coupling, void> = {
  module: import.meta.url,
  name: "countBlock",
  work: countBlock,
};

/**
 * CVB0's update (Asuncion, Welling, Smyth & Teh 2009) of a block of users: the topics' shares in a click follow from
 * the counts without that click. Items' counts are those of the last sweep, a user's own are current.
 */
export function shareBlock({ job, block }: BlockInput<Sweep>): void {
  const { matrix, topics, shares, itemCounts, topicCounts, scores, first, last } = job;
  const { offsets, indices } = matrix;
  const width = topics + 1;
  const smoothing = ETA * matrix.columns;
  const uniform = 1 / matrix.columns;
  const mine = new Float64Array(width);
  const fresh = new Float64Array(width);
  const end = Math.min((block + 1) * USERS, matrix.rows);
  for (let user = block * USERS; user < end; user++) {
    const start = offsets[user]!;
    const stop = offsets[user + 1]!;
    mine.fill(0);
    if (!first) {
      for (let at = start * width; at < stop * width; at += width) {
        for (let k = 0; k < width; k++) mine[k]! += shares[at + k]!;
      }
    }
    for (let entry = start; entry < stop; entry++) {
      const at = entry * width;
      const item = indices[entry]! * topics;
      let sum = 0;
      for (let k = 0; k < topics; k++) {
        const own = shares[at + k]!;
        const topic = (itemCounts[item + k]! - own + ETA) / (topicCounts[k]! - own + smoothing);
        const value = (mine[k]! - own + ALPHA) * (topic > 0 ? topic : 0);
        fresh[k] = value;
        sum += value;
      }
      const noise = (mine[topics]! - shares[at + topics]! + ALPHA) * uniform;
      fresh[topics] = noise;
      sum += noise;
      if (last) {
        scores[entry]! += Math.log(sum / (stop - start - 1 + ALPHA * width));
        continue;
      }
      const scale = 1 / sum;
      for (let k = 0; k < width; k++) {
        const share = fresh[k]! * scale;
        mine[k]! += first ? share : share - shares[at + k]!;
        shares[at + k] = share;
      }
    }
  }
}

/** The items' counts from their clicks' shares. */
export function countBlock({ job, block }: BlockInput<Coupling>): void {
  const { columns, topics, shares, itemCounts } = job;
  const width = topics + 1;
  const sums = new Float64Array(topics);
  const end = Math.min((block + 1) * ITEMS, columns.offsets.length - 1);
  for (let item = block * ITEMS; item < end; item++) {
    sums.fill(0);
    for (let position = columns.offsets[item]!; position < columns.offsets[item + 1]!; position++) {
      const at = columns.entries[position]! * width;
      for (let k = 0; k < topics; k++) sums[k]! += shares[at + k]!;
    }
    itemCounts.set(sums, item * topics);
  }
}
