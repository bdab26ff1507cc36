#!/usr/bin/env node
import { registerDenoise } from "./commands/denoise.ts";
import { registerMetrics } from "./commands/metrics.ts";
import { registerSynth } from "./commands/synth.ts";
import { run } from "./run.ts";

process.exit(await run([registerDenoise, registerSynth, registerMetrics], process.argv.slice(2)));
