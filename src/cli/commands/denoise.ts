import { type Command, InvalidArgumentError, Option } from "commander";
import type { Denoised } from "../../denoise/denoised.ts";
import { ADDED_COLUMNS } from "../../denoise/label.ts";
import { denoise } from "../../denoise/prorec.ts";
import { assertRunFolder, saveRun } from "../../denoise/run-folder.ts";
import { denoiseSummary } from "../../denoise/summary.ts";
import { flaggedTable, labelCells } from "../../denoise/table.ts";
import { assertAnnotatable, writeAnnotated } from "../../io/annotate.ts";
import { assertNotInput } from "../../io/atomic.ts";
import { type Embeddings, readEmbeddings } from "../../io/embeddings.ts";
import { type Log, readLog } from "../../io/log.ts";
import { outputFormat } from "../../io/sink.ts";
import { writeRows } from "../../io/write-rows.ts";
import type { Recommender } from "../../models/recommender.ts";
import { type DenoiseOptionValues, settingsFrom, withDenoiseOptions } from "../denoise-options.ts";
import { count, type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import { type ModelOptionValues, modelFrom, noteReducedFactors, withModelOptions } from "../model-options.ts";
import { oneOf, withCommonOptions, withComputingOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends LogOptionValues, ModelOptionValues, DenoiseOptionValues {
  readonly output?: string;
  readonly flagged?: string;
  readonly userEmbeddings?: string;
  readonly itemEmbeddings?: string;
  readonly userIds?: string;
  readonly itemIds?: string;
  readonly saveRun?: string;
  readonly seed: number;
  readonly json?: boolean;
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
    .option("--user-embeddings <file>", ".npy or .safetensors, users x factors, instead of a model")
    .option("--item-embeddings <file>", ".npy or .safetensors, items x factors")
    .option("--user-ids <file>", "ids of the user embeddings, one a line (default: 0, 1, 2, ...)")
    .option("--item-ids <file>", "ids of the item embeddings, one a line (default: 0, 1, 2, ...)")
    .option("--save-run <folder>", "a new folder for the options, the factors and the result")
    .addOption(new Option("--mode <name>", "paper").argParser(oneOf("paper")).default("paper"));
  withLogOptions(command);
  withModelOptions(command);
  withDenoiseOptions(command);
  withComputingOptions(command);
  withCommonOptions(command, "prorec denoise clicks.csv -o clean.csv --flagged flagged.csv").action(
    (paths: string[], values: Values) => {
      if (session.json && values.output === undefined) {
        throw new InvalidArgumentError(
          "--json needs -o FILE: standard output can't hold both the log and the summary.",
        );
      }
      const model = modelFrom(values, values.seed);
      return withLog(paths, values, session, (log) => run(log, values, model, session));
    },
  );
}

async function run(log: Log, values: Values, model: Recommender, session: Session): Promise<void> {
  const target = values.output ?? process.stdout;
  await assertAnnotatable(log, target, ADDED_COLUMNS);
  await assertOutputs(log, values);
  const started = performance.now();
  const embeddings = await embeddingsFrom(values);
  const { interactions, report } = await readLog(log, session);
  session.note(reportLine(log.source.name, report));
  const read = (performance.now() - started) / 1000;

  if (!embeddings) noteReducedFactors(model, interactions, session);
  const denoised = await denoise(interactions, { ...settingsFrom(values), model, embeddings, ...session });
  const { scoreRange } = denoised.matching;
  if (scoreRange > 80) {
    session.note(
      `Scores / gamma span ${scoreRange.toFixed(0)}: the plan is nearly one-hot. A larger --gamma smooths it.`,
    );
  }
  const writing = performance.now();
  await writeAnnotated(log, target, ADDED_COLUMNS, (user, item) => valuesOf(denoised, user, item), session);
  if (values.flagged !== undefined) {
    const { columns, rows } = flaggedTable(
      denoised,
      log.source.columns[log.roles.user]!.name,
      log.source.columns[log.roles.item]!.name,
    );
    await writeRows(values.flagged, columns, rows);
  }
  const seconds = { read, ...denoised.seconds, write: (performance.now() - writing) / 1000 };
  const summary = denoiseSummary(denoised, { seed: values.seed, seconds });
  if (values.saveRun !== undefined) {
    await saveRun(values.saveRun, {
      denoised,
      summary,
      input: { name: log.source.name, sha256: log.source.digest() },
    });
  }
  if (session.json) await session.printJson({ ...summary, report });
  const share = (100 * summary.flaggedShare).toFixed(1);
  session.note(
    `${count(summary.flagged)} of ${count(summary.interactions)} interactions (${share}%) lie below their user's threshold.`,
  );
  if (values.output !== undefined)
    session.note(`Written: ${[values.output, values.flagged].filter(Boolean).join(", ")}`);
}

function valuesOf(denoised: Denoised, user: string, item: string): number[] | undefined {
  const label = denoised.labelOf(user, item);
  return label && labelCells(label);
}

/** Checks, before any work, every other output and that no two are the same file. */
async function assertOutputs(log: Log, { output, flagged, saveRun, ...values }: Values): Promise<void> {
  const inputs = [values.userEmbeddings, values.itemEmbeddings, values.userIds, values.itemIds].filter(
    (path) => path !== undefined,
  );
  for (const path of [output, flagged]) {
    if (path !== undefined) await assertNotInput(path, [...log.source.files, ...inputs]);
  }
  if (flagged !== undefined) outputFormat(flagged);
  if (flagged !== undefined && flagged === output) {
    throw new InvalidArgumentError("-o and --flagged name the same file.");
  }
  if (saveRun !== undefined) await assertRunFolder(saveRun);
}

async function embeddingsFrom(values: Values): Promise<Embeddings | undefined> {
  const { userEmbeddings: users, itemEmbeddings: items, userIds, itemIds } = values;
  if (users === undefined && items === undefined) {
    if (userIds !== undefined || itemIds !== undefined) {
      throw new InvalidArgumentError(
        "--user-ids and --item-ids name the rows of --user-embeddings and --item-embeddings.",
      );
    }
    return undefined;
  }
  if (users === undefined || items === undefined) {
    throw new InvalidArgumentError("--user-embeddings and --item-embeddings go together.");
  }
  return readEmbeddings({ users, items, userIds, itemIds });
}
