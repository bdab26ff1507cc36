import { type Command, InvalidArgumentError, Option } from "commander";
import type { Interactions } from "../interactions/interactions.ts";
import { createModel, MODELS, type ModelName, type ModelOptions } from "../models/models.ts";
import { LOSSES } from "../models/network/losses.ts";
import type { Recommender } from "../models/recommender.ts";
import type { LeastSquaresSolver } from "../models/wrmf.ts";
import {
  nonNegativeNumber,
  oneOf,
  positiveInteger,
  positiveNumber,
  shareBelowOne,
  wholeNumber,
} from "./options.ts";
import type { Session } from "./session.ts";

/** Hyper-parameters of the models that the command line has. */
const HYPERPARAMETERS = [
  ...[
    "factors",
    "regularization",
    "root",
    "alpha",
    "solver",
    "hidden",
    "epochs",
    "patience",
    "batchSize",
    "learningRate",
  ],
  ...["dropout", "negatives", "klWeight", "annealing", "loss", "dropRate", "dropSchedule", "exponent"],
] as const satisfies readonly (keyof ModelOptions)[];

export interface ModelOptionValues extends Pick<ModelOptions, (typeof HYPERPARAMETERS)[number]> {
  readonly model: ModelName;
}

/** `--model` and the models' hyper-parameters. */
export function withModelOptions(command: Command): Command {
  const names = Object.keys(MODELS) as ModelName[];
  return command
    .addOption(
      new Option("--model <name>", names.join(", "))
        .argParser(oneOf(...names))
        .default("nce-plrec" satisfies ModelName),
    )
    .option("--factors <integer>", "numbers an embedding (default 100)", positiveInteger)
    .option(
      "--regularization <number>",
      "the model's own ridge: nce-plrec (default 1000), cdae, vae-cf (default .001)",
      nonNegativeNumber,
    )
    .option("--root <number>", "exponent of popularity: nce-plrec (default 1)", nonNegativeNumber)
    .option("--alpha <number>", "confidence in an interaction, over 1: wrmf (default 1)", nonNegativeNumber)
    .addOption(
      new Option("--solver <name>", "cg or cholesky: wrmf (default cg)").argParser(
        oneOf<LeastSquaresSolver>("cg", "cholesky"),
      ),
    )
    .option("--hidden <integer>", "width of a further layer: vae-cf (default 0, none)", wholeNumber)
    .option("--epochs <integer>", "epochs at most: cdae, vae-cf (default 100)", positiveInteger)
    .option(
      "--patience <integer>",
      "epochs without a better validation before it ends: cdae, vae-cf (default 5)",
      positiveInteger,
    )
    .option("--batch-size <integer>", "users a mini-batch: cdae, vae-cf (default 100)", positiveInteger)
    .option("--learning-rate <number>", "cdae (default .002), vae-cf (default .005)", positiveNumber)
    .option("--dropout <share>", "inputs left out in training: cdae, vae-cf (default .5)", shareBelowOne)
    .option(
      "--negatives <integer>",
      "items drawn for each interaction instead of all: cdae (default 0, all)",
      wholeNumber,
    )
    .option("--kl-weight <number>", "weight of the divergence: vae-cf (default .2)", nonNegativeNumber)
    .option("--annealing <epochs>", "epochs until that weight: vae-cf (default 20)", nonNegativeNumber)
    .addOption(
      new Option("--loss <name>", `${LOSSES.join(", ")}: cdae, vae-cf (default ce)`).argParser(
        oneOf(...LOSSES),
      ),
    )
    .option("--drop-rate <share>", "t-ce: largest losses left out at last (default .1)", shareBelowOne)
    .option("--drop-schedule <steps>", "t-ce: mini-batches until then (default 200)", positiveInteger)
    .option("--exponent <number>", "r-ce: power of the probability (default .25)", nonNegativeNumber);
}

/** The model that the options ask for; an option that the model doesn't have is refused. */
export function modelFrom(values: ModelOptionValues, seed: number): Recommender {
  const own = Object.fromEntries(HYPERPARAMETERS.map((name) => [name, values[name]]));
  try {
    return createModel(values.model, { seed, ...own });
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
  const bounded = model.name === "svd" || model.name === "nce-plrec";
  const factors = bounded ? Number(model.parameters.factors) : 0;
  const most = Math.min(users.size, items.size);
  if (factors > most) {
    session.note(`${model.name}: ${factors} factors reduced to ${most}, the smaller side of the matrix.`);
  }
}
