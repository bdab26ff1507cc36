import { Cdae } from "./cdae.ts";
import { Ease } from "./ease.ts";
import { Edlae } from "./edlae.ts";
import { ItemKnn } from "./item-knn.ts";
import { NcePlrec } from "./nce-plrec.ts";
import type { LossName } from "./network/losses.ts";
import { Popularity } from "./popularity.ts";
import type { Recommender } from "./recommender.ts";
import { Svd } from "./svd.ts";
import { VaeCf } from "./vae-cf.ts";
import { type LeastSquaresSolver, Wrmf } from "./wrmf.ts";

/** Hyper-parameters by the names of the command line; a model ignores none silently. */
export interface ModelOptions {
  readonly factors?: number;
  readonly regularization?: number;
  readonly root?: number;
  readonly alpha?: number;
  readonly solver?: LeastSquaresSolver;
  readonly iterations?: number;
  readonly neighbours?: number;
  readonly userPower?: number;
  readonly itemPower?: number;
  readonly hidden?: number;
  readonly epochs?: number;
  readonly patience?: number;
  readonly validation?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly dropout?: number;
  readonly negatives?: number;
  readonly klWeight?: number;
  readonly annealing?: number;
  readonly loss?: LossName;
  readonly dropRate?: number;
  readonly dropSchedule?: number;
  readonly exponent?: number;
  readonly seed?: number;
}

const TRAINING = ["epochs", "patience", "validation", "batchSize", "learningRate", "regularization"] as const;
const LOSS = ["loss", "dropRate", "dropSchedule", "exponent"] as const;

/** Values that a search tries of each hyper-parameter, in this order; all are options of the command line. */
export type ModelGrid = { readonly [name in keyof ModelOptions]?: readonly number[] };

/** The models by name, each with the hyper-parameters it has and the grid that `tune` searches. */
export const MODELS = {
  svd: {
    parameters: ["factors", "iterations", "userPower", "itemPower"],
    grid: {
      factors: [5, 10, 20, 50, 100, 200],
      userPower: [0, 0.2, 0.35, 0.5],
      itemPower: [0, 0.1, 0.2, 0.3],
    },
    create: (options) => new Svd(options),
  },
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
  wrmf: {
    parameters: ["factors", "regularization", "alpha", "iterations", "solver"],
    grid: {
      regularization: [1, 3, 10, 20, 40, 60, 100, 300],
      alpha: [0.5, 1, 2, 5, 10, 20, 40],
      factors: [16, 32, 64, 128],
    },
    create: (options) => new Wrmf(options),
  },
  cdae: {
    parameters: ["factors", ...TRAINING, "dropout", "negatives", ...LOSS],
    grid: {
      learningRate: [0.0005, 0.001, 0.002, 0.005],
      regularization: [0, 0.0001, 0.001, 0.01],
      factors: [50, 100, 200],
      dropout: [0.3, 0.5, 0.7],
    },
    create: (options) => new Cdae(options),
  },
  "vae-cf": {
    parameters: ["factors", "hidden", ...TRAINING, "dropout", "klWeight", "annealing", ...LOSS],
    grid: {
      learningRate: [0.001, 0.002, 0.005, 0.01],
      factors: [50, 100, 200],
      klWeight: [0.1, 0.2, 0.5, 1],
      dropout: [0.3, 0.5, 0.7],
    },
    create: (options) => new VaeCf(options),
  },
  ease: {
    parameters: ["regularization"],
    grid: { regularization: [1, 3, 10, 30, 100, 300, 1000] },
    create: (options) => new Ease(options),
  },
  edlae: {
    parameters: ["regularization", "dropout"],
    grid: { regularization: [1, 3, 10, 30, 100, 300, 1000], dropout: [0.1, 0.25, 0.5, 0.75] },
    create: (options) => new Edlae(options),
  },
  "item-knn": {
    parameters: ["neighbours"],
    grid: { neighbours: [20, 50, 100, 200, 500] },
    create: (options) => new ItemKnn(options),
  },
  popularity: { parameters: [], grid: {}, create: () => new Popularity() },
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
  if (unknown)
    throw new RangeError(`${name} has no ${unknown[0]}; it has ${parameters.join(", ") || "none"}.`);
  return create(Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
}
