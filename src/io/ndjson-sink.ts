import type { Output } from "./atomic.ts";
import { cellText } from "./cell.ts";
import type { Cell, Cells, Column, RowSink } from "./rows.ts";
import { encoded } from "./utf8.ts";

/**
 * Writes rows as newline-delimited JSON. A row that has its own text keeps it byte for byte; of its columns those from
 * `firstNew` on are appended.
 */
export function ndjsonSink(output: Output, columns: readonly Column[], firstNew: number): RowSink {
  const keys = columns.map(({ name }) => JSON.stringify(name));
  const members = (cells: readonly Cells[], row: number, first: number) => {
    let text = "";
    for (let column = first; column < cells.length; column++) {
      text += `${text === "" ? "" : ","}${keys[column]}:${jsonText(cells[column]![row]!)}`;
    }
    return text;
  };
  return {
    async write(cells, length, sources) {
      let text = "";
      for (let row = 0; row < length; row++) {
        text += sources
          ? withMembers(sources(row), members(cells, row, firstNew))
          : `{${members(cells, row, 0)}}`;
        text += "\n";
      }
      await output.write(encoded(text));
    },
    commit: () => output.commit(),
    abandon: () => output.abandon(),
  };
}

/** The object in `source` with members before its closing brace. */
function withMembers(source: string, members: string): string {
  if (members === "") return source;
  const end = source.lastIndexOf("}");
  const before = source.slice(0, end);
  return `${before}${before.trimEnd().endsWith("{") ? "" : ","}${members}${source.slice(end)}`;
}

function jsonText(cell: Cell): string {
  if (cell === null) return "null";
  if (typeof cell === "bigint" || typeof cell === "boolean" || Number.isFinite(cell)) return String(cell);
  return JSON.stringify(cellText(cell));
}
