import { type Command, InvalidArgumentError, Option } from "commander";
import type { Interactions } from "../interactions/interactions.ts";
import { createModel, MODELS, type ModelName, type ModelOptions } from "../models/models.ts";
import type { Recommender } from "../models/recommender.ts";
import type { LeastSquaresSolver } from "../models/wrmf.ts";
import { nonNegativeNumber, oneOf, positiveInteger, shareBelowOne } from "./options.ts";
import type { Session } from "./session.ts";

export interface ModelOptionValues extends Omit<ModelOptions, "iterations" | "seed"> {
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
    .option(
      "--factors <integer>",
      "numbers an embedding: nce-plrec, svd (default 100), wrmf (64)",
      positiveInteger,
    )
    .option(
      "--regularization <number>",
      "the model's own ridge: nce-plrec (default 1000), wrmf (10), ease (100), edlae (100)",
      nonNegativeNumber,
    )
    .option("--root <number>", "exponent of popularity: nce-plrec (default 1)", nonNegativeNumber)
    .option("--alpha <number>", "confidence in an interaction, over 1: wrmf (default 1)", nonNegativeNumber)
    .addOption(
      new Option("--solver <name>", "cg or cholesky: wrmf (default cg)").argParser(
        oneOf<LeastSquaresSolver>("cg", "cholesky"),
      ),
    )
    .option("--dropout <share>", "share of the input left out: edlae (default .5)", shareBelowOne)
    .option("--neighbours <integer>", "nearest items kept an item: item-knn (default 200)", positiveInteger)
    .option(
      "--user-power <number>",
      "a click counts as (the user's clicks)^-this: svd (default 0; .35 is often better)",
      nonNegativeNumber,
    )
    .option(
      "--item-power <number>",
      "and as (the item's clicks)^-this: svd (default 0; .2 is often better)",
      nonNegativeNumber,
    );
}

/** The names of those options' values. */
export const MODEL_OPTIONS = [
  "model",
  ...new Set(Object.values(MODELS).flatMap(({ parameters }): string[] => [...parameters])),
].filter((name) => name !== "iterations");

/** The model that the options ask for; an option that the model doesn't have is refused. */
export function modelFrom({ model, ...values }: ModelOptionValues, seed: number): Recommender {
  const given = MODEL_OPTIONS.slice(1).map((name) => [name, values[name as keyof typeof values]] as const);
  try {
    return createModel(model, { seed, ...Object.fromEntries(given) });
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
