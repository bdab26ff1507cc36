/** 1, every feature, and every product of two: numbers a row of `count` features expands to. */
export function quadraticWidth(count: number): number {
  return 1 + count + (count * (count + 1)) / 2;
}

/** Writes the expansion of one row of the features (arrays of one number a row) to `out` from `at` on. */
export function expandQuadratic(
  features: readonly Float32Array[],
  row: number,
  out: Float64Array,
  at: number,
): void {
  let next = at;
  out[next++] = 1;
  for (const feature of features) out[next++] = feature[row]!;
  for (let i = 0; i < features.length; i++) {
    const left = features[i]![row]!;
    for (let j = 0; j <= i; j++) out[next++] = left * features[j]![row]!;
  }
}
