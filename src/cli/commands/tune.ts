import { type Command, InvalidArgumentError, Option } from "commander";
import { type DenoiseSettings, settingsOf } from "../../denoise/settings.ts";
import { thresholdName } from "../../denoise/summary.ts";
import { METRIC_NAMES, METRICS, type MetricName } from "../../evaluate/metrics.ts";
import { openTrialLog, type TrialLog } from "../../evaluate/trial-log.ts";
import { DENOISE_GRID, tune } from "../../evaluate/tune.ts";
import { assertOutputs } from "../../io/atomic.ts";
import { type Log, readLog } from "../../io/log.ts";
import { printablePath } from "../../io/printable.ts";
import { loadKernels } from "../../kernels/load.ts";
import { MODELS, type ModelOptions } from "../../models/models.ts";
import { trialLine, tuningText } from "../../report/tuning.ts";
import { version } from "../../version.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { type DenoiseOptionValues, settingsFrom, withDenoiseOptions } from "../denoise-options.ts";
import { givenOptions, valuesOf } from "../given.ts";
import { type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import { type ModelOptionValues, modelFrom, noteReducedFactors, withModelOptions } from "../model-options.ts";
import { nextCommands } from "../next-commands.ts";
import { oneOf, positiveInteger, ratio, type SplitShares, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends LogOptionValues, ModelOptionValues, DenoiseOptionValues, ComputingOptionValues {
  readonly denoise?: boolean;
  readonly metric: { readonly metric: MetricName; readonly k: number };
  readonly trials: number;
  readonly runs: number;
  readonly split: "global" | "user";
  readonly ratio: { readonly text: string; readonly shares: SplitShares };
  readonly log?: string;
}

const RATIO = "5:2:3";

export function registerTune(program: Command, session: Session): void {
  const command = program
    .command("tune")
    .description(
      "Searches a model's hyper-parameters on validation rows of the log; test rows are never looked at. Options of the model that are given are not searched.",
    )
    .option(
      "--denoise",
      "then also gamma, beta and lambda of denoising, unless given, for the best model found; half of the trials each",
    )
    .addOption(
      new Option("--metric <name>", "what to maximise: a metric of prorec metrics, at a length")
        .argParser(metricAt)
        .default({ metric: "ndcg", k: 5 }, "ndcg@5"),
    )
    .addOption(
      new Option("--trials <integer>", "points of the grid to try at most")
        .argParser(positiveInteger)
        .default(30),
    )
    .addOption(
      new Option("--runs <integer>", "cuts into training and validation, over which a trial is averaged")
        .argParser(positiveInteger)
        .default(3),
    )
    .addOption(
      new Option("--split <name>", "global (all interactions at once) or user (each user's own)")
        .argParser(oneOf("global", "user"))
        .default("global"),
    )
    .addOption(
      new Option("--ratio <parts>", "train:validation:test")
        .argParser(ratioWithValidation)
        .default(ratioWithValidation(RATIO), RATIO),
    )
    .option(
      "--log <file>",
      "NDJSON that keeps every finished trial; the same search goes on from what is there",
    );
  withLogOptions(command);
  withModelOptions(command);
  withDenoiseOptions(command);
  withComputingOptions(command);
  withCommonOptions(command, "prorec tune clicks.csv --model nce-plrec --denoise --log trials.ndjson").action(
    async (paths: string[], values: Values, command: Command) => {
      const [setting] = givenOptions(command, withDenoiseOptions);
      if (setting !== undefined && !values.denoise) {
        throw new InvalidArgumentError(`${setting.long} is about denoising; --denoise asks for it.`);
      }
      modelFrom(values, values.seed); // before any reading: may refuse an option
      await withLog(paths, values, session, (log) => run(log, paths, values, command, session));
    },
  );
}

async function run(
  log: Log,
  paths: readonly string[],
  values: Values,
  command: Command,
  session: Session,
): Promise<void> {
  const { model, trials, runs, seed } = values;
  if (values.log !== undefined) await assertOutputs([values.log], log.source.files);
  const { interactions, report } = await readLog(log, session);
  session.note(reportLine(log.source.name, report));
  noteReducedFactors(modelFrom(values, seed), interactions, session);
  const kept =
    values.log === undefined ? undefined : await openTrials(values.log, log, values, command, session);
  let made = 0;
  const tuning = await tune(interactions, {
    ...{ model, trials, runs, seed, ...values.metric, finished: kept?.finished ?? [] },
    parameters: modelGiven(command),
    denoise: values.denoise ? settingsGiven(command, values) : undefined,
    split: { by: values.split, shares: values.ratio.shares },
    onTrial(trial, taken) {
      if (!taken) kept?.append(trial);
      const from = taken ? " (from the log)" : "";
      session.note(`trial ${++made}${from}: ${trialLine(trial, nameOf(values))}`);
    },
    ...computingFrom(values),
    ...session,
  }).finally(() => kept?.close());
  const next = nextCommands(tuning, paths, command, [
    ...(values.metric.k === 5 ? [] : ["-k", String(values.metric.k)]),
    ...(values.split === "global" ? [] : ["--split", values.split]),
    ...(values.ratio.text === RATIO ? [] : ["--ratio", values.ratio.text]),
  ]);
  if (session.json) {
    const source = { name: log.source.name, sha256: log.source.digest(), ...report };
    await session.printJson({ protocol: { log: source, ...protocolOf(values, command) }, ...tuning, next });
    return;
  }
  await session.print(
    [
      tuningText(tuning, nameOf(values)),
      `\nTo test it, with controls, on rows that no trial has seen:\n  ${printablePath(next.evaluate)}\n`,
      `To clean the log with it:\n  ${printablePath(next.denoise)}\n`,
    ].join(""),
  );
}

/** The trials of earlier calls, if they were the same search's. */
async function openTrials(
  path: string,
  log: Log,
  values: Values,
  command: Command,
  session: Session,
): Promise<TrialLog> {
  const { model, columns, minRating, runs, seed, split, ratio } = values;
  const { gamma: _, beta: __, lambda: ___, ...settings } = settingsOf(settingsFrom(values));
  const kept = await openTrialLog(path, {
    ...{ version, log: log.source.digest(), columns: columns ?? null, minRating: minRating ?? null },
    ...{ model, given: modelGiven(command), metric: nameOf(values), runs, seed, split, ratio: ratio.shares },
    settings,
    engine: loadKernels(values.engine).engine,
  });
  const count = kept.finished.length;
  session.note(`${printablePath(path)} keeps the finished trials${count > 0 ? ` and has ${count}` : ""}.`);
  return kept;
}

/** All that it takes to do it again. */
function protocolOf(values: Values, command: Command) {
  const { model, trials, runs, seed, split, ratio, metric } = values;
  const settings = settingsOf(settingsFrom(values));
  return {
    ...{ split, ratio: ratio.shares, runs, seed, trials },
    ...{ model, given: modelGiven(command), grid: MODELS[model].grid },
    denoise: values.denoise ? { ...settings, threshold: thresholdName(settings.threshold) } : null,
    denoiseGrid: values.denoise ? DENOISE_GRID : null,
    engine: loadKernels(values.engine).engine,
    metric: { name: nameOf(values), definition: METRICS[metric.metric].definition },
  };
}

function modelGiven(command: Command): Omit<ModelOptions, "seed"> {
  const { model: _, ...parameters } = valuesOf(command, givenOptions(command, withModelOptions));
  return parameters;
}

/** The settings of denoising; of those that are searched only what was given. */
function settingsGiven(command: Command, values: Values): Partial<DenoiseSettings> {
  const { gamma: _, beta: __, lambda: ___, ...settings } = settingsFrom(values);
  const given = givenOptions(command, withDenoiseOptions).filter(
    (option) => option.attributeName() in DENOISE_GRID,
  );
  return { ...settings, ...valuesOf(command, given) };
}

function nameOf({ metric: { metric, k } }: Values): string {
  return `${metric}@${k}`;
}

function metricAt(text: string): Values["metric"] {
  const [, name = text, k] = /^(.*)@([^@]*)$/s.exec(text) ?? [];
  const metric = oneOf(...METRIC_NAMES)(name);
  if (k === undefined) throw new InvalidArgumentError("It must say at what length, for example ndcg@5.");
  return { metric, k: positiveInteger(k) };
}

function ratioWithValidation(text: string): Values["ratio"] {
  const shares = ratio(text);
  if (shares.validation > 0) return { text, shares };
  throw new InvalidArgumentError("The validation part is what a search judges by; it must be above 0.");
}
