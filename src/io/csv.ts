import { inferSchema, initParser } from "udsv";
import { badRow, quoted } from "./bad-row.ts";
import type { InputFile } from "./bytes.ts";
import { isBlank, type Records, scanRecords, withoutReturns } from "./records.ts";
import type { Column, RowSource } from "./rows.ts";
import { type BlockReader, decodeUtf8, textSource } from "./text-source.ts";
import { concatenated, decodedAnyway } from "./utf8.ts";

/** How a file of delimited text is laid out. */
export interface DelimitedLayout {
  readonly delimiter: string;
  /** Whether the first row holds the names. */
  readonly header: boolean;
  /** The columns' names, at least two. */
  readonly names: readonly string[];
}

/**
 * Rows of comma-, tab-, semicolon- or bar-separated text. Every cell is the text between its delimiters, untouched;
 * `rowNumber` is the line the row starts on.
 * @throws ProRecError BAD_ROW, from the passes: ragged row, blank line between rows, open quote, text after a closing quote, invalid UTF-8.
 */
export function openDelimited(file: InputFile, layout: DelimitedLayout): Promise<RowSource> {
  const columns = layout.names.map((name): Column => ({ name, kind: "text" }));
  return textSource(file, columns, () => delimitedReader(file.name, layout));
}

export function delimitedReader(file: string, layout: DelimitedLayout): BlockReader {
  const width = layout.names.length;
  const delimiter = layout.delimiter.charCodeAt(0);
  const cellsOf = cellParser(layout.delimiter, width);
  let line = 1;
  let blank: number | undefined;
  let skip = layout.header ? 1 : 0;

  /** The lines of the records that hold data; blank ones may only stand at the end. */
  const checked = (bytes: Uint8Array, records: Records): number[] => {
    const rows: number[] = [];
    let start = 0;
    for (let index = 0; index < records.ends.length; index++) {
      const end = records.ends[index]!;
      const row = line + records.lines[index]!;
      if (isBlank(bytes, start, end)) blank ??= row;
      else if (blank !== undefined)
        throw badRow({ file, row: blank }, "a blank line between rows.", "Delete it.");
      else if (records.cells[index] !== width) {
        throw badRow(
          { file, row, value: textOf(bytes, start, end) },
          `${records.cells[index]} cells, but ${width} columns (${layout.names.map(quoted).join(", ")}): ${quoted(textOf(bytes, start, end))}.`,
          "Put quotes around cells that hold the delimiter, or a missing cell back.",
        );
      } else rows.push(row);
      start = end;
    }
    return rows;
  };

  return (unread, offset, last) => {
    const bytes =
      last && unread.length > 0 && unread.at(-1) !== 0x0a ? concatenated([unread, NEWLINE]) : unread;
    const records = scanRecords(bytes, delimiter);
    const consumed = records.ends.at(-1) ?? 0;
    const rows = checked(bytes, records);
    const row = line + records.lines.at(-1)!;
    const value = () => textOf(bytes, consumed, bytes.length);
    if (records.stray >= 0) {
      const what = `text after a closing quote: ${quoted(value())}.`;
      throw badRow({ file, row, value: value() }, what, "Double the quotes inside a quoted cell.");
    }
    if (last && consumed < bytes.length) {
      const what = `a quote is opened and never closed: ${quoted(value())}.`;
      throw badRow({ file, row, value: value() }, what, "Close the quote, or double it if it is data.");
    }
    const rowAt = (position: number) =>
      line + records.lines[records.ends.findIndex((end) => end > position)]!;
    const text = decodeUtf8(bytes.subarray(0, consumed), file, offset, rowAt);
    const cells = cellsOf(
      records.returns ? decodedAnyway(withoutReturns(bytes, records.ends)) : text,
      rows.length,
    );
    line = row;
    if (skip > 0 && rows.length > 0) {
      skip = 0;
      rows.shift();
      for (const column of cells) column.shift();
    }
    if (rows.length === 0) return { consumed };
    return {
      consumed,
      batch: { file, length: rows.length, columns: cells, rowNumber: (index) => rows[index]! },
    };
  };
}

const NEWLINE = Uint8Array.of(0x0a);

/** udsv on text whose every record was found to have `width` cells and to end in a newline. */
export function cellParser(delimiter: string, width: number): (text: string, rows: number) => string[][] {
  const record = `${Array(width).fill("x").join(delimiter)}\n`;
  const parser = initParser(inferSchema(record, { header: () => [], col: delimiter, row: "\n" }));
  return (text, rows) => {
    // udsv takes a leading U+FEFF for a byte order mark; behind an empty line, which it skips, it is data.
    const columns = parser.stringCols(text.startsWith("\ufeff") ? `\n${text}` : text);
    if (columns.some((column) => column.length !== rows)) throw new Error("udsv and scanRecords disagree.");
    return columns as string[][];
  };
}

/** The start of some bytes as text for a message. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  return decodedAnyway(bytes.subarray(start, Math.min(end, start + 200))).replace(/\r?\n$/, "");
}
