import type { Interactions } from "../interactions/interactions.ts";
import type { TypedArray } from "../io/container.ts";
import { rowFiller } from "../kernels/fill-rows.ts";
import type { Engine } from "../kernels/kernels.ts";
import type { SparseVector } from "../linalg/sparse.ts";
import type { Threads } from "../parallel/crew.ts";
import { breathe, type RunOptions } from "../progress.ts";
import type { Scores } from "../scores.ts";
import { maskSeen, topItems } from "./top-items.ts";

/** A model's hyper-parameters and how to fit it. Values of `interactions.matrix` are the weights it honours. */
export interface Recommender {
  /** The name on the command line, e.g. "nce-plrec". */
  readonly name: string;
  /** The hyper-parameters in effect, as they are reported and stored; with them `createModel` makes the model again. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Ridge or L2 strength: zeta of Eq. 2-3. 0 for a model without one. */
  readonly regularization: number;
  /** Whether a fit can go on from an earlier one; a model without it ignores `start`. */
  readonly warmStart?: boolean;
  /** @throws ProRecError TOO_LARGE where the model can't fit into memory; ABORTED */
  fit(interactions: Interactions, options?: FitOptions): Promise<FittedRecommender>;
  /** The fitted model again, from what it had learned from these interactions. */
  restore(interactions: Interactions, learned: Learned): FittedRecommender;
  /**
   * Fills the rows of items `first`, `first` + 1, ... in what was learned, from the users who have them, everything else
   * held. Only models with it take new items without a new fit.
   */
  foldItems?(interactions: Interactions, learned: Learned, first: number): void;
}

export interface FitOptions extends RunOptions {
  /** Threads that compute; no effect on the result. Default 1. */
  readonly threads?: Threads | undefined;
  /** What computes; default the fastest that runs here. */
  readonly engine?: Engine | "auto" | undefined;
  /** An earlier fit of this model to the same users and items to go on from, where the model has `warmStart`. */
  readonly start?: FittedRecommender | undefined;
  /**
   * A file that the fit of a network or WRMF saves itself to, and goes on from if it is there: the result has the same bits
   * as without a break. The other models are fitted in one go and ignore it.
   */
  readonly checkpoint?: string | undefined;
}

/** What a model learned: arrays by name, all that it takes to use it. */
export type Learned = Readonly<Record<string, TypedArray>>;

/** Some user's interactions: positions of items, ascending, and their weights. */
export type Profile = SparseVector;

/** What a fitted model can tell. */
export interface Predictions {
  readonly scores: Scores;
  /** The scores of all items for a user with this profile, whether seen before or not, by the model as it is. */
  scoreProfile(profile: Profile): Float32Array;
  /** The factors of a user with this profile, where the scores are factors. */
  embed?(profile: Profile): Float32Array | Float64Array;
  /** How alike each item is to this one; the largest is the most alike. */
  similarities(item: number): Float32Array;
}

/** Items, best first. Parallel arrays; shorter than the limit where there are no more items. */
export interface Recommendations {
  readonly items: string[];
  readonly scores: number[];
}

export interface RecommendOptions {
  /** Items a list at most; default 10. */
  readonly limit?: number | undefined;
  /** Leave out the items that the user has; default true. */
  readonly excludeSeen?: boolean | undefined;
}

/** Scores that `recommendAll` holds at a time: 4 MiB. */
const BLOCK_SCORES = 2 ** 20;

/** A fitted model and the interactions it was fitted to. Equal scores: the item that appeared first leads. */
export class FittedRecommender {
  readonly model: Recommender;
  readonly interactions: Interactions;
  readonly learned: Learned;
  readonly #predictions: Predictions;
  #filler: ReturnType<typeof rowFiller> | undefined;

  constructor(model: Recommender, interactions: Interactions, learned: Learned, predictions: Predictions) {
    this.model = model;
    this.interactions = interactions;
    this.learned = learned;
    this.#predictions = predictions;
  }

  get scores(): Scores {
    return this.#predictions.scores;
  }

  /** The factors of a user with this profile as the model is; undefined where its scores have none. */
  embed(profile: Profile): Float32Array | Float64Array | undefined {
    return this.#predictions.embed?.(profile);
  }

