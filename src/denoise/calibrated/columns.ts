import { countingOrder, type SparseMatrix } from "../../linalg/sparse.ts";
import { inSharedMemory, sharedUint32 } from "../../parallel/shared.ts";

/** A matrix's entries column by column. */
export interface Columns {
  /** Columns + 1 numbers. */
  readonly offsets: Uint32Array;
  /** The position each entry has in the matrix, rows ascending in each column. */
  readonly entries: Uint32Array;
  /** Its row. */
  readonly rows: Uint32Array;
}

export function columnsOf({ rows, columns, offsets, indices }: SparseMatrix): Columns {
  const entries = inSharedMemory(countingOrder(indices, columns));
  const starts = sharedUint32(columns + 1);
  for (const column of indices) starts[column + 1]!++;
  for (let column = 0; column < columns; column++) starts[column + 1]! += starts[column]!;
  const rowOf = new Uint32Array(indices.length);
  for (let row = 0; row < rows; row++) rowOf.fill(row, offsets[row], offsets[row + 1]);
  const sorted = sharedUint32(indices.length);
  for (let position = 0; position < sorted.length; position++) sorted[position] = rowOf[entries[position]!]!;
  return { offsets: starts, entries, rows: sorted };
}
