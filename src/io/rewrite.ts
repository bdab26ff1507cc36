import type { Pair, RowChange } from "../interactions/injection.ts";
import type { RunOptions } from "../progress.ts";
import { typedColumns } from "./annotate.ts";
import { copyBatches } from "./copy-batches.ts";
import { memberTexts } from "./json-text.ts";
import type { Log } from "./log.ts";
import { logRows } from "./log-rows.ts";
import type { Cell, ColumnKind, RowBatch } from "./rows.ts";
import { type OutputTarget, openSink } from "./sink.ts";

/**
 * Writes the log, row by row in order, its positives changed as `changeOf` says; all other rows stay as they are.
 * @throws ProRecError UNSUPPORTED_FORMAT, UNWRITABLE_FILE, INPUT_CHANGED; BAD_ROW for an id that a typed column can't hold.
 */
export async function writeRewritten(
  log: Log,
  target: OutputTarget,
  changeOf: (user: string, item: string) => RowChange | undefined,
  options: RunOptions = {},
): Promise<void> {
  const { source, roles, minRating } = log;
  const { columns, cellsOf } = typedColumns(log, target);
  const sink = await openSink(target, columns, columns.length);
  await copyBatches(log, sink, options, (batch) => {
    const { user, item, rating } = logRows(source, roles, batch);
    const written: { row: number; pair?: Pair }[] = [];
    for (let row = 0; row < batch.length; row++) {
      const isPositive = minRating === undefined || rating(row) >= minRating;
      const change = isPositive ? changeOf(user(row), item(row)) : undefined;
      if (!change?.instead) written.push({ row });
      for (const pair of change?.pairs ?? []) written.push({ row, pair });
    }
    const cells = cellsOf(batch).map((values, column) =>
      written.map(({ row, pair }) => {
        if (column === roles.user && pair) return idCell(pair[0], columns[column]!.kind);
        if (column === roles.item && pair) return idCell(pair[1], columns[column]!.kind);
        return values[row]!;
      }),
    );
    const text = (index: number) => jsonText(batch, log, written[index]!);
    return { columns: cells, length: written.length, source: batch.source && text };
  });
}

/** The id as a cell of a typed column, as far as it fits. */
function idCell(id: string, kind: ColumnKind): Cell {
  if (kind === "integer" && /^-?[0-9]+$/.test(id)) return BigInt(id);
  return kind === "number" && Number.isFinite(Number(id)) ? Number(id) : id;
}

/** The row's own JSON text, with another pair where there is one; an id that was a number stays one if it can. */
function jsonText(
  batch: RowBatch,
  { source, roles }: Log,
  { row, pair }: { row: number; pair?: Pair },
): string {
  const own = batch.source!(row);
  if (pair === undefined) return own;
  const members = memberTexts(own);
  for (const [index, column] of [roles.user, roles.item].entries()) {
    const { name } = source.columns[column]!;
    const id = pair[index]!;
    const staysNumber = JSON_INTEGER.test(members.get(name)!) && JSON_INTEGER.test(id);
    members.set(name, staysNumber ? id : JSON.stringify(id));
  }
  return `{${Array.from(members, ([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}

const JSON_INTEGER = /^(0|-?[1-9][0-9]*)$/;
