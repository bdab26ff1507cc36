import { type Command, InvalidArgumentError } from "commander";
import type { DataReport, Log } from "../io/log.ts";
import { openLog } from "../io/open-log.ts";
import type { ColumnChoices } from "../io/roles.ts";
import { count, plural } from "../report/table.ts";
import { columns, number } from "./options.ts";
import type { Session } from "./session.ts";

export { count };

export interface LogOptionValues {
  readonly columns?: ColumnChoices;
  readonly minRating?: number;
}

/** `LOG... --columns --min-rating`: what every command has that reads a log. */
export function withLogOptions(command: Command, { optional = false } = {}): Command {
  return command
    .optionsGroup("Log:")
    .argument(
      optional ? "[log...]" : "<log...>",
      "CSV, TSV, NDJSON (also gzip, zstd), Parquet or SciPy's .npz; files or patterns ('logs/*.csv'); - is standard input",
    )
    .option(
      "--columns <roles>",
      "user=NAME,item=NAME,rating=NAME,timestamp=NAME where names don't tell; or 1-based positions",
      columns,
    )
    .option(
      "--min-rating <number>",
      "only rows rated so or higher are positives; without it every row is",
      number,
    );
}

/** Opens the log, runs `work` on it, and removes what was spooled, whatever happens. */
export async function withLog<T>(
  paths: readonly string[],
  { columns, minRating }: LogOptionValues,
  session: Session,
  work: (log: Log) => Promise<T>,
): Promise<T> {
  if (paths.indexOf("-") !== paths.lastIndexOf("-")) {
    throw new InvalidArgumentError("- is standard input, which can be read only once.");
  }
  const log = await openLog(paths, { ...(columns ? { columns } : {}), minRating, signal: session.signal });
  try {
    return await work(log);
  } finally {
    await log.source.close();
  }
}

/** The data report in one line. */
export function reportLine(name: string, report: DataReport): string {
  const parts = [
    plural(report.rows, "row"),
    plural(report.users, "user"),
    plural(report.items, "item"),
    plural(report.interactions, "interaction"),
  ];
  if (report.duplicates > 0) parts.push(`${plural(report.duplicates, "repeated row")} merged`);
  for (const { reason, rows } of report.dropped) parts.push(`${plural(rows, "row")} ${reason}`);
  return `${name}: ${parts.join(", ")}.`;
}
