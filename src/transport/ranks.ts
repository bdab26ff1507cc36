/** For each observed value, 1 + the number of values of `row` that are strictly larger. */
export function ranksOf(observed: Float32Array, row: Float32Array): Uint32Array {
  const descending = Float32Array.from(observed).sort().reverse();
  const smallest = descending[descending.length - 1]!;
  const larger = new Uint32Array(descending.length + 1);
  for (const value of row) if (value > smallest) larger[firstBelow(descending, value)]!++;
  for (let index = 1; index < larger.length; index++) larger[index]! += larger[index - 1]!;
  return Uint32Array.from(observed, (value) => 1 + larger[firstAt(descending, value)]!);
}

/** The first position of a descending array whose value is below `value`. */
function firstBelow(descending: Float32Array, value: number): number {
  let low = 0;
  let high = descending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (descending[middle]! < value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first position of a descending array that holds `value`. */
function firstAt(descending: Float32Array, value: number): number {
  let low = 0;
  let high = descending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (descending[middle]! <= value) high = middle;
    else low = middle + 1;
  }
  return low;
}
