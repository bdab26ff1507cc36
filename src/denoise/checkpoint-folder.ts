import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readContainer, writeContainer } from "../io/container.ts";
import type { Checkpoints, Stage } from "./checkpoints.ts";

/** Checkpoints in a folder that is there: `fit.prorec`, `round.prorec`, `result.prorec`, each whole or not there. */
export function checkpointsIn(folder: string): Checkpoints {
  const file = (stage: Stage) => join(folder, `${stage}.prorec`);
  const training = (round: number) => join(folder, `training-${round}.prorec`);
  return {
    load: async (stage) => (existsSync(file(stage)) ? readContainer(file(stage), stage) : undefined),
    save: (stage, content) => writeContainer(file(stage), { kind: stage, ...content }),
    trainingFile: training,
    removeTraining: (round) => rm(training(round), { force: true }),
  };
}

/** The files that a finished run has no use for. */
export function isInterim(file: string): boolean {
  return /^(round|training-\d+)\.prorec$|^\..*\.tmp$/.test(file);
}
