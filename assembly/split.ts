import { keep } from "./keep";
import { sortDescending } from "./sort";

/**
 * The personal split (Eq. 20) without sorting the row. With the values in descending order, D(eta) = sum of the
 * eta largest less eta means; kappa maximises G(eta) = D^2 / (eta (N - eta)), ties take the smallest eta.
 */

/** A list this short is sorted as it is. */
const SORTED: i32 = 256;
/** A bucket is one 64-bit number: how many values it has (upper 22 bits) over the sum of their low bits (42). */
const LOW_BITS: i32 = 42;
const LOW_MASK: i64 = (1 << 42) - 1;
/** Buckets within this share of the best border are looked into; it covers the rounding of the bounds. */
const NEAR: f64 = 1 - 1e-9;

/** Scratch: 256 integers, up to 2049 buckets, and as many floats as the row has with its padding. */
let digits: usize = 0;
let buckets: usize = 0;
let spare: usize = 0;

/** The row's length, its mean (centre + drift: a float32 and a small rest), and the best split found. */
let size: i32 = 0;
let centre: f64 = 0;
let drift: f64 = 0;
let gain: f64 = 0;
let kappa: i32 = 0;
let threshold: f32 = 0;

/**
 * Splits a row of `count` floats >= 0 that add up to `total`; its padding is 0. `list` (room for twice the row
 * and 16 floats more) gets all values from the mean up. Writes to `result`: kappa, how many are in the list, the
 * threshold (the kappa-th largest value) and the least value of the list, four bytes each.
 *
 * Past the list, D only falls, and it is at most (N - eta) means. That bounds G at every eta there; only a row
 * where the bound does not settle it is looked at whole.
 */
export function split(row: usize, count: i32, total: f64, list: usize, scratch: usize, result: usize): void {
  digits = scratch;
  buckets = scratch + 1024;
  spare = buckets + (2056 << 3);
  size = count;
  const mean = total / <f64>count;
  centre = <f64>(<f32>mean);
  drift = mean - centre;
  const cut = max(1, reinterpret<i32>(<f32>mean) - <i32>(centre > mean));
  const kept = keep(row, count, cut, i32.MAX_VALUE - 1, list);
  const room = list + (<usize>kept << 2) + 16;
  let settled = kept > 0 && kept < count;
  if (settled) {
    const excess = search(list, kept, cut, room);
    settled = gainOf(excess, <f64>count - excess / mean) < gain * NEAR;
  }
  if (!settled) searchAll(row, count, room);
  store<i32>(result, kappa);
  store<i32>(result, kept, 4);
  store<f32>(result, threshold, 8);
  store<i32>(result, cut, 12);
}

/** The `n`-th largest value of a row. `list` and `scratch` as for split. */
export function nthLargest(row: usize, count: i32, n: i32, list: usize, scratch: usize): f32 {
  memory.copy(list, row, <usize>count << 2);
  return load<f32>(sortDescending(list, count, list + (<usize>count << 2), scratch) + (<usize>(n - 1) << 2));
}

// @ts-ignore: decorator
@inline
function gainOf(excess: f64, eta: f64): f64 {
  return (excess * excess) / (eta * (<f64>size - eta));
}

/** Finds the best split of a row that is looked at whole. */
function searchAll(row: usize, count: i32, room: usize): void {
  const low = leastOf(row, count);
  if (low == largestOf(row, count)) {
    kappa = 1;
    threshold = reinterpret<f32>(low);
    return;
  }
  drift = deviationOf(row, count) / <f64>count;
  search(row, count, low, room);
}

/** Finds the best split after one of `values`, the `count` largest of the row, none below `low`. Returns D after all of them. */
function search(values: usize, count: i32, low: i32, room: usize): f64 {
  gain = -1;
  if (count > SORTED) return searchBuckets(values, count, low, room);
  memory.copy(room, values, <usize>count << 2);
  return searchSorted(sortDescending(room, count, spare, digits), count, 0, 0);
}

/** Tries each of `count` sorted values, zeros of the padding among them or not; the row has `above` larger ones, whose deviations add up to `sum`. */
function searchSorted(sorted: usize, count: i32, above: i32, sum: f64): f64 {
  for (const end = sorted + (<usize>count << 2); sorted != end; sorted += 4) {
    const value = load<f32>(sorted);
    above++;
    sum += <f64>value - centre;
    const here = above >= size ? 0 : gainOf(sum - <f64>above * drift, <f64>above);
    if (here > gain * (1 + 1e-12)) {
      gain = here;
      kappa = above;
      threshold = value;
    }
  }
  return sum - <f64>above * drift;
}

/**
 * Counts the values into buckets by their leading bits. G after whole buckets is known from their counts and
 * sums. Inside a bucket (eta, D) lies in a triangle over which G is convex, so that G at its apex is a bound;
 * only where that reaches the best border are values sorted and tried one by one.
 */
