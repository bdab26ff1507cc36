/** Where a row of matches is split: the top `kappa` items are kept, `threshold` is the value of the last of them. */
export interface Split {
  readonly kappa: number;
  readonly threshold: number;
}

/** Values whose float32 bits agree in the upper 15 share a bucket: 16,320 buckets for the finite values >= 0. */
const SHIFT = 17;
const BUCKETS = 0x7f800000 >>> SHIFT;
/** Gains that agree to this share are ties, and ties take the smallest count. */
const TIE = 1e-12;

const counts = new Uint32Array(BUCKETS);
const sums = new Float64Array(BUCKETS);

/**
 * The personal threshold (Eq. 20-21): the count kappa in 1..N-1 for which the two segments of the sorted row have the
 * least sum of squared errors, exactly, without sorting the row. A row of one value, or of equal ones, has kappa 1.
 *
 * With D = sum of the top eta values - eta * mean, the error falls by G = N D^2 / (eta (N - eta)). G is convex in
 * (count, sum), so inside a bucket it is bounded by the corners of a triangle; only buckets whose bound reaches the
 * best border are sorted.
 * @param row N >= 1 finite float32 values >= 0
 */
export function splitRow(row: Float32Array): Split {
  const size = row.length;
  let low = Infinity;
  let high = -Infinity;
  for (const value of row) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (size === 1 || low === high) return { kappa: 1, threshold: high };

  const mean = meanAbove(row, low);
  const bits = new Uint32Array(row.buffer, row.byteOffset, size);
  for (let index = 0; index < size; index++) {
    const bucket = bits[index]! >>> SHIFT;
    counts[bucket]!++;
    sums[bucket]! += row[index]! - low - mean;
  }
  const first = bitsOf(high) >>> SHIFT;
  const last = bitsOf(low) >>> SHIFT;
  const gain = (count: number, excess: number) =>
    count > 0 && count < size ? (size * excess * excess) / (count * (size - count)) : 0;

  const floor = bestBorder(first, last, gain) * (1 - 1e-9);
  let best = 0;
  let kappa = 1;
  const consider = (count: number, excess: number) => {
    const value = gain(count, excess);
    if (value > best * (1 + TIE)) {
      best = value;
      kappa = count;
    }
  };
  let count = 0;
  let excess = 0;
  for (let bucket = first; bucket >= last; bucket--) {
    const inside = counts[bucket]!;
    if (inside === 0) continue;
    if (inside > 1 && insideBound(bucket, count, excess, low + mean, gain) >= floor) {
      let running = excess;
      for (const [index, value] of bucketDescending(row, bits, bucket, inside).entries()) {
        running += value - low - mean;
        if (index < inside - 1) consider(count + index + 1, running);
      }
    }
    count += inside;
    excess += sums[bucket]!;
    consider(count, excess);
  }
  const threshold = nthLargest(row, bits, first, kappa);
  counts.fill(0, last, first + 1);
  sums.fill(0, last, first + 1);
  return { kappa, threshold };
}

/** The mean of what the values have above `low`: differences of float32 values are exact, so near-constant rows keep their digits. */
function meanAbove(row: Float32Array, low: number): number {
  let sum = 0;
  for (const value of row) sum += value - low;
  return sum / row.length;
}

function bestBorder(first: number, last: number, gain: (count: number, excess: number) => number): number {
  let best = 0;
  let count = 0;
  let excess = 0;
  for (let bucket = first; bucket >= last; bucket--) {
    count += counts[bucket]!;
    excess += sums[bucket]!;
    best = Math.max(best, gain(count, excess));
  }
  return best;
}

/** The most that any split inside the bucket can gain: the path from its start to its end stays inside a triangle. */
function insideBound(
  bucket: number,
  count: number,
  excess: number,
  mean: number,
  gain: (count: number, excess: number) => number,
): number {
  const inside = counts[bucket]!;
  const steep = floatOf((bucket + 1) << SHIFT) - mean;
  const flat = floatOf(bucket << SHIFT) - mean;
  const steps = (sums[bucket]! - flat * inside) / (steep - flat);
  const corner = Math.min(Math.max(steps, 0), inside);
  return Math.max(
    gain(count, excess),
    gain(count + inside, excess + sums[bucket]!),
    gain(count + corner, excess + steep * corner),
  );
}

function bucketDescending(
  row: Float32Array,
  bits: Uint32Array,
  bucket: number,
  inside: number,
): Float32Array {
  const members = new Float32Array(inside);
  let size = 0;
  for (let index = 0; index < row.length; index++) {
    if (bits[index]! >>> SHIFT === bucket) members[size++] = row[index]!;
  }
  return members.sort().reverse();
}

/** The n-th largest value, by the buckets of the row. */
function nthLargest(row: Float32Array, bits: Uint32Array, first: number, n: number): number {
  let before = 0;
  let bucket = first;
  while (before + counts[bucket]! < n) before += counts[bucket--]!;
  return bucketDescending(row, bits, bucket, counts[bucket]!)[n - before - 1]!;
}

const floatView = new Float32Array(1);
const bitsView = new Uint32Array(floatView.buffer);

function bitsOf(value: number): number {
  floatView[0] = value;
  return bitsView[0]!;
}

function floatOf(bits: number): number {
  bitsView[0] = bits;
  return floatView[0]!;
}