  /**
   * The user's best items.
   * @throws RangeError for a user the model has not seen
   */
  recommend(user: string, options: RecommendOptions = {}): Recommendations {
    const position = this.#userAt(user);
    const row = new Float32Array(this.scores.items);
    this.#fill(position, position + 1, row);
    return this.#bestFor(position, row, options);
  }

  /**
   * The best items of many users, in their order; of all users unless some are named.
   * @throws RangeError for a user the model has not seen, before the first list
   */
  async *recommendAll(
    users?: Iterable<string>,
    options: RecommendOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<Recommendations & { readonly user: string }> {
    const { scores, interactions } = this;
    const positions = users
      ? Uint32Array.from(users, (user) => this.#userAt(user))
      : Uint32Array.from({ length: scores.users }, (_, user) => user);
    const most = Math.max(1, Math.floor(BLOCK_SCORES / Math.max(1, scores.items)));
    const block = new Float32Array(Math.min(most, positions.length) * scores.items);
    for (let start = 0; start < positions.length; ) {
      await breathe(options.signal);
      const first = positions[start]!;
      let count = 1;
      while (count < most && positions[start + count] === first + count) count++;
      this.#fill(first, first + count, block.subarray(0, count * scores.items));
      for (let index = 0; index < count; index++) {
        const row = block.subarray(index * scores.items, (index + 1) * scores.items);
        yield { user: interactions.users.at(first + index), ...this.#bestFor(first + index, row, options) };
      }
      start += count;
    }
  }

  /**
   * The best items for someone with these items, without fitting again; each counts 1 unless `weights` says otherwise.
   * @throws RangeError for an item the model has not seen, or weights that don't fit
   */
  recommendFrom(
    items: readonly string[],
    options: RecommendOptions & { readonly weights?: readonly number[] | undefined } = {},
  ): Recommendations {
    const { weights = items.map(() => 1), limit = 10, excludeSeen = true } = options;
    if (weights.length !== items.length) {
      throw new RangeError(`${weights.length} weights do not fit ${items.length} items.`);
    }
    const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
    if (bad >= 0) throw new RangeError(`Weight ${bad} is ${weights[bad]}; weights are finite and >= 0.`);
    const weightOf = new Map(items.map((item, index) => [this.#itemAt(item), weights[index]!]));
    const indices = Uint32Array.from(weightOf.keys()).sort();
    const values = Float32Array.from(indices, (item) => weightOf.get(item)!);
    const row = this.#predictions.scoreProfile({ indices, values });
    if (excludeSeen) for (const item of indices) row[item] = -Infinity;
    return this.#best(row, limit);
  }

  /**
   * The items most like this one.
   * @throws RangeError for an item the model has not seen
   */
  similarItems(item: string, options: { readonly limit?: number } = {}): Recommendations {
    const position = this.#itemAt(item);
    const row = this.#predictions.similarities(position);
    row[position] = -Infinity;
    return this.#best(row, options.limit ?? 10);
  }

  /** Scores of users start..end-1, from kernels made ready once. */
  #fill(start: number, end: number, out: Float32Array): void {
    this.#filler ??= rowFiller(this.scores);
    this.#filler(start, end, out);
  }

  #bestFor(user: number, row: Float32Array, { limit = 10, excludeSeen = true }: RecommendOptions) {
    if (excludeSeen) maskSeen(this.interactions.matrix, user, row);
    return this.#best(row, limit);
  }

  #best(row: Float32Array, limit: number): Recommendations {
    const best = topItems(row, limit);
    return {
      items: best.map((item) => this.interactions.items.at(item)),
      scores: best.map((item) => row[item]!),
    };
  }

  #userAt(user: string): number {
    const position = this.interactions.users.indexOf(user);
    if (position < 0) throw new RangeError(`The model has not seen a user "${user}".`);
    return position;
  }

  #itemAt(item: string): number {
    const position = this.interactions.items.indexOf(item);
    if (position < 0) throw new RangeError(`The model has not seen an item "${item}".`);
    return position;
  }
}