function searchBuckets(values: usize, count: i32, low: i32, room: usize): f64 {
  const high = largestOf(values, count);
  /** Sixteen to 32 values a bucket, 2^9 to 2^11 buckets: enough that a bucket has one exponent. */
  const shift = max(0, 32 - max(9, min(11, 27 - clz(count))) - clz(high - low));
  const first = low >> shift;
  const last = high >> shift;
  const origin = buckets - (<usize>first << 3);
  countBuckets(values, count, shift, origin, buckets, origin + (<usize>last << 3));
  let above = 0;
  let excess: f64 = 0;
  let best: f64 = 0;
  for (let index = last; index >= first; index--) {
    const here = countOf(origin, index);
    if (here == 0) continue;
    above += here;
    excess += excessOf(origin, index, shift);
    if (above < size) best = max(best, gainOf(excess, <f64>above));
  }
  const all = excess;
  const bar = best * NEAR;
  const steps = <f64>((1 << shift) - 1);
  let highest = -1;
  let lowest = -1;
  let aboveHighest = 0;
  let excessHighest: f64 = 0;
  above = 0;
  excess = 0;
  for (let index = last; index >= first; index--) {
    const here = countOf(origin, index);
    if (here == 0) continue;
    const next = excess + excessOf(origin, index, shift);
    let reaches = above + here < size && gainOf(next, <f64>(above + here)) >= bar;
    if (!reaches && shift > 0) {
      const part = <f64>(load<i64>(origin + (<usize>index << 3)) & LOW_MASK) / steps;
      const rise = floatOf(((index + 1) << shift) - 1) - centre - drift;
      reaches = gainOf(excess + part * rise, <f64>above + part) >= bar;
    }
    if (reaches) {
      if (highest < 0) {
        highest = index;
        aboveHighest = above;
        excessHighest = excess;
      }
      lowest = index;
    }
    above += here;
    excess = next;
  }
  const taken = keep(values, count, lowest << shift, ((highest + 1) << shift) - 1, room);
  const sorted = sortDescending(room, taken, spare, digits);
  searchSorted(sorted, taken, aboveHighest, excessHighest + <f64>aboveHighest * drift);
  return all;
}

function countBuckets(values: usize, count: i32, shift: i32, origin: usize, from: usize, to: usize): void {
  memory.fill(from, 0, to + 8 - from);
  const mask = (1 << shift) - 1;
  for (const end = values + (<usize>count << 2); values != end; values += 4) {
    const bits = load<i32>(values);
    const bucket = origin + (<usize>(bits >> shift) << 3);
    store<i64>(bucket, load<i64>(bucket) + ((<i64>1 << LOW_BITS) + <i64>(bits & mask)));
  }
}

// @ts-ignore: decorator
@inline
function floatOf(bits: i32): f64 {
  return <f64>reinterpret<f32>(bits);
}

// @ts-ignore: decorator
@inline
function countOf(origin: usize, index: i32): i32 {
  return <i32>(load<i64>(origin + (<usize>index << 3)) >> LOW_BITS);
}

/** Sum of (value - mean) over a bucket: all its values have one exponent, so that their low bits add up exactly. */
// @ts-ignore: decorator
@inline
function excessOf(origin: usize, index: i32, shift: i32): f64 {
  const bucket = load<i64>(origin + (<usize>index << 3));
  const base = floatOf(index << shift);
  const unit = floatOf((index << shift) + 1) - base;
  return <f64>(bucket >> LOW_BITS) * (base - centre - drift) + <f64>(bucket & LOW_MASK) * unit;
}

/** The bits of the largest value; the padding is 0. */
function largestOf(values: usize, count: i32): i32 {
  let lanes = i32x4.splat(0);
  for (const end = values + (<usize>((count + 3) >> 2) << 4); values != end; values += 16) {
    lanes = i32x4.max_s(lanes, v128.load(values));
  }
  lanes = i32x4.max_s(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1));
  return max(i32x4.extract_lane(lanes, 0), i32x4.extract_lane(lanes, 1));
}

/** The bits of the least value. */
function leastOf(values: usize, count: i32): i32 {
  let least = i32.MAX_VALUE;
  for (const end = values + (<usize>count << 2); values != end; values += 4) least = min(least, load<i32>(values));
  return least;
}

/** Sum of (value - centre) over a row whose padding is 0. */
function deviationOf(row: usize, count: i32): f64 {
  const centres = f64x2.splat(centre);
  let a = f64x2.splat(0);
  let b = a;
  for (const end = row + (<usize>((count + 3) >> 2) << 4); row != end; row += 16) {
    const values = v128.load(row);
    const upper = v128.shuffle<i32>(values, values, 2, 3, 2, 3);
    a = f64x2.add(a, f64x2.sub(f64x2.promote_low_f32x4(values), centres));
    b = f64x2.add(b, f64x2.sub(f64x2.promote_low_f32x4(upper), centres));
  }
  a = f64x2.add(a, b);
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1) + <f64>(-count & 3) * centre;
}
