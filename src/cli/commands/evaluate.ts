import { type Command, InvalidArgumentError, Option } from "commander";
import { settingsOf } from "../../denoise/settings.ts";
import { thresholdName } from "../../denoise/summary.ts";
import type { Comparison } from "../../evaluate/compare.ts";
import { CONTROLS } from "../../evaluate/controls.ts";
import { METRIC_NAMES, METRICS } from "../../evaluate/metrics.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { overSameIds, without } from "../../interactions/unite.ts";
import { assertOutputs, writeFileAtomically } from "../../io/atomic.ts";
import { type Log, readLog } from "../../io/log.ts";
import type { Cell, Column } from "../../io/rows.ts";
import { outputFormat } from "../../io/sink.ts";
import { writeRows } from "../../io/write-rows.ts";
import { loadKernels } from "../../kernels/load.ts";
import { MODELS } from "../../models/models.ts";
import type { Recommender } from "../../models/recommender.ts";
import { comparisonText } from "../../report/comparison.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { type DenoiseOptionValues, settingsFrom, withDenoiseOptions } from "../denoise-options.ts";
import { count, type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import { type ModelOptionValues, modelFrom, noteReducedFactors, withModelOptions } from "../model-options.ts";
import { oneOf, positiveInteger, ratio, type SplitShares, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends LogOptionValues, ModelOptionValues, DenoiseOptionValues, ComputingOptionValues {
  readonly with: readonly Arm[];
  readonly controls: boolean;
  readonly warmStart?: boolean;
  readonly runs: number;
  readonly split?: "global" | "user" | "given";
  readonly ratio?: SplitShares;
  readonly test?: string;
  readonly k: number;
  readonly perUser?: string;
  readonly report?: string;
}

const ARMS = ["none", "prorec", "t-ce", "r-ce"] as const;
type Arm = (typeof ARMS)[number];

const RATIO: SplitShares = { train: 0.5, validation: 0.2, test: 0.3 };

export function registerEvaluate(program: Command, session: Session): void {
  const command = program
    .command("evaluate")
    .description("Tests a recommender on the log with and without denoising, beside controls.")
    .addOption(
      new Option("--with <arms>", "what to compare the model as it is with: prorec, t-ce, r-ce, or none")
        .argParser(arms)
        .default(["prorec"], "prorec"),
    )
    .addOption(
      new Option("--controls", "also run what could make a gain without denoising").default(true, "on"),
    )
    .option("--no-controls", "leave the controls out")
    .option("--warm-start", "refit from the model's first fit instead of anew: wrmf")
    .addOption(
      new Option("--runs <integer>", "runs, with seeds SEED, SEED + 1, ...")
        .argParser(positiveInteger)
        .default(5),
    )
    .option(
      "--split <name>",
      "global (all interactions at once), user (each user's own) or given (--test) (default: global)",
      oneOf("global", "user", "given"),
    )
    .option(
      "--ratio <parts>",
      "train:validation:test; train and validation train the final model (default: 5:2:3)",
      ratio,
    )
    .option("--test <file>", "a log of its own to test on; all of LOG trains")
    .addOption(new Option("-k <integer>", "length of the rankings").argParser(positiveInteger).default(5))
    .option("--report <file>", "one HTML file with the findings, pictures, tests and definitions")
    .option("--per-user <file>", "every user's values in every arm, averaged over the runs");
  withLogOptions(command);
  withModelOptions(command);
  withDenoiseOptions(command);
  withComputingOptions(command);
  withCommonOptions(command, "prorec evaluate clicks.csv --model svd --runs 5 --json").action(
    async (paths: string[], values: Values) => {
      const split = splitFrom(values);
      const model = modelFrom(values, values.seed); // before any reading: may refuse an option
      if (values.warmStart && !model.warmStart) {
        throw new InvalidArgumentError(`--warm-start: ${model.name} is always fitted anew.`);
      }
      rivalsFrom(values);
      await withLog(paths, values, session, (log) => run(log, values, split, session));
    },
  );
}

async function run(log: Log, values: Values, split: Split, session: Session): Promise<void> {
  const { test: testPath, perUser, runs, seed, k, controls } = values;
  if (perUser !== undefined) outputFormat(perUser);
  const given = (path: string | undefined) => (path === undefined ? [] : [path]);
  await assertOutputs(
    [...given(perUser), ...given(values.report)],
    [...log.source.files, ...given(testPath)],
  );
  const { interactions, report } = await readLog(log, session);
  session.note(reportLine(log.source.name, report));
  const testLog =
    testPath === undefined ? undefined : await readTest(testPath, interactions, values, session);
  const model = (seed: number) => modelFrom(values, seed);
  noteReducedFactors(model(seed), interactions, session);
  const { compare } = await import("../../evaluate/compare.ts"); // its statistics take a quarter second to load
  const comparison = await compare(testLog?.train ?? interactions, {
    ...{ model, runs, seed, k, controls },
    prorec: values.with.includes("prorec"),
    rivals: rivalsFrom(values),
    warmStart: values.warmStart ?? false,
    denoise: settingsFrom(values),
    ...(testLog && { test: testLog.test }),
    ...(split.by !== "given" && { split }),
    ...computingFrom(values),
    ...session,
  });
  if (perUser !== undefined) {
    await writeRows(perUser, perUserColumns(comparison), perUserRows(comparison), session.signal);
  }
  const protocol = protocolOf(values, split, comparison);
  if (values.report !== undefined) {
    const { comparisonPage } = await import("../../report/page/comparison-page.ts");
    const { controls: _, metrics: __, ...done } = protocol;
    const about = { log: log.source.name, report, k, protocol: done };
    await writeFileAtomically(values.report, await comparisonPage(comparison, about));
  }
  if (session.json) {
    const { perUser: _, ...results } = comparison;
    const source = { name: log.source.name, sha256: log.source.digest(), ...report };
    await session.printJson({ protocol: { log: source, ...protocol }, ...results });
  } else await session.print(comparisonText(comparison, k));
}

/** The model with each of the denoising losses asked for. */
function rivalsFrom(values: Values): Record<string, (seed: number) => Recommender> {
  const losses = values.with.filter((arm) => arm === "t-ce" || arm === "r-ce");
  const parameters: readonly string[] = MODELS[values.model].parameters;
  if (losses.length > 0 && !parameters.includes("loss")) {
    const able = Object.entries(MODELS)
      .filter(([, { parameters }]) => (parameters as readonly string[]).includes("loss"))
      .map(([name]) => name);
    throw new InvalidArgumentError(
      `--with ${losses[0]}: ${values.model} has no loss for each interaction; ${able.join(", ")} have one.`,
    );
  }
  return Object.fromEntries(
    losses.map((loss) => [loss, (seed: number) => modelFrom({ ...values, loss }, seed)]),
  );
}

/** All that it takes to do it again. */
function protocolOf(values: Values, split: Split, { summary }: Comparison) {
  const { runs, seed, k, test } = values;
  const { name, parameters } = modelFrom(values, seed);
  const settings = settingsOf(settingsFrom(values));
  const controls = Object.entries(CONTROLS).filter(([arm]) => arm in summary);
  return {
    split: split.by,
    ...(split.by === "given" ? { test } : { ratio: split.shares }),
    ...{ runs, seed, k, model: name, parameters },
    warmStart: values.warmStart ?? false,
    rivals: Object.fromEntries(
      Object.entries(rivalsFrom(values)).map(([arm, create]) => [arm, create(seed).parameters]),
    ),
    denoise: "prorec" in summary ? { ...settings, threshold: thresholdName(settings.threshold) } : null,
    engine: loadKernels(values.engine).engine,
    controls: Object.fromEntries(controls.map(([arm, { kind, definition }]) => [arm, { kind, definition }])),
    metrics: Object.fromEntries(METRIC_NAMES.map((name) => [`${name}@${k}`, METRICS[name].definition])),
  };
}

type Split = { by: "global" | "user"; shares: SplitShares } | { by: "given" };

function splitFrom({ split, ratio, test }: Values): Split {
  const by = split ?? (test === undefined ? "global" : "given");
  if (by === "given") {
    if (test === undefined) throw new InvalidArgumentError("--split given needs --test FILE.");
    if (ratio !== undefined) throw new InvalidArgumentError("--ratio cuts a log, but --test gives the cut.");
    return { by };
  }
  if (test !== undefined)
    throw new InvalidArgumentError(`--split ${by} cuts the log, but --test gives the cut.`);
  return { by, shares: ratio ?? RATIO };
}

/** The log and the one to test on, over the ids of both. */
function readTest(path: string, train: Interactions, values: Values, session: Session) {
  return withLog([path], values, session, async (log) => {
    const { interactions, report } = await readLog(log, session);
    session.note(reportLine(log.source.name, report));
    const [first, second] = overSameIds(train, interactions);
    const test = without(second, first);
    if (test.size < second.size) {
      session.note(`${count(second.size - test.size)} of them are in the log too, and left out of the test.`);
    }
    return { train: first, test };
  });
}

function arms(text: string): Arm[] {
  return text.split(",").map(oneOf(...ARMS));
}

function perUserColumns({ runs }: Comparison): Column[] {
  const metrics = Object.keys(runs[0]!.arms.base!);
  return [
    { name: "user", kind: "text" },
    { name: "arm", kind: "text" },
    ...metrics.map((name): Column => ({ name, kind: "number" })),
  ];
}

function* perUserRows({ perUser: { users, values } }: Comparison): Generator<Cell[]> {
  for (const [index, user] of users.entries()) {
    for (const [arm, metrics] of Object.entries(values)) {
      yield [user, arm, ...Object.values(metrics).map((own) => own[index]!)];
    }
  }
}
