/** The end of the longest run of sparse rows from `from` on that has at most so many rows and entries, but at least one row. */
export function endOfRun(offsets: Uint32Array, from: number, rows: number, entries: number): number {
  let end = from + 1;
  const last = Math.min(from + rows, offsets.length - 1);
  while (end < last && offsets[end + 1]! - offsets[from]! <= entries) end++;
  return end;
}
