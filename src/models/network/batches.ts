import type { SparseMatrix } from "../../linalg/sparse.ts";
import type { Random } from "../../random.ts";
import type { Architecture } from "./architecture.ts";

/** Some users as a network sees them: what goes in, and the interactions that should come out. */
export interface Batch {
  /** users x (items, then the users that have an input of their own, then the bias). */
  readonly inputs: SparseMatrix;
  /** users x items; values are weights. */
  readonly targets: SparseMatrix;
}

/** Noise on the inputs: each is left out with probability `dropout`, the others grow so that the expectation stays. */
export interface Corruption {
  readonly random: Random;
  readonly dropout: number;
}

/** Inputs of a network over so many users and items, the bias included. */
export function inputCount({ userInputs }: Architecture, { rows, columns }: SparseMatrix): number {
  return columns + (userInputs ? rows : 0) + 1;
}

/** The batch of some users of the matrix. An input is the interaction's weight, over the length of the user's row if so asked. */
export function batchOf(
  matrix: SparseMatrix,
  users: Uint32Array,
  architecture: Architecture,
  corruption?: Corruption,
): Batch {
  const targets = rowsOf(matrix, users);
  const { offsets, indices, values } = targets;
  const columns = inputCount(architecture, matrix);
  const inputOffsets = new Uint32Array(users.length + 1);
  const inputIndices = new Uint32Array(indices.length + 2 * users.length);
  const inputValues = new Float32Array(inputIndices.length);
  let size = 0;
  const add = (index: number, value: number) => {
    inputIndices[size] = index;
    inputValues[size] = value;
    size++;
  };
  for (const [row, user] of users.entries()) {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    const scale = scaleOf(values.subarray(start, end), architecture.normalized, corruption?.dropout ?? 0);
    for (let entry = start; entry < end; entry++) {
      if (corruption && corruption.random.uniform() < corruption.dropout) continue;
      add(indices[entry]!, values[entry]! * scale);
    }
    if (architecture.userInputs && user < matrix.rows) add(matrix.columns + user, 1);
    add(columns - 1, 1);
    inputOffsets[row + 1] = size;
  }
  const inputs = {
    rows: users.length,
    columns,
    offsets: inputOffsets,
    indices: inputIndices.subarray(0, size),
    values: inputValues.subarray(0, size),
  };
  return { inputs, targets };
}

function scaleOf(values: Float32Array, normalized: boolean, dropout: number): number {
  if (!normalized) return 1 / (1 - dropout);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? 1 / (length * (1 - dropout)) : 0;
}

function rowsOf(matrix: SparseMatrix, users: Uint32Array): SparseMatrix {
  const offsets = new Uint32Array(users.length + 1);
  for (const [row, user] of users.entries()) {
    offsets[row + 1] = offsets[row]! + matrix.offsets[user + 1]! - matrix.offsets[user]!;
  }
  const indices = new Uint32Array(offsets[users.length]!);
  const values = new Float32Array(indices.length);
  for (const [row, user] of users.entries()) {
    const [start, end] = [matrix.offsets[user]!, matrix.offsets[user + 1]!];
    indices.set(matrix.indices.subarray(start, end), offsets[row]!);
    values.set(matrix.values.subarray(start, end), offsets[row]!);
  }
  return { rows: users.length, columns: matrix.columns, offsets, indices, values };
}
