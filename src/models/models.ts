import { Cdae } from "./cdae.ts";
import { NcePlrec } from "./nce-plrec.ts";
import type { LossName } from "./network/losses.ts";
import type { Recommender } from "./recommender.ts";
import { Svd } from "./svd.ts";
import { VaeCf } from "./vae-cf.ts";

/** Hyper-parameters by the names of the command line; a model ignores none silently. */
export interface ModelOptions {
  readonly factors?: number;
  readonly regularization?: number;
  readonly root?: number;
  readonly iterations?: number;
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

/** The models by name, each with the hyper-parameters it has. */
export const MODELS = {
  "nce-plrec": {
    parameters: ["factors", "regularization", "root", "iterations"],
    create: (options) => new NcePlrec(options),
  },
  cdae: {
    parameters: ["factors", ...TRAINING, "dropout", "negatives", ...LOSS],
    create: (options) => new Cdae(options),
  },
  "vae-cf": {
    parameters: ["factors", "hidden", ...TRAINING, "dropout", "klWeight", "annealing", ...LOSS],
    create: (options) => new VaeCf(options),
  },
  svd: { parameters: ["factors", "iterations"], create: (options) => new Svd(options) },
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
  if (unknown) throw new RangeError(`${name} has no ${unknown[0]}; it has ${parameters.join(", ")}.`);
  return create(Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
}
