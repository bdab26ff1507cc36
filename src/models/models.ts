import { Ease } from "./ease.ts";
import { Edlae } from "./edlae.ts";
import { ItemKnn } from "./item-knn.ts";
import { NcePlrec } from "./nce-plrec.ts";
import { Popularity } from "./popularity.ts";
import type { Recommender } from "./recommender.ts";
import { Svd } from "./svd.ts";

/** Hyper-parameters by the names of the command line; a model ignores none silently. */
export interface ModelOptions {
  readonly factors?: number;
  readonly regularization?: number;
  readonly root?: number;
  readonly iterations?: number;
  readonly dropout?: number;
  readonly neighbours?: number;
  readonly userPower?: number;
  readonly itemPower?: number;
  readonly seed?: number;
}

/** The models by name, each with the hyper-parameters it has. */
export const MODELS = {
  "nce-plrec": {
    parameters: ["factors", "regularization", "root", "iterations"],
    create: (options) => new NcePlrec(options),
  },
  svd: {
    parameters: ["factors", "iterations", "userPower", "itemPower"],
    create: (options) => new Svd(options),
  },
  ease: { parameters: ["regularization"], create: (options) => new Ease(options) },
  edlae: { parameters: ["regularization", "dropout"], create: (options) => new Edlae(options) },
  "item-knn": { parameters: ["neighbours"], create: (options) => new ItemKnn(options) },
  popularity: { parameters: [], create: () => new Popularity() },
} as const satisfies Record<
  string,
  { parameters: readonly (keyof ModelOptions)[]; create: (options: ModelOptions) => Recommender }
>;

export type ModelName = keyof typeof MODELS;

/**
 * A model by its name, e.g. `createModel("svd", { factors: 50 })`.
 * @throws RangeError for a hyper-parameter that the model doesn't have
 */
export function createModel(name: ModelName, options: ModelOptions = {}): Recommender {
  const { parameters, create } = MODELS[name];
  const known: readonly string[] = [...parameters, "seed"];
  const unknown = Object.entries(options).find(([key, value]) => value !== undefined && !known.includes(key));
  if (unknown)
    throw new RangeError(`${name} has no ${unknown[0]}; it has ${parameters.join(", ") || "none"}.`);
  return create(Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
}
