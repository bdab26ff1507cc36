import type { RunOptions } from "../progress.ts";
import { typedColumns } from "./annotate.ts";
import { memberTexts } from "./json-text.ts";
import type { Log } from "./log.ts";
import { logRows } from "./log-rows.ts";
import type { Cell, ColumnKind, RowBatch } from "./rows.ts";
import { type OutputTarget, openSink } from "./sink.ts";

/**
 * Writes the log's columns, row by row in order. Where `pairsFor` gives pairs of user and item for a positive row, one
 * row each stands in its place, with the other cells of the row; all other rows stay as they are.
 * @throws ProRecError UNSUPPORTED_FORMAT, UNWRITABLE_FILE, INPUT_CHANGED; BAD_ROW for an id that a typed column can't hold.
 */
export async function writeRewritten(
  log: Log,
  target: OutputTarget,
  pairsFor: (user: string, item: string) => readonly (readonly [user: string, item: string])[] | undefined,
  options: RunOptions = {},
): Promise<void> {
  const { source, roles, minRating } = log;
  const { columns, cellsOf } = typedColumns(log, target);
  const sink = await openSink(target, columns, columns.length);
  try {
    let rows = 0;
    for await (const batch of source.batches(options.signal)) {
      const { user, item, rating } = logRows(source, roles, batch);
      const cells = cellsOf(batch);
      const written = cells.map((): Cell[] => []);
      const texts: string[] = [];
      for (let row = 0; row < batch.length; row++) {
        const own = [user(row), item(row)] as const;
        const isPositive = minRating === undefined || rating(row) >= minRating;
        for (const pair of (isPositive && pairsFor(...own)) || [own]) {
          const changed = pair[0] !== own[0] || pair[1] !== own[1];
          for (const [column, values] of cells.entries()) written[column]!.push(values[row]!);
          if (changed) {
            for (const [index, column] of [roles.user, roles.item].entries()) {
              written[column]![written[column]!.length - 1] = idCell(pair[index]!, columns[column]!.kind);
            }
          }
          if (batch.source) texts.push(changed ? textWith(batch, row, log, pair) : batch.source(row));
        }
      }
      await sink.write(written, written[0]!.length, batch.source && ((row) => texts[row]!));
      rows += batch.length;
      options.onProgress?.({ stage: "write", ...(source.progress?.() ?? { done: rows, total: rows }) });
    }
    await sink.commit();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

/** The id as a cell of a typed column, as far as it fits. */
function idCell(id: string, kind: ColumnKind): Cell {
  if (kind === "integer" && /^-?[0-9]+$/.test(id)) return BigInt(id);
  return kind === "number" && Number.isFinite(Number(id)) ? Number(id) : id;
}

/** The row's own JSON text with another user and item; a number stays one where the id is. */
function textWith(
  batch: RowBatch,
  row: number,
  { source, roles }: Log,
  [user, item]: readonly [user: string, item: string],
): string {
  const members = memberTexts(batch.source!(row));
  for (const [column, id] of [[roles.user, user] as const, [roles.item, item] as const]) {
    const { name } = source.columns[column]!;
    const isNumber = members.get(name)!.startsWith('"') ? false : /^-?[0-9]+$/.test(id);
    members.set(name, isNumber ? id : JSON.stringify(id));
  }
  return `{${Array.from(members, ([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}
