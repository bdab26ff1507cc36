import { type Command, InvalidArgumentError, Option } from "commander";
import type { Interactions } from "../interactions/interactions.ts";
import { createModel, MODELS, type ModelName } from "../models/models.ts";
import type { Recommender } from "../models/recommender.ts";
import type { LeastSquaresSolver } from "../models/wrmf.ts";
import { nonNegativeNumber, oneOf, positiveInteger } from "./options.ts";
import type { Session } from "./session.ts";

export interface ModelOptionValues {
  readonly model: ModelName;
  readonly factors?: number;
  readonly regularization?: number;
  readonly root?: number;
  readonly alpha?: number;
  readonly solver?: LeastSquaresSolver;
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
    .option("--regularization <number>", "the model's own ridge: nce-plrec (default 1000)", nonNegativeNumber)
    .option("--root <number>", "exponent of popularity: nce-plrec (default 1)", nonNegativeNumber)
    .option("--alpha <number>", "confidence in an interaction, over 1: wrmf (default 1)", nonNegativeNumber)
    .addOption(
      new Option("--solver <name>", "cg or cholesky: wrmf (default cg)").argParser(
        oneOf<LeastSquaresSolver>("cg", "cholesky"),
      ),
    );
}

/** The model that the options ask for; an option that the model doesn't have is refused. */
export function modelFrom(
  { model, factors, regularization, root, alpha, solver }: ModelOptionValues,
  seed: number,
): Recommender {
  try {
    return createModel(model, {
      seed,
      ...(factors === undefined ? {} : { factors }),
      ...(regularization === undefined ? {} : { regularization }),
      ...(root === undefined ? {} : { root }),
      ...(alpha === undefined ? {} : { alpha }),
      ...(solver === undefined ? {} : { solver }),
    });
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
