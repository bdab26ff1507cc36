import { sortDescending } from "./sort";
import { keepAbove } from "./keep";

/** Up to 2^11 buckets (one more where the range is not aligned). */
const BUCKETS_LOG: i32 = 11;
/** A bucket is one 64-bit number: how many values it has (upper 22 bits) over the sum of their low bits (42). */
const LOW_BITS: i32 = 42;
const LOW_MASK: i64 = (1 << 42) - 1;
/** Shorter lists are sorted as they are. */
const SORTED: i32 = 256;

/** What is scratch while a row is split: table of 2049 x 8 bytes, spare of count x 4 bytes, counts of 256 x 4. */
let table: usize = 0;
let spare: usize = 0;
let digits: usize = 0;

/** The row: its length, its mean as centre + drift, and the best split so far. */
let size: i32 = 0;
let centre: f64 = 0;
let drift: f64 = 0;
let gain: f64 = 0;
let kappa: i32 = 0;
let threshold: f32 = 0;

/** G = D^2 / (eta (N - eta)), up to a factor N the drop in squared error of a split after the eta largest values. */
// @ts-ignore: decorator
@inline
function gainOf(excess: f64, eta: f64): f64 {
  return (excess * excess) / (eta * (<f64>size - eta));
}

// @ts-ignore: decorator
@inline
function floatOf(bits: i32): f64 {
  return <f64>reinterpret<f32>(bits);
}

/**
 * The personal split (Eq. 20) of a row of `count` values >= 0, padded with zeros to whole vectors: kappa maximises
 * G(eta) = D(eta)^2 / (eta (N - eta)), D(eta) the sum of the eta largest values less eta means; ties take the
 * smallest. Writes total (f64), threshold (f32), kappa (i32) and the number of values kept in `list` (i32).
 *
 * Only values of at least `cut` (about the mean, never above it) are looked at. Past them D only falls and is at
 * most (N - eta) means, which bounds G; a row whose bound does not settle it is looked at whole.
 */
export function split(row: usize, count: i32, cut: f32, list: usize, scratch: usize, result: usize): void {
  digits = scratch;
  table = scratch + 1024;
  spare = table + ((1 << BUCKETS_LOG) + 8 << 3);
  size = count;
  const kept = keepAbove(row, count, cut, list, result);
  const total = load<f64>(result);
  const mean = total / <f64>count;
  centre = <f64>(<f32>mean);
  drift = mean - centre;
  let settled = kept < count && <f64>cut <= mean;
  if (settled) {
    const excess = search(list, kept, list + (<usize>kept << 2) + 16);
    const eta = <f64>count - excess / mean;
    settled = gainOf(excess, eta) < gain * (1 - 1e-9);
  }
  if (!settled) search(row, count, list + (<usize>kept << 2) + 16);
  store<f64>(result, total);
  store<f32>(result, threshold, 8);
  store<i32>(result, kappa, 12);
  store<i32>(result, kept, 16);
}

/** Finds the best split after one of `values`, the largest `count` of the row. Returns D after all of them. */
function search(values: usize, count: i32, room: usize): f64 {
  gain = -1;
  kappa = 1;
  if (count > SORTED) return searchBuckets(values, count, room);
  memory.copy(room, values, <usize>count << 2);
  return searchSorted(sortDescending(room, count, spare, digits), count, 0, 0);
}

/** Tries every value of a sorted list; `above` values of the row with the sum of deviations `sum` are larger. */
function searchSorted(sorted: usize, count: i32, above: i32, sum: f64): f64 {
  for (let at = 0; at < count; at++) {
    const value = load<f32>(sorted + (at << 2));
    above++;
    sum += <f64>value - centre;
    if (above == size) break;
    const here = gainOf(sum - <f64>above * drift, <f64>above);
    if (here > gain * (1 + 1e-12)) {
      gain = here;
      kappa = above;
      threshold = value;
    }
  }
  return sum - <f64>above * drift;
}

/**
 * Counts the values into buckets by their leading bits. G after whole buckets is known from counts and sums.
 * Inside a bucket (eta, D) lies in a triangle over which G is convex, so that G at its apex is a bound; only
 * where that reaches the best border are values sorted and tried one by one.
 */
