import type { Interactions } from "../interactions/interactions.ts";
import { type SparseMatrix, transpose } from "../linalg/sparse.ts";
import { breathe, type RunOptions } from "../progress.ts";
import { itemPredictions } from "./item-predictions.ts";
import { type FitOptions, FittedRecommender, type Learned, type Recommender } from "./recommender.ts";
import { topItems } from "./top-items.ts";

/** Multiplications between two breaths: some tens of milliseconds. */
const STEP = 1e7;

/**
 * Item-based nearest neighbours (Deshpande & Karypis 2004): a user's score for an item is the sum, over the user's items
 * that have it among their `neighbours` nearest, of cosine times weight. Weights are X's values, in the cosines too.
 */
export class ItemKnn implements Recommender {
  readonly name = "item-knn";
  readonly regularization = 0;
  readonly parameters: { readonly neighbours: number };

  constructor({ neighbours = 200 }: { neighbours?: number } = {}) {
    this.parameters = { neighbours };
  }

  async fit(interactions: Interactions, options: FitOptions = {}): Promise<FittedRecommender> {
    return this.restore(
      interactions,
      await nearest(interactions.matrix, this.parameters.neighbours, options),
    );
  }

  restore(interactions: Interactions, learned: Learned): FittedRecommender {
    const { matrix } = interactions;
    const { offsets, neighbours, cosines } = learned as Nearest;
    const add = (row: Float32Array, item: number, value: number) => {
      for (let at = offsets[item]!; at < offsets[item + 1]!; at++) {
        row[neighbours[at]!]! += value * cosines[at]!;
      }
    };
    return new FittedRecommender(this, interactions, learned, itemPredictions(matrix, add));
  }
}

/** The nearest items of item i, nearest first, are neighbours[offsets[i]] .. neighbours[offsets[i + 1] - 1]. */
type Nearest = {
  readonly offsets: Uint32Array;
  readonly neighbours: Uint32Array;
  readonly cosines: Float32Array;
};

/** Item by item, over the users they share: memory for items and neighbours kept, never for all pairs. */
async function nearest(matrix: SparseMatrix, most: number, options: RunOptions): Promise<Nearest> {
  const turned = transpose(matrix);
  const items = matrix.columns;
  const lengths = new Float64Array(items);
  for (const [entry, item] of matrix.indices.entries()) lengths[item]! += matrix.values[entry]! ** 2;
  for (let item = 0; item < items; item++) lengths[item] = Math.sqrt(lengths[item]!);

  const products = new Float64Array(items);
  const kept: { neighbours: Uint32Array; cosines: Float32Array }[] = [];
  const offsets = new Uint32Array(items + 1);
  let work = 0;
  for (let item = 0; item < items; item++) {
    const met: number[] = [];
    for (let at = turned.offsets[item]!; at < turned.offsets[item + 1]!; at++) {
      const user = turned.indices[at]!;
      const value = turned.values[at]!;
      for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
        const other = matrix.indices[entry]!;
        if (products[other] === 0) met.push(other);
        products[other]! += value * matrix.values[entry]!;
      }
      work += matrix.offsets[user + 1]! - matrix.offsets[user]!;
    }
    products[item] = 0;
    const others = Uint32Array.from(met.filter((other) => other !== item)).sort();
    const cosines = Float32Array.from(
      others,
      (other) => products[other]! / (lengths[item]! * lengths[other]!),
    );
    for (const other of others) products[other] = 0;
    const best = topItems(cosines, most);
    kept.push({
      neighbours: Uint32Array.from(best, (place) => others[place]!),
      cosines: Float32Array.from(best, (place) => cosines[place]!),
    });
    offsets[item + 1] = offsets[item]! + best.length;
    if (work > STEP || item === items - 1) {
      work = 0;
      options.onProgress?.({ stage: "neighbours", done: item + 1, total: items });
      await breathe(options.signal);
    }
  }
  const neighbours = new Uint32Array(offsets[items]!);
  const cosines = new Float32Array(offsets[items]!);
  for (const [item, own] of kept.entries()) {
    neighbours.set(own.neighbours, offsets[item]);
    cosines.set(own.cosines, offsets[item]);
  }
  return { offsets, neighbours, cosines };
}
