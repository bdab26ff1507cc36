import { type Command, Option } from "commander";
import { ProRecError } from "../../errors.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { type Log, readLog } from "../../io/log.ts";
import { printable, printablePath } from "../../io/printable.ts";
import type { Cell, Column } from "../../io/rows.ts";
import { writeRows } from "../../io/write-rows.ts";
import { type ComputingOptionValues, computingFrom, withComputingOptions } from "../computing-options.ts";
import { type LogOptionValues, reportLine, withLog, withLogOptions } from "../log-options.ts";
import { type ModelOptionValues, modelFrom, noteReducedFactors, withModelOptions } from "../model-options.ts";
import { positiveInteger, withCommonOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface Values extends LogOptionValues, ModelOptionValues, ComputingOptionValues {
  readonly user: readonly string[];
  readonly limit: number;
  readonly includeSeen?: boolean;
}

const COLUMNS: readonly Column[] = [
  { name: "user", kind: "text" },
  { name: "item", kind: "text" },
  { name: "score", kind: "number" },
];

export function registerRecommend(program: Command, session: Session): void {
  const command = program
    .command("recommend")
    .description("Fits a model on the log, with its weights if it was denoised, and lists users' best items.")
    .requiredOption("--user <id>", "whom to recommend to; may be given more than once", collected)
    .addOption(
      new Option("-n, --limit <integer>", "items a user, fewer where there are no more")
        .argParser(positiveInteger)
        .default(10),
    )
    .option("--include-seen", "also items that the user has in the log");
  withLogOptions(command);
  withModelOptions(command);
  withComputingOptions(command);
  withCommonOptions(command, "prorec recommend clean.csv --user u42 -n 10").action(
    async (paths: string[], values: Values) => {
      const model = modelFrom(values, values.seed);
      await withLog(paths, values, session, async (log) => {
        const { interactions, weighted } = await readWeighted(log, session);
        for (const user of values.user) assertKnown(user, interactions, log);
        noteReducedFactors(model, interactions, session);
        const fitted = await model.fit(interactions, { ...computingFrom(values), ...session });
        const options = { limit: values.limit, excludeSeen: !values.includeSeen };
        const lists = values.user.map((user) => ({ user, ...fitted.recommend(user, options) }));
        if (session.json) {
          const { name, parameters } = model;
          await session.printJson({ model: name, parameters, weighted, recommendations: lists });
        } else await writeRows(process.stdout, COLUMNS, lists.flatMap(rowsOf), session.signal);
      });
    },
  );
}

/** The interactions; with weights in them if the log has the columns "weight" and "noise", which `denoise` adds. */
async function readWeighted(log: Log, session: Session) {
  const names = log.source.columns.map(({ name }) => name);
  const weighted = ["weight", "noise"].every((name) => names.includes(name));
  const { interactions, report, numbers } = await readLog(log, {
    ...session,
    numbers: weighted ? ["weight"] : [],
  });
  session.note(reportLine(log.source.name, report));
  if (weighted) session.note("The log was denoised: its weights are used.");
  return { interactions: weighted ? interactions.withWeights(numbers[0]!) : interactions, weighted };
}

function assertKnown(user: string, { users, matrix }: Interactions, log: Log): void {
  const row = users.indexOf(user);
  if (row >= 0 && matrix.offsets[row]! < matrix.offsets[row + 1]!) return;
  throw new ProRecError(
    "SHAPE_MISMATCH",
    `${printablePath(log.source.name)} has no interaction of user "${printable(user)}".`,
    {
      details: {
        file: log.source.name,
        column: log.source.columns[log.roles.user]!.name,
        value: user,
      },
      hint: "Ids are compared as they are, spaces and leading zeros included.",
    },
  );
}

function rowsOf({ user, items, scores }: { user: string; items: string[]; scores: number[] }): Cell[][] {
  return items.map((item, index) => [user, item, scores[index]!]);
}

function collected(user: string, before: readonly string[] = []): string[] {
  return [...before, user];
}
