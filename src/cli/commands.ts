import { registerDatasets } from "./commands/datasets.ts";
import { registerDenoise } from "./commands/denoise.ts";
import { registerDiagnose } from "./commands/diagnose.ts";
import { registerEvaluate } from "./commands/evaluate.ts";
import { registerExplore } from "./commands/explore.ts";
import { registerMetrics } from "./commands/metrics.ts";
import { registerNoise } from "./commands/noise.ts";
import { registerRecommend } from "./commands/recommend.ts";
import { registerReproduce } from "./commands/reproduce.ts";
import { registerRuns } from "./commands/runs.ts";
import { registerSynth } from "./commands/synth.ts";
import { registerTrain } from "./commands/train.ts";
import { registerTune } from "./commands/tune.ts";
import { registerUpdate } from "./commands/update.ts";
import { registerWorker } from "./commands/worker.ts";
import type { RegisterCommand } from "./session.ts";

/** Every command, in the order of `prorec --help`. */
export const commands: readonly RegisterCommand[] = [
  ...[registerDiagnose, registerDenoise, registerUpdate, registerEvaluate, registerTune, registerTrain],
  ...[registerRecommend, registerExplore, registerNoise, registerSynth, registerDatasets, registerMetrics],
  ...[registerReproduce, registerWorker, registerRuns],
];
