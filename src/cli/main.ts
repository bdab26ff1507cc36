#!/usr/bin/env node
import { registerDenoise } from "./commands/denoise.ts";
import { registerDiagnose } from "./commands/diagnose.ts";
import { registerEvaluate } from "./commands/evaluate.ts";
import { registerMetrics } from "./commands/metrics.ts";
import { registerNoise } from "./commands/noise.ts";
import { registerRecommend } from "./commands/recommend.ts";
import { registerSynth } from "./commands/synth.ts";
import { registerTrain } from "./commands/train.ts";
import { registerTune } from "./commands/tune.ts";
import { run } from "./run.ts";

const commands = [
  ...[registerDiagnose, registerDenoise, registerEvaluate, registerTune, registerTrain, registerRecommend],
  ...[registerNoise, registerSynth, registerMetrics],
];
process.exit(await run(commands, process.argv.slice(2)));
