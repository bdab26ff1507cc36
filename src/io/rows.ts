/** One value of a row, as the file has it: text formats give strings (NDJSON also numbers as their source text). */
export type Cell = string | number | bigint | boolean | Date | Uint8Array | null;

/** How a column's values are kept in a typed format. */
export type ColumnKind = "text" | "integer" | "number" | "boolean" | "timestamp" | "bytes";

/** A named column. Headerless files get user, item, rating, timestamp as far as there are columns. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** All its numbers are float32 or int32 ones; typed formats then keep them as such. */
  readonly bits?: 32;
}

/** Cells of one column; an array of numbers where none is missing. */
export type Cells = readonly Cell[] | Float64Array;

/**
 * Row r's cell is `values[codes[r]]`, null where the code is -1. Batches share an array of values for as long as it
 * holds; it may grow.
 */
export interface CodedCells {
  readonly values: ArrayLike<Cell>;
  readonly codes: Int32Array;
}

/** Some consecutive rows, column by column. */
export interface RowBatch {
  readonly file: string;
  readonly length: number;
  /** columns[c][r]: the value of column c in row r of the batch. */
  readonly columns: readonly (readonly Cell[])[];
  /** Codes of a column whose values come again, where the format has them (Parquet's dictionaries and integers). */
  coded?(column: number): CodedCells | undefined;
  /** Where row r of the batch stands: the line (text formats) or row (Parquet), counted from 1. */
  rowNumber(row: number): number;
  /** The row's own text where the format has one (NDJSON), so that it can be written back byte for byte. */
  source?(row: number): string;
}

/** Rows that can be read more than once; each pass gives the same rows or fails with INPUT_CHANGED. */
export interface RowSource {
  /** What messages call it: the file, or "standard input". */
  readonly name: string;
  /** The real files behind it. */
  readonly files: readonly string[];
  readonly columns: readonly Column[];
  /** One pass over all rows, some thousands at a time. */
  batches(signal?: AbortSignal): AsyncIterable<RowBatch>;
  /** Bytes of the latest pass: read so far, and in all. */
  progress?(): { readonly done: number; readonly total: number };
  /** SHA-256 (hex) of the file's bytes, or of the files' digests one after the other; known once a pass has ended. */
  digest(): string;
  /** Removes what was spooled to disk. */
  close(): Promise<void>;
}

/** Where rows go. Nothing stands under the final name before `commit`. */
export interface RowSink {
  /** `columns` are the sink's from now on. */
  write(columns: readonly Cells[], length: number, sources?: (row: number) => string): Promise<void>;
  commit(): Promise<void>;
  abandon(): Promise<void>;
}
