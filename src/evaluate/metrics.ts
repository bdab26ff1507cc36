/** A ranking metric of one user. */
export interface Metric {
  /** One sentence with the formula, for a ranking cut at k. */
  readonly definition: string;
  /**
   * The user's value, in 0..1. `hits[r]` is 1 if the item at rank r + 1 is one of the user's `testItems` (> 0)
   * test items, else 0; ranks beyond the list, up to k, count as misses.
   */
  value(hits: ArrayLike<number>, testItems: number, k: number): number;
}

export type MetricName =
  | "ndcg"
  | "recall"
  | "precision"
  | "map"
  | "hr"
  | "paper.ndcg"
  | "paper.map"
  | "paper.recall";

/** The standard definitions and, under names that can't be confused with them, the paper's of Table II. */
export const METRICS: Readonly<Record<MetricName, Metric>> = {
  ndcg: {
    definition:
      "Sum of 1/log2(rank+1) over the hits in the top k, divided by that of an ideal list, which has hits at ranks 1..min(k, n) of n test items.",
    value: (hits, testItems, k) => discountedGain(hits, k) / idealGain(Math.min(k, testItems)),
  },
  recall: {
    definition: "Hits in the top k, divided by the number of test items n.",
    value: (hits, testItems, k) => hitsWithin(hits, k) / testItems,
  },
  precision: {
    definition: "Hits in the top k, divided by k.",
    value: (hits, _, k) => hitsWithin(hits, k) / k,
  },
  map: {
    definition:
      "Average precision: sum of precision@rank over the ranks of the hits in the top k, divided by min(k, n) of n test items.",
    value(hits, testItems, k) {
      let found = 0;
      let sum = 0;
      for (let rank = 1; rank <= k; rank++) if (hits[rank - 1]) sum += ++found / rank;
      return sum / Math.min(k, testItems);
    },
  },
  hr: {
    definition: "1 if there is a hit in the top k, else 0.",
    value: (hits, _, k) => (hitsWithin(hits, k) > 0 ? 1 : 0),
  },
  "paper.ndcg": {
    definition:
      "As the paper has it: sum of 1/log2(rank+1) over the hits in the top k, divided by the sum over ranks 1..n of all n test items, even where n > k.",
    value: (hits, testItems, k) => discountedGain(hits, k) / idealGain(testItems),
  },
  "paper.map": {
    definition: "As the paper has it: the mean of precision@1, precision@2, ..., precision@k.",
    value(hits, _, k) {
      let found = 0;
      let sum = 0;
      for (let rank = 1; rank <= k; rank++) {
        if (hits[rank - 1]) found++;
        sum += found / rank;
      }
      return sum / k;
    },
  },
  "paper.recall": {
    definition: "As the paper has it: hits in the top k, divided by the number of test items n.",
    value: (hits, testItems, k) => hitsWithin(hits, k) / testItems,
  },
};

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

function hitsWithin(hits: ArrayLike<number>, k: number): number {
  let found = 0;
  for (let rank = 1; rank <= k; rank++) if (hits[rank - 1]) found++;
  return found;
}

function discountedGain(hits: ArrayLike<number>, k: number): number {
  let gain = 0;
  for (let rank = 1; rank <= k; rank++) if (hits[rank - 1]) gain += 1 / Math.log2(rank + 1);
  return gain;
}

function idealGain(ranks: number): number {
  let gain = 0;
  for (let rank = 1; rank <= ranks; rank++) gain += 1 / Math.log2(rank + 1);
  return gain;
}
