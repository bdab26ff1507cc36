import { exp2, exp2OrLess, exp2OrZero } from "./exp2";
import { multiplyAdd, sumOf } from "./vector";

/** What a network does with every number. `count` numbers fill whole vectors: what the last one has beyond them is padding. */

const LOG2_E: f32 = 1.4426950408889634;

// @ts-ignore: decorator
@inline
function bytesOf(count: i32): usize {
  return <usize>((count + 3) >> 2) << 4;
}

/** Turns each value into 1 / (1 + e^-value), in place. */
export function sigmoid(values: usize, count: i32): void {
  const scale = f32x4.splat(-LOG2_E);
  const one = f32x4.splat(1);
  const least = f32x4.splat(-126);
  const most = f32x4.splat(126);
  for (const end = values + bytesOf(count); values != end; values += 16) {
    const t = f32x4.max(least, f32x4.min(most, f32x4.mul(v128.load(values), scale)));
    v128.store(values, f32x4.div(one, f32x4.add(one, exp2(t))));
  }
}

/** The largest of a row, NaN if there is one; the padding counts. */
export function largestOf(row: usize, count: i32): f32 {
  let high = v128.load(row);
  for (const end = row + bytesOf(count); row != end; row += 16) high = f32x4.max(high, v128.load(row));
  high = f32x4.max(high, v128.shuffle<i32>(high, high, 2, 3, 0, 1));
  return max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1));
}

/** Sum of e^(value - peak) of a row, the padding included; no value is above the peak. */
export function sumExponentials(row: usize, count: i32, peak: f32): f64 {
  const scale = f32x4.splat(LOG2_E);
  const peaks = f32x4.splat(peak);
  let total: f64 = 0;
  const end = row + bytesOf(count);
  while (row != end) {
    const stop = min(end, row + 16384);
    let sum = f32x4.splat(0);
    for (; row != stop; row += 16) {
      sum = f32x4.add(sum, exp2OrLess(f32x4.mul(f32x4.sub(v128.load(row), peaks), scale)));
    }
    total += sumOf(sum);
  }
  return total;
}

/** Turns each value into e^(value - shift), in place. */
export function exponentials(row: usize, count: i32, shift: f32): void {
  const scale = f32x4.splat(LOG2_E);
  const shifts = f32x4.splat(shift);
  for (const end = row + bytesOf(count); row != end; row += 16) {
    v128.store(row, exp2OrZero(f32x4.mul(f32x4.sub(v128.load(row), shifts), scale)));
  }
}

/**
 * A step of Adam in place, with g = scale * gradient + decay * value: first = a first + (1 - a) g,
 * second = b second + (1 - b) g^2, value -= rate * first / (sqrt(second) + epsilon).
 */
export function adam(
  values: usize,
  first: usize,
  second: usize,
  gradient: usize,
  count: i32,
  scale: f32,
  decay: f32,
  a: f32,
  b: f32,
  rate: f32,
  epsilon: f32,
): void {
  const bytes = bytesOf(count);
  const scales = f32x4.splat(scale);
  const decays = f32x4.splat(decay);
  const keepFirst = f32x4.splat(a);
  const takeFirst = f32x4.splat(1 - a);
  const keepSecond = f32x4.splat(b);
  const takeSecond = f32x4.splat(1 - b);
  const rates = f32x4.splat(rate);
  const epsilons = f32x4.splat(epsilon);
  const least = f32x4.splat(1e-36);
  for (let at: usize = 0; at != bytes; at += 16) {
    const value = v128.load(values + at);
    const g = multiplyAdd(decays, value, f32x4.mul(scales, v128.load(gradient + at)));
    let m = multiplyAdd(keepFirst, v128.load(first + at), f32x4.mul(takeFirst, g));
    m = v128.and(m, f32x4.gt(f32x4.abs(m), least)); // numbers below normal float32 would be slow
    const v = multiplyAdd(keepSecond, v128.load(second + at), f32x4.mul(takeSecond, f32x4.mul(g, g)));
    v128.store(first + at, m);
    v128.store(second + at, v);
    v128.store(
      values + at,
      f32x4.sub(value, f32x4.div(f32x4.mul(rates, m), f32x4.add(f32x4.sqrt(v), epsilons))),
    );
  }
}
