import { NcePlrec } from "./nce-plrec.ts";
import type { Recommender } from "./recommender.ts";
import { Svd } from "./svd.ts";
import { type LeastSquaresSolver, Wrmf } from "./wrmf.ts";

/** Hyper-parameters by the names of the command line; a model ignores none silently. */
export interface ModelOptions {
  readonly factors?: number;
  readonly regularization?: number;
  readonly root?: number;
  readonly alpha?: number;
  readonly solver?: LeastSquaresSolver;
  readonly iterations?: number;
  readonly seed?: number;
}

/** Values that a search tries of each hyper-parameter, in this order; all are options of the command line. */
export type ModelGrid = { readonly [name in keyof ModelOptions]?: readonly number[] };

/** The models by name, each with the hyper-parameters it has and the grid that `tune` searches. */
export const MODELS = {
  "nce-plrec": {
    parameters: ["factors", "regularization", "root", "iterations"],
    grid: {
      // First, as the best factors depend on it. The paper's .0005 to .01 are one value: the ranking is the same (ML-100k, AMusic).
      regularization: [0.001, 100, 1000, 3000, 10_000, 30_000, 100_000],
      factors: [20, 50, 100, 200],
      root: [0.7, 0.8, 0.9, 1],
    },
    create: (options) => new NcePlrec(options),
  },
  svd: {
    parameters: ["factors", "iterations"],
    grid: { factors: [5, 10, 20, 50, 100, 200] },
    create: (options) => new Svd(options),
  },
  wrmf: {
    parameters: ["factors", "regularization", "alpha", "iterations", "solver"],
    grid: {
      regularization: [0.1, 1, 3, 10, 30, 100, 300],
      alpha: [0.5, 1, 2, 5, 10, 20, 40],
      factors: [16, 32, 64, 128],
    },
    create: (options) => new Wrmf(options),
  },
} as const satisfies Record<
  string,
  {
    parameters: readonly (keyof ModelOptions)[];
    grid: ModelGrid;
    create: (options: ModelOptions) => Recommender;
  }
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
  if (unknown) throw new RangeError(`${name} has no ${unknown[0]}; it has ${parameters.join(", ")}.`);
  return create(Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
}
