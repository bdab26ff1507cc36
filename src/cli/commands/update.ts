import { type Command, InvalidArgumentError } from "commander";
import { ADDED_COLUMNS, labelReader } from "../../denoise/label.ts";
import { assertNewFolder, saveUpdated } from "../../denoise/run-folder.ts";
import { readRun, type SavedRun } from "../../denoise/saved-run.ts";
import { type UpdateFigures, update } from "../../denoise/update.ts";
import { assertAnnotatable, writeAnnotated } from "../../io/annotate.ts";
import { assertOutputs } from "../../io/atomic.ts";
import { type Log, readLog } from "../../io/log.ts";
import type { ColumnChoices } from "../../io/roles.ts";
import { together } from "../../io/together.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { count, reportLine, withLog } from "../log-options.ts";
import { columns, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends ComputingOptionValues {
  readonly output?: string;
  readonly saveRun?: string;
  readonly columns?: ColumnChoices;
}

export function registerUpdate(program: Command, session: Session): void {
  const command = program
    .command("update")
    .description(
      "Folds new rows, users and items into a run of denoise, re-scores the users they touch, and says how far it may be from a full run.",
    )
    .argument("<run>", "the folder that denoise --save-run made; it stays as it is")
    .argument("<log...>", "the new rows, in any format that the log may have; - is standard input")
    .option(
      "-o, --output <file>",
      "the new rows with the columns that denoise adds, format by extension (default: CSV on standard output)",
    )
    .option("--save-run <folder>", "a new folder for the run with the new rows in it, to be updated in turn")
    .option(
      "--columns <roles>",
      "user=NAME,item=NAME,... where names don't tell (default: as it was for the run)",
      columns,
    );
  withComputingOptions(command);
  withCommonOptions(command, "prorec update run new-clicks.csv -o new-clean.csv --save-run run-2").action(
    async (folder: string, paths: string[], values: Values) => {
      if (session.json && values.output === undefined) {
        throw new InvalidArgumentError(
          "--json needs -o FILE: standard output can't hold both the rows and the summary.",
        );
      }
      if (values.saveRun !== undefined) await assertNewFolder(values.saveRun);
      const run = await readRun(folder);
      const asked = run.record.options as { columns?: ColumnChoices; minRating?: number };
      const chosen = values.columns ?? asked.columns;
      const { minRating } = asked;
      const logOptions = {
        ...(chosen && { columns: chosen }),
        ...(minRating !== undefined && { minRating }),
      };
      await withLog(paths, logOptions, session, (log) => runUpdate(run, log, values, session));
    },
  );
}

async function runUpdate(run: SavedRun, log: Log, values: Values, session: Session): Promise<void> {
  const { output, saveRun, seed } = values;
  await assertAnnotatable(log, output ?? process.stdout, ADDED_COLUMNS);
  if (output !== undefined) await assertOutputs([output], log.source.files);
  const started = performance.now();
  const { interactions, report } = await readLog(log, session);
  session.note(reportLine(log.source.name, report));
  const read = performance.now();
  const updated = await update(run, interactions, { seed, ...computingFrom(values), ...session });
  const { figures, denoised } = updated;
  const computed = performance.now();
  await together(async (outputs) => {
    const target = output === undefined ? process.stdout : await outputs.file(output);
    await writeAnnotated(log, target, ADDED_COLUMNS, labelReader(denoised), session);
    if (saveRun === undefined) return;
    const input = { name: log.source.name, sha256: log.source.digest() };
    await saveUpdated(await outputs.folder(saveRun), run, updated, input);
  }, session.signal);
  const seconds = {
    read: (read - started) / 1000,
    update: (computed - read) / 1000,
    write: (performance.now() - computed) / 1000,
  };
  if (session.json) await session.printJson({ ...figures, report, seconds });
  for (const line of lines(figures)) session.note(line);
  if (output !== undefined) {
    session.note(`Written: ${[output, saveRun].filter((path) => path !== undefined).join(", ")}`);
  }
}

function lines({ added, known, rescored, growth, others }: UpdateFigures): string[] {
  const { users, items, interactions } = added;
  const news = `${count(interactions)} new interactions, ${count(users)} new users, ${count(items)} new items`;
  const again = known > 0 ? `; ${count(known)} were known` : "";
  const old = `${count(rescored.changed)} old verdicts of the ${count(rescored.users)} users re-scored changed`;
  const bound = others.checked < others.users ? `, at most ${percent(others.atMost)} (95%)` : "";
  return [
    `${news}${again}; ${old}.`,
    `Not re-scored: ${count(others.users)} users, whose verdicts a full transport would change by ${percent(others.share)}${bound}.`,
    `What a new fit would change beside that can't be known without it: ${percent(growth)} of the interactions are new (docs/run-folder.md has measurements).`,
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
