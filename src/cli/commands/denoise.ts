import { type Command, InvalidArgumentError, Option } from "commander";
import type { ClusterCrew } from "../../cluster/crew.ts";
import type { RunRecord } from "../../cluster/record.ts";
import { flaggedInteractions, flaggedOf } from "../../denoise/evidence.ts";
import { identityOf } from "../../denoise/identity.ts";
import { ADDED_COLUMNS, labelReader } from "../../denoise/label.ts";
import { denoise } from "../../denoise/prorec.ts";
import { openRunFolder, type RunFolder } from "../../denoise/run-folder.ts";
import { settingsOf } from "../../denoise/settings.ts";
import { denoiseSummary } from "../../denoise/summary.ts";
import { EVIDENCE_COLUMNS, flaggedTable } from "../../denoise/table.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { assertAnnotatable, writeAnnotated } from "../../io/annotate.ts";
import { assertOutputs } from "../../io/atomic.ts";
import { badRow } from "../../io/bad-row.ts";
import { type EmbeddingFiles, type Embeddings, readEmbeddings } from "../../io/embeddings.ts";
import type { Identity } from "../../io/identity.ts";
import { type DataReport, type Log, readLog } from "../../io/log.ts";
import { outputFormat } from "../../io/sink.ts";
import { together } from "../../io/together.ts";
import { encoded } from "../../io/utf8.ts";
import { writeRows } from "../../io/write-rows.ts";
import type { Recommender } from "../../models/recommender.ts";
import type { Threads } from "../../parallel/crew.ts";
import { breathing } from "../../progress.ts";
import { notePlaces, tellEstimate } from "../cluster-estimate.ts";
import {
  type ClusterOptionValues,
  clusterFrom,
  withClusterOptions,
  withThreads,
} from "../cluster-options.ts";
import { resumably } from "../cluster-run.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { type DenoiseOptionValues, settingsFrom, withDenoiseOptions } from "../denoise-options.ts";
import { type EmbeddingOptionValues, embeddingFiles } from "../embedding-files.ts";
import { firstGiven } from "../given.ts";
import { count, type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import {
  MODEL_OPTIONS,
  type ModelOptionValues,
  modelFrom,
  noteReducedFactors,
  withModelOptions,
} from "../model-options.ts";
import { fraction, oneOf, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";
import { runCalibrated } from "./denoise-calibrated.ts";

export interface DenoiseValues
  extends LogOptionValues,
    ModelOptionValues,
    DenoiseOptionValues,
    ComputingOptionValues,
    EmbeddingOptionValues,
    ClusterOptionValues {
  readonly output?: string;
  readonly flagged?: string;
  readonly report?: string;
  readonly saveRun?: string;
  readonly resume?: boolean;
  readonly mode: "paper" | "calibrated" | "auto";
  readonly fdr: number;
}

export function registerDenoise(program: Command, session: Session): void {
  const command = program
    .command("denoise")
    .description("Gives every row of a log a weight, a verdict and its reasons.")
    .option(
      "-o, --output <file>",
      "the log with the added columns, format by extension (default: CSV on standard output)",
    )
    .option("--flagged <file>", "the flagged interactions with evidence, worst first")
    .option("--report <file>", "one HTML file about the log, what was flagged and why, with pictures")
    .option("--user-embeddings <file>", ".npy or .safetensors, users x factors, instead of a model")
    .option("--item-embeddings <file>", ".npy or .safetensors, items x factors")
    .option("--user-ids <file>", "ids of the user embeddings, one a line (default: 0, 1, 2, ...)")
    .option("--item-ids <file>", "ids of the item embeddings, one a line (default: 0, 1, 2, ...)")
    .option(
      "--save-run <folder>",
      "a new folder for the options, the factors and the result; until then for checkpoints",
    )
    .option(
      "--resume",
      "go on from the checkpoints that the same command left in --save-run, if there are any",
    )
    .addOption(
      new Option(
        "--mode <name>",
        "paper (Algorithm 1), calibrated (accidental clicks by probability), auto (calibrated where it helps the model)",
      )
        .argParser(oneOf("paper", "calibrated", "auto"))
        .default("paper"),
    )
    .addOption(
      new Option("--fdr <share>", "calibrated, auto: expected share of false ones among the flagged")
        .argParser(fdr)
        .default(0.2),
    );
  withLogOptions(command);
  withModelOptions(command);
  withDenoiseOptions(command);
  withComputingOptions(command);
  withClusterOptions(command);
  withCommonOptions(command, "prorec denoise clicks.csv -o clean.csv --flagged flagged.csv").action(
    (paths: string[], values: DenoiseValues, command: Command) => {
      if (values.resume && values.saveRun === undefined) {
        throw new InvalidArgumentError(
          "--resume goes on from the folder that --save-run names: name it again.",
        );
      }
      if (values.userEmbeddings !== undefined) assertNothingToFit(command);
      clusterFrom(values);
      assertForMode(command, values.mode);
      return denoiseLog(paths, values, session);
    },
  );
}

/** What the command does once its options are known to go together; `before` is a cluster's run that goes on. */
export function denoiseLog(
  paths: readonly string[],
  values: DenoiseValues,
  session: Session,
  before?: RunRecord,
): Promise<void> {
  if (session.json && values.output === undefined) {
    throw new InvalidArgumentError(
      "--json needs -o FILE: standard output can't hold both the log and the summary.",
    );
  }
  const { mode } = values;
  const model = modelFrom(values, values.seed);
  return withLog(paths, values, session, async (log) => {
    if (mode === "paper") return run(log, paths, values, model, session, before);
    await assertAnnotatable(log, values.output ?? process.stdout, ADDED_COLUMNS);
    await assertWritable(log, values);
    const modelOf = (seed: number) => modelFrom(values, seed);
    await runCalibrated(log, { ...values, mode }, idColumns(log), modelOf, session);
  });
}

async function run(
  log: Log,
  paths: readonly string[],
  values: DenoiseValues,
  model: Recommender,
  session: Session,
  before: RunRecord | undefined,
): Promise<void> {
  await assertAnnotatable(log, values.output ?? process.stdout, ADDED_COLUMNS);
  await assertWritable(log, values);
  const files = embeddingFiles(values);
  const kept = values.saveRun !== undefined || values.cluster !== undefined;
  const settings = settingsOf(settingsFrom(values), files !== undefined);
  const about = { log, model, embeddings: files, settings, engine: values.engine };
  const identity = kept ? await identityOf(about) : {};
  const { saveRun, resume = false } = values;
  const folder = saveRun === undefined ? undefined : await openRunFolder(saveRun, identity, resume);
  try {
    if (values.cluster !== undefined) {
      notePlaces({ model: files ? undefined : model, transport: values.transport }, session);
    }
    await withThreads(
      values,
      session,
      (threads, crew) =>
        runIn(folder, { log, paths, values, model, files, identity, threads, crew, before }, session),
      before?.id,
    );
  } catch (error) {
    if (folder?.begun()) {
      session.note(
        `${values.saveRun} keeps what was computed: the same command with --resume goes on from it.`,
      );
    }
    throw error;
  }
}

interface Work {
  readonly log: Log;
  readonly paths: readonly string[];
  readonly values: DenoiseValues;
  readonly model: Recommender;
  readonly files: EmbeddingFiles | undefined;
  readonly identity: Identity;
  readonly threads: Threads;
  readonly crew: ClusterCrew | undefined;
  readonly before: RunRecord | undefined;
}

async function runIn(folder: RunFolder | undefined, work: Work, session: Session): Promise<void> {
  const { log, paths, values, model, files, identity, crew, before } = work;
  const started = performance.now();
  const embeddings = files && (await readEmbeddings(files));
  const { interactions, report } = await readLog(log, session);
  session.note(reportLine(log.source.name, report));
  const read = (performance.now() - started) / 1000;

  const sha256 = log.source.digest();
  if (folder?.finished)
    session.note(`${values.saveRun} holds this run, finished: nothing is computed again.`);
  else if (!embeddings) noteReducedFactors(model, interactions, session);
  if (crew && !folder?.finished) {
    const parts = { model: embeddings ? undefined : model, transport: values.transport };
    await tellEstimate(interactions, { ...values, ...parts, rank: embeddings?.rank }, crew, session);
  }
  const finish = () => compute(folder, { ...work, interactions, embeddings, report, sha256, read }, session);
  if (!crew) return finish();
  const now = { log: paths, options: { ...keptOptions(values) }, identity: { ...identity, log: sha256 } };
  await resumably(now, before, crew, session, finish);
}

interface Reading {
  readonly interactions: Interactions;
  readonly embeddings: Embeddings | undefined;
  readonly report: DataReport;
  /** Of the log's bytes. */
  readonly sha256: string;
  /** Seconds. */
  readonly read: number;
}

async function compute(
  folder: RunFolder | undefined,
  { log, paths, values, model, threads, interactions, embeddings, report, sha256, read }: Work & Reading,
  session: Session,
): Promise<void> {
  const denoised = await denoise(interactions, {
    ...settingsFrom(values),
    ...computingFrom(values),
    ...session,
    ...{ threads, model, embeddings },
    checkpoints: await folder?.begin(sha256),
  });
  const { scoreRange } = denoised.matching;
  if (scoreRange > 80) {
    session.note(
      `Scores / gamma span ${scoreRange.toFixed(0)}: the plan is nearly one-hot. A larger --gamma smooths it.`,
    );
  }
  const summary = await together(async (outputs) => {
    const writing = performance.now();
    const target = values.output === undefined ? process.stdout : await outputs.file(values.output);
    await writeAnnotated(log, target, ADDED_COLUMNS, labelReader(denoised), session);
    if (values.flagged !== undefined) {
      const flagged = await breathing(flaggedOf(denoised), session.signal);
      const rowsOf = flaggedInteractions(denoised, Infinity, flagged);
      const { columns, rows } = flaggedTable(rowsOf, idColumns(log));
      await writeRows(await outputs.file(values.flagged), columns, rows, session.signal);
    }
    if (values.report !== undefined) {
      const { denoisePage } = await import("../../report/page/denoise-page.ts");
      const about = { log: log.source.name, report, seed: values.seed };
      const page = await outputs.file(values.report);
      await page.write(encoded(await denoisePage(denoised, about, session)));
      await page.commit();
    }
    const seconds = { read, ...denoised.seconds, write: (performance.now() - writing) / 1000 };
    const summary = { ...denoiseSummary(denoised, { seed: values.seed, seconds }), report };
    await folder?.complete(outputs, {
      denoised,
      summary,
      options: { log: paths, ...keptOptions(values) },
      input: { name: log.source.name, sha256 },
    });
    return summary;
  }, session.signal);
  if (session.json) await session.printJson(summary);
  const share = (100 * summary.flaggedShare).toFixed(1);
  session.note(
    `${count(summary.flagged)} of ${count(summary.interactions)} interactions (${share}%) lie below their user's threshold.`,
  );
  if (values.output !== undefined || values.report !== undefined) {
    const saved = folder?.finished ? undefined : values.saveRun;
    session.note(
      `Written: ${[values.output, values.flagged, values.report, saved].filter(isGiven).join(", ")}`,
    );
  }
}

/** The options that are written down with a run: no cluster's address, which may hold a password. */
function keptOptions({ resume, cluster, store, ...options }: DenoiseValues) {
  return options;
}

/** The names of the log's user and item columns. */
function idColumns({ source, roles }: Log): [user: string, item: string] {
  return [source.columns[roles.user]!.name, source.columns[roles.item]!.name];
}

/** Checks, before any work, that every output can be written. */
async function assertWritable(
  log: Log,
  { output, flagged, report, ...values }: DenoiseValues,
): Promise<void> {
  const { userEmbeddings, itemEmbeddings, userIds, itemIds } = values;
  const inputs = [...log.source.files, userEmbeddings, itemEmbeddings, userIds, itemIds].filter(isGiven);
  await assertOutputs([output, flagged, report].filter(isGiven), inputs);
  if (flagged !== undefined) assertFlaggable(log, flagged);
}

function assertFlaggable(log: Log, flagged: string): void {
  outputFormat(flagged);
  const taken = idColumns(log).find((column) => EVIDENCE_COLUMNS.some(({ name }) => name === column));
  if (taken === undefined) return;
  const where = { file: log.source.name, column: taken };
  throw badRow(where, "this column goes to --flagged, which adds one of that name.", "Rename it.");
}

function isGiven(path: string | undefined): path is string {
  return path !== undefined;
}

/** Options of the fit, which embeddings from elsewhere replace. */
const FIT_OPTIONS = [...MODEL_OPTIONS, "iterations", "untilConverged"];

/** What only paper mode has. */
const PAPER_OPTIONS = [
  ...["gamma", "beta", "lambda", "iterations", "untilConverged", "tolerance", "transport", "threshold"],
  ...["marginals", "mass", "marginalPenalty"],
  ...["exactColumns", "networkScore", "userEmbeddings", "itemEmbeddings", "userIds", "itemIds"],
  ...["saveRun", "resume", "cluster", "store"],
];

function assertForMode(command: Command, mode: string): void {
  const [without, home] =
    mode === "paper" ? [["fdr"], "calibrated and --mode auto"] : [PAPER_OPTIONS, "paper"];
  const given = firstGiven(command, without);
  if (given === undefined) return;
  throw new InvalidArgumentError(
    `${given.long} belongs to --mode ${home}, and has no effect on --mode ${mode}.`,
  );
}

/** Above 0 and below 1. */
function fdr(text: string): number {
  const value = fraction(text);
  if (value === 0 || value === 1) throw new InvalidArgumentError("It must be above 0 and below 1.");
  return value;
}

function assertNothingToFit(command: Command): void {
  const given = firstGiven(command, FIT_OPTIONS);
  if (given === undefined) return;
  throw new InvalidArgumentError(`${given.long} is about fitting a model; embeddings are taken as they are.`);
}
