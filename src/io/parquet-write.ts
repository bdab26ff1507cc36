import type { RowGroup, SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { ProRecError } from "../errors.ts";
import { breathe } from "../progress.ts";
import type { Output } from "./atomic.ts";
import { badRow, quoted } from "./bad-row.ts";
import { cellText } from "./cell.ts";
import { columnSource, type StoredCells, storedCells } from "./parquet-cells.ts";
import { kindOf, type ParquetColumn } from "./parquet-columns.ts";
import type { Cell, Column, ColumnKind, RowSink } from "./rows.ts";

/** Cells held before a row group is written. */
const GROUP_CELLS = 1 << 20;

/**
 * Writes rows as a Parquet file (Snappy), a row group at a time. Columns that came from a Parquet file keep the
 * type that they had there; others become UTF-8 text, INT64 or INT32, DOUBLE or FLOAT, BOOLEAN, TIMESTAMP (milliseconds) or BYTE_ARRAY.
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
  const group: StoredCells[][] = columns.map(() => []);
  let groupRows = 0;
  let rows = 0;

  const flush = async () => {
    await output.write(bytes.getBytes());
    bytes.index = 0;
  };
  const writeGroup = async () => {
    const first = parquet.row_groups.length;
    for (const [c, { kind }] of columns.entries()) {
      const source = columnSource(elements[c]!, kind, group[c]!, groupRows);
      group[c] = [];
      parquet.write({ columnData: [source], rowGroupSize: groupRows });
      await flush();
      await breathe(undefined);
    }
    uniteGroups(parquet, first);
    groupRows = 0;
  };
  return {
    async write(cells, length) {
      for (const [c, column] of columns.entries()) {
        const stored = storedCells(cells[c]!, column.kind, elements[c]!);
        if (typeof stored === "number")
          throw misfit(output.name, rows + stored + 1, column, cells[c]![stored]!);
        group[c]!.push(stored);
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

/** Makes one row group of those from `first` on, which hold a column each of the same rows. */
function uniteGroups(parquet: ParquetWriter, first: number): void {
  const groups = parquet.row_groups.splice(first);
  const [{ num_rows }] = groups as [RowGroup];
  const sum = (size: (group: RowGroup) => bigint | undefined) =>
    groups.reduce((total, group) => total + (size(group) ?? 0n), 0n);
  parquet.row_groups.push({
    columns: groups.flatMap(({ columns }) => columns),
    num_rows,
    total_byte_size: sum((group) => group.total_byte_size),
    total_compressed_size: sum((group) => group.total_compressed_size),
  });
  parquet.num_rows -= num_rows * BigInt(groups.length - 1);
}

function elementOf(column: Column): SchemaElement {
  const { name, kind, bits } = column;
  const { element } = column as Partial<ParquetColumn>;
  const kept = element?.type === "INT96" ? { ...element, ...NANOSECONDS } : element;
  const own = kept && kindOf(kept) === kind ? kept : ((bits && NARROW_TYPES[kind]) ?? TYPES[kind]);
  return { ...own, name, repetition_type: "OPTIONAL" };
}

const TYPES: Readonly<Record<ColumnKind, Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  integer: { type: "INT64" },
  number: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
  timestamp: { type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
  bytes: { type: "BYTE_ARRAY" },
};

const NARROW_TYPES: { readonly [kind in ColumnKind]?: Omit<SchemaElement, "name"> } = {
  integer: { type: "INT32" },
  number: { type: "FLOAT" },
};

/** What INT96, which only ever held timestamps and is deprecated, is written as. */
const NANOSECONDS: Omit<SchemaElement, "name"> = {
  type: "INT64",
  logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" },
};

function misfit(file: string, row: number, column: Column, cell: Cell): ProRecError {
  const value = cellText(cell);
  return badRow(
    { file, row, column: column.name, value },
    `${quoted(value)} doesn't fit the column's type (${column.kind}).`,
    "Give the column one type in all inputs, or write CSV.",
  );
}
