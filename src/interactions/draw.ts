/**
 * The last position of start..end-1 whose cumulative sum does not exceed `value`: with offsets, the row of an
 * entry; with cumulative weights, the draw that `value`, uniform below the sum, stands for. O(log n).
 */
export function positionIn(
  cumulative: Uint32Array | Float64Array,
  value: number,
  start = 0,
  end = cumulative.length - 1,
): number {
  let low = start;
  let high = end;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** Marks the columns of one row at a time without clearing in between. */
export class Marks {
  readonly #marked: Uint32Array;
  #row = 0;

  constructor(columns: number) {
    this.#marked = new Uint32Array(columns);
  }

  /** Forgets all marks. */
  clear(): void {
    this.#row++;
  }

  has(column: number): boolean {
    return this.#marked[column] === this.#row;
  }

  /** Marks the column; false if it already was. */
  add(column: number): boolean {
    if (this.#marked[column] === this.#row) return false;
    this.#marked[column] = this.#row;
    return true;
  }
}
