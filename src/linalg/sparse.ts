import { inSharedMemory, sharedFloat32, sharedUint32 } from "../parallel/shared.ts";
import { atOnce, overRanges, type Steps } from "../progress.ts";

/**
 * Compressed sparse rows. Row i holds the entries offsets[i]..offsets[i+1]-1; in it the column indices ascend
 * and no pair stands twice. A log's stands in shared memory, where worker threads see it without a copy.
 */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/**
 * Compressed rows from pairs in any order; pairs that stand more than once are merged into one entry of the
 * first pair's value. Two counting sorts: O(pairs + rows + columns), no comparisons, no map of pairs.
 */
export function sparseFromPairs(...pairs: Parameters<typeof sparseFromPairsInSteps>): SparseMatrix {
  return atOnce(sparseFromPairsInSteps(...pairs));
}

/** `sparseFromPairs` for many millions of them. */
export function* sparseFromPairsInSteps(
  rows: number,
  columns: number,
  rowOf: Uint32Array,
  columnOf: Uint32Array,
  weightOf?: Float32Array,
): Steps<SparseMatrix> {
  const byColumn = yield* countingOrderInSteps(columnOf, columns);
  const order = yield* countingOrderInSteps(rowOf, rows, byColumn);
  const indices = sharedUint32(order.length);
  const values = sharedFloat32(order.length);
  const offsets = sharedUint32(rows + 1);
  let size = 0;
  let lastRow = -1;
  yield* overRanges(order.length, (start, end) => {
    for (let index = start; index < end; index++) {
      const pair = order[index]!;
      const row = rowOf[pair]!;
      const column = columnOf[pair]!;
      if (row === lastRow && indices[size - 1] === column) continue;
      indices[size] = column;
      values[size] = weightOf === undefined ? 1 : weightOf[pair]!;
      size++;
      offsets[row + 1] = size;
      lastRow = row;
    }
  });
  for (let row = 0; row < rows; row++) offsets[row + 1] = Math.max(offsets[row + 1]!, offsets[row]!);
  const merged = size < order.length;
  return {
    rows,
    columns,
    offsets,
    indices: merged ? inSharedMemory(indices.slice(0, size)) : indices,
    values: merged ? inSharedMemory(values.slice(0, size)) : values,
  };
}

/** The positions 0..n-1 (or those of `from`, kept stable) ordered by key. */
export function countingOrder(keys: Uint32Array, bound: number, from?: Uint32Array): Uint32Array {
  return atOnce(countingOrderInSteps(keys, bound, from));
}

/** `countingOrder` for many millions of keys. */
export function* countingOrderInSteps(
  keys: Uint32Array,
  bound: number,
  from?: Uint32Array,
): Steps<Uint32Array> {
  const starts = new Uint32Array(bound + 1);
  yield* overRanges(keys.length, (start, end) => {
    for (let index = start; index < end; index++) starts[keys[index]! + 1]!++;
  });
  for (let key = 0; key < bound; key++) starts[key + 1]! += starts[key]!;
  const order = new Uint32Array(keys.length);
  yield* overRanges(keys.length, (start, end) => {
    for (let index = start; index < end; index++) {
      const position = from === undefined ? index : from[index]!;
      order[starts[keys[position]!]!++] = position;
    }
  });
  return order;
}

/** The transposed matrix. */
export function transpose(matrix: SparseMatrix): SparseMatrix {
  const { rows, columns, offsets, indices, values } = matrix;
  const starts = new Uint32Array(columns + 1);
  for (const column of indices) starts[column + 1]!++;
  for (let column = 0; column < columns; column++) starts[column + 1]! += starts[column]!;
  const next = starts.slice();
  const transposed = new Uint32Array(indices.length);
  const moved = new Float32Array(indices.length);
  for (let row = 0; row < rows; row++) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const target = next[indices[entry]!]!++;
      transposed[target] = row;
      moved[target] = values[entry]!;
    }
  }
  return { rows: columns, columns: rows, offsets: starts, indices: transposed, values: moved };
}

