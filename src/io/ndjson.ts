import { badRow, quoted } from "./bad-row.ts";
import type { InputFile } from "./bytes.ts";
import { memberTexts } from "./json-text.ts";
import type { Column, RowSource } from "./rows.ts";
import { type BlockReader, decodeUtf8, textSource } from "./text-source.ts";

/** What the text of a number looks like that may differ from String(number): long, fractional, exponent, minus zero. */
const INEXACT_NUMBER = /\d{16}|\d[.eE]|-0/;
const HALF_SURROGATE_PAIR = /\p{Cs}/u;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Rows of newline-delimited JSON, one object a line; blank lines are skipped. The columns are the keys of the lines
 * in `head`, in order of first appearance; a missing key is null. Other cells are strings: of numbers, arrays and
 * objects the text that stands in the file, so ids beyond 2^53 are exact.
 * @throws ProRecError BAD_ROW, here and from the passes: not an object, a key that `head` doesn't have, half a
 * surrogate pair, invalid UTF-8.
 */
export function openNdjson(file: InputFile, head: Uint8Array): Promise<RowSource> {
  const names = new Set<string>();
  textOf(head, file.name, 0, 1)
    .split("\n")
    .forEach((text, index) => {
      if (!isBlank(text)) for (const name of Object.keys(parsed(text, file.name, index + 1))) names.add(name);
    });
  const columns = [...names].map((name): Column => ({ name, kind: "text" }));
  return textSource(file, columns, () => ndjsonReader(file.name, [...names]));
}

export function ndjsonReader(file: string, names: readonly string[]): BlockReader {
  const columnOf = new Map(names.map((name, column) => [name, column]));
  let line = 1;
  return (bytes, offset, last) => {
    const consumed = last ? bytes.length : bytes.lastIndexOf(0x0a) + 1;
    const lines = textOf(bytes.subarray(0, consumed), file, offset, line).split("\n");
    const columns = names.map((): (string | null)[] => []);
    const rows: number[] = [];
    const sources: string[] = [];
    for (const [index, ended] of lines.entries()) {
      if (isBlank(ended)) continue;
      const text = ended.endsWith("\r") ? ended.slice(0, -1) : ended;
      const row = line + index;
      const object = parsed(text, file, row);
      for (const column of columns) column.push(null);
      const cells = cellReader(text);
      const mayHoldHalves = text.includes("\\u");
      for (const name of Object.keys(object)) {
        const column = columnOf.get(name);
        if (column === undefined) throw newKey(file, row, name);
        const cell = cells(name, object[name]);
        if (cell !== null && mayHoldHalves && HALF_SURROGATE_PAIR.test(cell)) {
          const what = `${quoted(cell)} holds half a surrogate pair, which no text file can keep.`;
          throw badRow({ file, row, column: name, value: cell }, what, "Repair the \\ud8.. escape.");
        }
        columns[column]![rows.length] = cell;
      }
      rows.push(row);
      sources.push(text);
    }
    line += lines.length - 1;
    if (rows.length === 0) return { consumed };
    const batch = {
      file,
      length: rows.length,
      columns,
      rowNumber: (index: number) => rows[index]!,
      source: (index: number) => sources[index]!,
    };
    return { consumed, batch };
  };
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

function textOf(bytes: Uint8Array, file: string, offset: number, line: number): string {
  return decodeUtf8(bytes, file, offset, (position) => {
    let row = line;
    for (
      let index = bytes.indexOf(0x0a);
      index >= 0 && index < position;
      index = bytes.indexOf(0x0a, index + 1)
    ) {
      row++;
    }
    return row;
  });
}

function parsed(text: string, file: string, row: number): JsonObject {
  const hint = "Every line must be one JSON object, such as jq -c '.[]' makes of an array.";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRow({ file, row, value: text }, `not valid JSON: ${quoted(text)}.`, hint);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw badRow({ file, row, value: text }, `not a JSON object: ${quoted(text)}.`, hint);
}

/** Makes cells of the members of the object in `text`; looks at the text only where JSON.parse may have lost some of it. */
function cellReader(text: string): (name: string, value: unknown) => string | null {
  const exact = !INEXACT_NUMBER.test(text);
  let texts: Map<string, string> | undefined;
  return (name, value) => {
    if (typeof value === "string") return value;
    if (value === null) return null;
    if (typeof value === "boolean" || (typeof value === "number" && exact)) return String(value);
    texts ??= memberTexts(text);
    return texts.get(name)!;
  };
}

function newKey(file: string, row: number, name: string): Error {
  const what = "no earlier row near the file's start has this key, so there is no column for it.";
  return badRow({ file, row, column: name }, what, "Give the first row all keys (null will do).");
}
