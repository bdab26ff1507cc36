import type { SchemaElement } from "hyparquet";
import type { ColumnSource } from "hyparquet-writer";
import { cellText } from "./cell.ts";
import { Instant } from "./instant.ts";
import type { Cell, Cells, ColumnKind } from "./rows.ts";

/** Cells as hyparquet-writer takes them. */
export type StoredCells = Cell[] | Float64Array | Float32Array | Int32Array;

type NumberArray = typeof Float64Array | typeof Float32Array | typeof Int32Array;

/** Arrays that hold the numbers of a type as the file does. */
const ARRAYS = new Map<SchemaElement["type"], NumberArray>([
  ["DOUBLE", Float64Array],
  ["FLOAT", Float32Array],
  ["INT32", Int32Array],
]);

/** Rows that tell whether a column's texts come again. */
const SAMPLE = 1 << 14;

/** The cells as they are stored for `element`, or the position of the first that doesn't fit. */
export function storedCells(cells: Cells, kind: ColumnKind, element: SchemaElement): StoredCells | number {
  if (cells instanceof Float64Array && element.converted_type === undefined) {
    const numbers = ARRAYS.get(element.type)?.from(cells);
    if (numbers?.every((number, row) => Object.is(number, cells[row]))) return numbers;
  }
  const stored = new Array<Cell>(cells.length);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row]!;
    const asItIs = cell === null || (kind === "text" && typeof cell === "string");
    const value = asItIs ? cell : storedValue(cell, kind, element);
    if (value === undefined) return row;
    stored[row] = value;
  }
  return stored;
}

/** A column of `length` cells, part after part, and how to encode it. */
export function columnSource(
  { name, type }: SchemaElement,
  kind: ColumnKind,
  parts: readonly StoredCells[],
  length: number,
): ColumnSource {
  for (const numbers of ARRAYS.values()) {
    if (!parts.every((part) => part instanceof numbers)) continue;
    const data = new numbers(length);
    let end = 0;
    for (const part of parts) {
      data.set(part as typeof data, end);
      end += part.length;
    }
    return { name, data, encoding: "PLAIN", statistics: false };
  }
  const data = parts.flatMap((part) => (Array.isArray(part) ? part : Array.from<Cell>(part)));
  if (kind !== "text" || type !== "BYTE_ARRAY") return { name, data };
  return { name, data, encoding: isRepetitive(data) ? "RLE_DICTIONARY" : "PLAIN" };
}

/** Whether a dictionary makes the texts smaller, as far as the first of them tell. */
function isRepetitive(texts: readonly Cell[]): boolean {
  const sample = texts.slice(0, SAMPLE);
  return new Set(sample).size <= 0.75 * sample.length;
}

/** The cell as hyparquet-writer takes it for `element`; undefined if it doesn't fit. */
function storedValue(cell: NonNullable<Cell>, kind: ColumnKind, element: SchemaElement): Cell | undefined {
  switch (kind) {
    case "text":
      return cellText(cell);
    case "integer":
      return typeof cell === "bigint" || Number.isSafeInteger(cell)
        ? storedInteger(BigInt(cell as number | bigint), element)
        : undefined;
    case "number":
      return typeof cell === "number" && (element.type === "DOUBLE" || Object.is(Math.fround(cell), cell))
        ? cell
        : undefined;
    case "boolean":
      return typeof cell === "boolean" ? cell : undefined;
    case "timestamp":
      return cell instanceof Date ? storedTimestamp(cell, element) : undefined;
    case "bytes":
      return cell instanceof Uint8Array ? cell : undefined;
  }
}

function storedInteger(value: bigint, { type, converted_type }: SchemaElement): number | bigint | undefined {
  const bits = type === "INT32" ? 32 : 64;
  const wrapped = converted_type?.startsWith("UINT")
    ? BigInt.asUintN(bits, value)
    : BigInt.asIntN(bits, value);
  if (wrapped !== value) return undefined;
  return type === "INT32" ? Number(value) : value;
}

/** hyparquet-writer knows Dates; an Instant would lose what is finer than a millisecond. */
function storedTimestamp(date: Date, { converted_type, logical_type }: SchemaElement): Date | bigint {
  if (!(date instanceof Instant)) return date;
  const unit = logical_type?.type === "TIMESTAMP" ? logical_type.unit : converted_type;
  if (unit === "NANOS") return date.nanoseconds;
  return unit === "MICROS" || unit === "TIMESTAMP_MICROS" ? date.nanoseconds / 1000n : date;
}
