/** The share of values below each one, equal ones counted half: in (0, 1), its own half included. O(n log n). */
export function percentilesOf(values: Float32Array): Float32Array {
  const sorted = values.slice().sort();
  const n = values.length;
  return values.map((value) => (lowerBound(sorted, value) + upperBound(sorted, value)) / (2 * n));
}

/** Values with the standard normal distribution, in the same order: the normal quantile of each one's percentile. */
export function gaussianised(values: Float32Array): Float32Array {
  return percentilesOf(values).map(normalQuantile);
}

/** Position of the first of the ascending values that is not below `value`. */
export function lowerBound(sorted: Float32Array | Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Position of the first of the ascending values that is above `value`. */
export function upperBound(sorted: Float32Array | Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The standard normal's quantile of p in (0, 1), to 4.5e-4 (Abramowitz & Stegun 1964, 26.2.23): enough to shape a
 * feature.
 */
function normalQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
  const size =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return p < 0.5 ? -size : size;
}
