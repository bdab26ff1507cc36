import type { SparseMatrix } from "../linalg/sparse.ts";

/** Sets the scores of the user's own items to -Infinity, so that they can't be recommended. */
export function maskSeen(matrix: SparseMatrix, user: number, row: Float32Array): void {
  for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
    row[matrix.indices[entry]!] = -Infinity;
  }
}

/** Positions of the `limit` largest scores, best first, ties by position; -Infinity is never among them. */
export function topItems(row: Float32Array, limit: number): number[] {
  const heap: number[] = [];
  const worse = (left: number, right: number) =>
    row[left]! < row[right]! || (row[left] === row[right] && left > right);
  const sink = (start: number) => {
    let parent = start;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && worse(heap[child + 1]!, heap[child]!)) child++;
      if (!worse(heap[child]!, heap[parent]!)) return;
      [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
      parent = child;
    }
  };
  let item = 0;
  for (; item < row.length && heap.length < limit; item++) if (row[item]! > -Infinity) heap.push(item);
  for (let start = heap.length >> 1; start >= 0; start--) sink(start);
  let least = heap.length > 0 ? row[heap[0]!]! : Infinity;
  for (; item < row.length; item++) {
    if (!(row[item]! > least)) continue; // a later item of the same score is no better
    heap[0] = item;
    sink(0);
    least = row[heap[0]]!;
  }
  return heap.sort((left, right) => (worse(left, right) ? 1 : -1));
}
