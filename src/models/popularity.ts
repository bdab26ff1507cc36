import type { Interactions } from "../interactions/interactions.ts";
import { FittedRecommender, type Learned, type Recommender } from "./recommender.ts";

/** The yardstick: an item's score, the same for everyone, is the sum of its weights over the number of users. */
export class Popularity implements Recommender {
  readonly name = "popularity";
  readonly regularization = 0;
  readonly parameters = {};

  async fit(interactions: Interactions): Promise<FittedRecommender> {
    const { indices, values } = interactions.matrix;
    const sums = new Float64Array(interactions.items.size);
    for (const [entry, item] of indices.entries()) sums[item]! += values[entry]!;
    return this.restore(interactions, {
      popularity: Float32Array.from(sums, (sum) => sum / interactions.users.size),
    });
  }

  restore(interactions: Interactions, learned: Learned): FittedRecommender {
    const itemFactors = learned.popularity as Float32Array;
    const [users, items] = [interactions.users.size, interactions.items.size];
    const userFactors = new Float32Array(users).fill(1);
    return new FittedRecommender(this, interactions, learned, {
      scores: { kind: "factors", users, items, rank: 1, userFactors, itemFactors },
      scoreProfile: () => itemFactors.slice(),
      similarities: () => itemFactors.slice(), // knows no likeness: the most popular go with anything
    });
  }
}