/** The position of (row, column) among the entries, or -1. O(log of the row's entries). */
export function findEntry(matrix: SparseMatrix, row: number, column: number): number {
  let low = matrix.offsets[row]!;
  let high = matrix.offsets[row + 1]! - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = matrix.indices[middle]!;
    if (found === column) return middle;
    if (found < column) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The same pattern with other values; entries of value 0 are dropped. */
export function withValues(matrix: SparseMatrix, values: Float32Array): SparseMatrix {
  if (!values.includes(0)) return { ...matrix, values };
  return keepEntries({ ...matrix, values }, (entry) => values[entry] !== 0);
}

/** The matrix of the entries that `keep` accepts, of the same shape. */
export function keepEntries(matrix: SparseMatrix, keep: (entry: number) => boolean): SparseMatrix {
  const offsets = new Uint32Array(matrix.rows + 1);
  const indices = new Uint32Array(matrix.indices.length);
  const values = new Float32Array(matrix.indices.length);
  let size = 0;
  for (let row = 0; row < matrix.rows; row++) {
    for (let entry = matrix.offsets[row]!; entry < matrix.offsets[row + 1]!; entry++) {
      if (!keep(entry)) continue;
      indices[size] = matrix.indices[entry]!;
      values[size] = matrix.values[entry]!;
      size++;
    }
    offsets[row + 1] = size;
  }
  return { ...matrix, offsets, indices: indices.slice(0, size), values: values.slice(0, size) };
}

/** Some entries of a row or a column: positions on the other side, ascending, and their values. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** The entries of a row. */
export function rowOf({ offsets, indices, values }: SparseMatrix, row: number): SparseVector {
  const [start, end] = [offsets[row]!, offsets[row + 1]!];
  return { indices: indices.subarray(start, end), values: values.subarray(start, end) };
}

/** The entries of the columns from `first` on, a vector a column. One pass over the matrix. */
export function columnsFrom(matrix: SparseMatrix, first: number): SparseVector[] {
  const columns = Array.from({ length: matrix.columns - first }, () => ({
    indices: [] as number[],
    values: [] as number[],
  }));
  for (let row = 0; row < matrix.rows; row++) {
    for (let entry = matrix.offsets[row + 1]! - 1; entry >= matrix.offsets[row]!; entry--) {
      const column = columns[matrix.indices[entry]! - first];
      if (column === undefined) break; // the indices of a row ascend
      column.indices.push(row);
      column.values.push(matrix.values[entry]!);
    }
  }
  return columns.map(({ indices, values }) => ({
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  }));
}

/** The matrix of some rows, in their order. */
export function someRows(matrix: SparseMatrix, rows: Uint32Array): SparseMatrix {
  const offsets = new Uint32Array(rows.length + 1);
  for (const [index, row] of rows.entries()) {
    offsets[index + 1] = offsets[index]! + matrix.offsets[row + 1]! - matrix.offsets[row]!;
  }
  const indices = new Uint32Array(offsets[rows.length]!);
  const values = new Float32Array(indices.length);
  for (const [index, row] of rows.entries()) {
    const own = rowOf(matrix, row);
    indices.set(own.indices, offsets[index]);
    values.set(own.values, offsets[index]);
  }
  return { rows: rows.length, columns: matrix.columns, offsets, indices, values };
}

/** Number of entries in each row. */
export function rowCounts(matrix: SparseMatrix): Uint32Array {
  return Uint32Array.from(
    { length: matrix.rows },
    (_, row) => matrix.offsets[row + 1]! - matrix.offsets[row]!,
  );
}

/** Number of entries in each column. */
export function columnCounts(matrix: SparseMatrix): Uint32Array {
  const counts = new Uint32Array(matrix.columns);
  for (const column of matrix.indices) counts[column]!++;
  return counts;
}

/** The same matrix where worker threads see it without a copy; copied only as far as it is not there yet. */
export function sharedMatrix(matrix: SparseMatrix): SparseMatrix {
  return {
    ...matrix,
    offsets: inSharedMemory(matrix.offsets),
    indices: inSharedMemory(matrix.indices),
    values: inSharedMemory(matrix.values),
  };
}