function searchBuckets(values: usize, count: i32, room: usize): f64 {
  let lows = i32x4.splat(i32.MAX_VALUE);
  let highs = i32x4.splat(0);
  let at = values;
  const end = values + (<usize>count << 2);
  for (const stop = values + (<usize>(count >> 2) << 4); at != stop; at += 16) {
    lows = i32x4.min_s(lows, v128.load(at));
    highs = i32x4.max_s(highs, v128.load(at));
  }
  lows = i32x4.min_s(lows, v128.shuffle<i32>(lows, lows, 2, 3, 0, 1));
  highs = i32x4.max_s(highs, v128.shuffle<i32>(highs, highs, 2, 3, 0, 1));
  let low = min(i32x4.extract_lane(lows, 0), i32x4.extract_lane(lows, 1));
  let high = max(i32x4.extract_lane(highs, 0), i32x4.extract_lane(highs, 1));
  for (; at != end; at += 4) {
    low = min(low, load<i32>(at));
    high = max(high, load<i32>(at));
  }
  if (low == high) {
    threshold = reinterpret<f32>(low);
    return 0;
  }
  const shift = max(0, 32 - BUCKETS_LOG - clz(high - low));
  const first = low >> shift;
  const buckets = (high >> shift) - first + 1;
  countBuckets(values, end, shift, first, buckets);
  if (count == size) {
    let deviation: f64 = 0;
    for (let index = buckets - 1; index >= 0; index--) deviation += deviationOf(index, first, shift);
    drift = deviation / <f64>size;
  }
  let above = 0;
  let sum: f64 = 0;
  let best: f64 = 0;
  for (let index = buckets - 1; index >= 0; index--) {
    const here = countOf(index);
    if (here == 0) continue;
    above += here;
    sum += deviationOf(index, first, shift);
    if (above < size) best = max(best, gainOf(sum - <f64>above * drift, <f64>above));
  }
  const excess = sum - <f64>above * drift;
  const bar = best * (1 - 1e-9);
  const widest = <f64>((1 << shift) - 1);
  let lowest = -1;
  let highest = -1;
  let aboveHighest = 0;
  let sumHighest: f64 = 0;
  above = 0;
  sum = 0;
  for (let index = buckets - 1; index >= 0; index--) {
    const here = countOf(index);
    if (here == 0) continue;
    const next = sum + deviationOf(index, first, shift);
    let reached = above + here < size && gainOf(next - <f64>(above + here) * drift, <f64>(above + here)) >= bar;
    if (!reached && here > 1 && shift > 0) {
      const steps = <f64>(load<i64>(table + (<usize>index << 3)) & LOW_MASK) / widest;
      const rise = floatOf(((first + index + 1) << shift) - 1) - centre - drift;
      reached = gainOf(sum - <f64>above * drift + steps * rise, <f64>above + steps) >= bar;
    }
    if (reached) {
      if (highest < 0) {
        highest = index;
        aboveHighest = above;
        sumHighest = sum;
      }
      lowest = index;
    }
    above += here;
    sum = next;
  }
  const taken = keepRange(values, count, (first + lowest) << shift, ((first + highest + 1) << shift) - 1, room);
  searchSorted(sortDescending(room, taken, spare, digits), taken, aboveHighest, sumHighest);
  return excess;
}

function countBuckets(values: usize, end: usize, shift: i32, first: i32, buckets: i32): void {
  memory.fill(table, 0, <usize>buckets << 3);
  const origin = table - (<usize>first << 3);
  const mask = (1 << shift) - 1;
  for (; values != end; values += 4) {
    const bits = load<i32>(values);
    const bucket = origin + (<usize>(bits >> shift) << 3);
    store<i64>(bucket, load<i64>(bucket) + ((<i64>1 << LOW_BITS) + <i64>(bits & mask)));
  }
}

// @ts-ignore: decorator
@inline
function countOf(index: i32): i32 {
  return <i32>(load<i64>(table + (<usize>index << 3)) >> LOW_BITS);
}

/** Sum of (value - centre) over a bucket; exact but for the last addition. */
// @ts-ignore: decorator
@inline
function deviationOf(index: i32, first: i32, shift: i32): f64 {
  const base = (first + index) << shift;
  const unit = floatOf(base + 1) - floatOf(base);
  const lowSum = <f64>(load<i64>(table + (<usize>index << 3)) & LOW_MASK);
  return <f64>countOf(index) * (floatOf(base) - centre) + lowSum * unit;
}

/** Copies the values whose bits lie in low..high. Returns their number. */
function keepRange(values: usize, count: i32, low: i32, high: i32, room: usize): i32 {
  let next = room;
  for (const end = values + (<usize>count << 2); values != end; values += 4) {
    const bits = load<i32>(values);
    store<i32>(next, bits);
    next += <usize>(bits >= low && bits <= high) << 2;
  }
  return <i32>((next - room) >> 2);
}
