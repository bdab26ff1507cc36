import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Interactions } from "../interactions/interactions.ts";
import { type Container, readContainer, writeContainer } from "../io/container.ts";
import type { FitOptions, FittedRecommender, Recommender } from "../models/recommender.ts";

/** What a denoise goes through: a model fitted, a round relabelled, and after the last round the result. */
export type Stage = "fit" | "round" | "result";

/** Keeps the last of each stage. A stage is a pure function of those before it, so what was kept stands for it. */
export interface Checkpoints {
  /** What was kept, or undefined. @throws ProRecError CORRUPT_FILE, UNSUPPORTED_FORMAT, UNREADABLE_FILE */
  load(stage: Stage): Promise<Container | undefined>;
  /** @throws ProRecError UNWRITABLE_FILE */
  save(stage: Stage, content: Container): Promise<void>;
  /** A file in which the fit of a round keeps how far it has come. */
  trainingFile(round: number): string;
}

/** Checkpoints in a folder that is there: `fit.prorec`, `round.prorec`, `result.prorec`, each whole or not there. */
export function checkpointsIn(folder: string): Checkpoints {
  const file = (stage: Stage) => join(folder, `${stage}.prorec`);
  return {
    load: async (stage) => (existsSync(file(stage)) ? readContainer(file(stage), stage) : undefined),
    save: (stage, content) => writeContainer(file(stage), { kind: stage, ...content }),
    trainingFile: (round) => join(folder, `training-${round}.prorec`),
  };
}

/** The files that a finished run has no use for. */
export function isInterim(file: string): boolean {
  return /^(round|training-\d+)\.prorec$|^\..*\.tmp$/.test(file);
}

/** The model fitted to the interactions of a round: as it was kept, or fitted now. */
export async function fitRound(
  model: Recommender,
  interactions: Interactions,
  round: number,
  { checkpoints, ...options }: FitOptions & { readonly checkpoints?: Checkpoints | undefined },
): Promise<FittedRecommender> {
  if (checkpoints === undefined) return model.fit(interactions, options);
  const kept = await keptFit(checkpoints, round, model, interactions);
  if (kept !== undefined) return kept;
  const checkpoint = checkpoints.trainingFile(round);
  const fitted = await model.fit(interactions, { ...options, checkpoint });
  await checkpoints.save("fit", { metadata: { round }, sections: fitted.learned });
  await rm(checkpoint, { force: true });
  return fitted;
}

/** The model that was fitted to these interactions in this round, if it was kept. */
export async function keptFit(
  checkpoints: Checkpoints,
  round: number,
  model: Recommender,
  interactions: Interactions,
): Promise<FittedRecommender | undefined> {
  const kept = await checkpoints.load("fit");
  return kept?.metadata.round === round ? model.restore(interactions, kept.sections) : undefined;
}
