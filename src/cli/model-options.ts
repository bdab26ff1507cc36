import { type Command, InvalidArgumentError, Option } from "commander";
import type { Interactions } from "../interactions/interactions.ts";
import { createModel, MODELS, type ModelName, type ModelOptions } from "../models/models.ts";
import { LOSSES } from "../models/network/losses.ts";
import type { Recommender } from "../models/recommender.ts";
import { LEAST_SQUARES_SOLVERS } from "../models/wrmf.ts";
import {
  nonNegativeNumber,
  type OptionParser,
  oneOf,
  positiveInteger,
  positiveNumber,
  shareBelowOne,
  wholeNumber,
} from "./options.ts";
import type { Session } from "./session.ts";

/** The models' hyper-parameters as options: their value, what they are, how they are read. */
const HYPERPARAMETERS = {
  factors: ["integer", "numbers an embedding", positiveInteger],
  regularization: ["number", "the model's own ridge", nonNegativeNumber],
  root: ["number", "exponent of popularity", nonNegativeNumber],
  userPower: ["number", "a click counts as (the user's clicks)^-this", nonNegativeNumber],
  itemPower: ["number", "and as (the item's clicks)^-this", nonNegativeNumber],
  alpha: ["number", "confidence in an interaction, over 1", nonNegativeNumber],
  solver: ["name", LEAST_SQUARES_SOLVERS.join(" or "), oneOf(...LEAST_SQUARES_SOLVERS)],
  neighbours: ["integer", "nearest items kept an item", positiveInteger],
  dropout: ["share", "share of the input left out in training", shareBelowOne],
  hidden: ["integer", "width of a further layer, 0 for none", wholeNumber],
  epochs: ["integer", "epochs at most", positiveInteger],
  patience: ["integer", "epochs without a better validation before it ends", positiveInteger],
  batchSize: ["integer", "users a mini-batch", positiveInteger],
  learningRate: ["number", "step of the training", positiveNumber],
  negatives: ["integer", "items drawn for each interaction, 0 for all items", wholeNumber],
  klWeight: ["number", "weight of the divergence", nonNegativeNumber],
  annealing: ["epochs", "epochs until that weight", nonNegativeNumber],
  loss: ["name", LOSSES.join(", "), oneOf(...LOSSES)],
  dropRate: ["share", "t-ce: largest losses left out at last", shareBelowOne],
  dropSchedule: ["steps", "t-ce: mini-batches until then", positiveInteger],
  exponent: ["number", "r-ce: power of the probability", nonNegativeNumber],
} as const satisfies {
  readonly [name in keyof ModelOptions]?: readonly [string, string, (text: string) => unknown];
};

type Hyperparameter = keyof typeof HYPERPARAMETERS;

export interface ModelOptionValues extends Pick<ModelOptions, Hyperparameter> {
  readonly model: ModelName;
}

/** `--model` and the models' hyper-parameters. */
export function withModelOptions(command: Command): Command {
  const names = Object.keys(MODELS) as ModelName[];
  command
    .optionsGroup("Model:")
    .addOption(
      new Option("--model <name>", names.join(", "))
        .argParser(oneOf(...names))
        .default("nce-plrec" satisfies ModelName),
    );
  for (const [name, [value, what, read]] of Object.entries(HYPERPARAMETERS)) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const description = `${what} (${defaultsOf(name)})`;
    command.addOption(
      new Option(`--${flag} <${value}>`, description).argParser(read as OptionParser<unknown>),
    );
  }
  return command;
}

/** The models that have the hyper-parameter, each with its default. */
function defaultsOf(name: string): string {
  const models = Object.keys(MODELS) as ModelName[];
  const having = models.filter((model) => (MODELS[model].parameters as readonly string[]).includes(name));
  return having.map((model) => `${model} ${createModel(model).parameters[name]}`).join(", ");
}

/** The names of those options' values. */
export const MODEL_OPTIONS: readonly string[] = ["model", ...Object.keys(HYPERPARAMETERS)];

/** The model that the options ask for; an option that the model doesn't have is refused. */
export function modelFrom(values: ModelOptionValues, seed: number): Recommender {
  const names = Object.keys(HYPERPARAMETERS) as Hyperparameter[];
  const given = Object.fromEntries(names.map((name) => [name, values[name]]));
  try {
    return createModel(values.model, { seed, ...given });
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** Says so where the matrix is too small for the factors asked for. */
export function noteReducedFactors(
  model: Recommender,
  { users, items }: Interactions,
  session: Session,
): void {
  const factors = Number(model.parameters.factors ?? 0);
  const most = Math.min(users.size, items.size);
  if (factors > most) {
    session.note(`${model.name}: ${factors} factors reduced to ${most}, the smaller side of the matrix.`);
  }
}
