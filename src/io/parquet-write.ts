import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { ProRecError } from "../errors.ts";
import type { Output } from "./atomic.ts";
import { badRow, quoted } from "./bad-row.ts";
import { cellText } from "./cell.ts";
import { Instant } from "./instant.ts";
import { kindOf, type ParquetColumn } from "./parquet-columns.ts";
import type { Cell, Column, ColumnKind, RowSink } from "./rows.ts";

/** Cells held before a row group is written. */
const GROUP_CELLS = 1 << 20;

/**
 * Writes rows as a Parquet file (Snappy), a row group at a time. Columns that came from a Parquet file keep the
 * type that they had there; others become UTF-8 text, INT64, DOUBLE, BOOLEAN, TIMESTAMP (milliseconds) or BYTE_ARRAY.
 * Every column may hold nulls.
 * @throws ProRecError from `write`: BAD_ROW for a cell that doesn't fit its column; UNWRITABLE_FILE.
 */
export function createParquetSink(output: Output, columns: readonly Column[]): RowSink {
  const elements = columns.map(elementOf);
  const enoughRows = Math.ceil(GROUP_CELLS / columns.length);
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({
    writer: bytes,
    schema: [{ name: "schema", num_children: columns.length }, ...elements],
    createdBy: "ProRec",
  });
  let group: Cell[][] = columns.map(() => []);
  let groupRows = 0;
  let rows = 0;

  const flush = async () => {
    await output.write(bytes.getBytes());
    bytes.index = 0;
  };
  const writeGroup = async () => {
    parquet.write({
      columnData: columns.map(({ name }, c) => ({ name, data: group[c]! })),
      rowGroupSize: groupRows,
    });
    group = columns.map(() => []);
    groupRows = 0;
    await flush();
  };
  return {
    async write(cells, length) {
      for (const [c, column] of columns.entries()) {
        const stored = group[c]!;
        for (let row = 0; row < length; row++) {
          const cell = cells[c]![row]!;
          const value = cell === null ? null : storedValue(cell, column.kind, elements[c]!);
          if (value === undefined) throw misfit(output.name, rows + row + 1, column, cell);
          stored.push(value);
        }
      }
      rows += length;
      groupRows += length;
      if (groupRows >= enoughRows) await writeGroup();
    },
    async commit() {
      if (groupRows > 0) await writeGroup();
      parquet.finish();
      await flush();
      await output.commit();
    },
    abandon: () => output.abandon(),
  };
}

function elementOf(column: Column): SchemaElement {
  const { name, kind } = column;
  const { element } = column as Partial<ParquetColumn>;
  const kept = element?.type === "INT96" ? { ...element, ...NANOSECONDS } : element;
  return { ...(kept && kindOf(kept) === kind ? kept : TYPES[kind]), name, repetition_type: "OPTIONAL" };
}

const TYPES: Readonly<Record<ColumnKind, Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  integer: { type: "INT64" },
  number: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
  timestamp: { type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
  bytes: { type: "BYTE_ARRAY" },
};

/** What INT96, which only ever held timestamps and is deprecated, is written as. */
const NANOSECONDS: Omit<SchemaElement, "name"> = {
  type: "INT64",
  logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" },
};

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

function misfit(file: string, row: number, column: Column, cell: Cell): ProRecError {
  const value = cellText(cell);
  return badRow(
    { file, row, column: column.name, value },
    `${quoted(value)} doesn't fit the column's type (${column.kind}).`,
    "Give the column one type in all inputs, or write CSV.",
  );
}
