import { exp2, exp2OrLess, exp2OrZero } from "./exp2";
import { firstLanes, multiplyAdd, sumOf } from "./vector";

/**
 * A row of `count` numbers fills whole vectors; what its last vector has beyond them is padding. "Narrow" rows
 * have scores so small that 2^score and all that is made of it are normal float32; "wide" rows may have any.
 */

/** So many bytes of float32 are added up before their sum moves on to float64. */
const CHUNK: usize = 1024 << 4;

// @ts-ignore: decorator
@inline
function bytesOf(count: i32): usize {
  return <usize>((count + 3) >> 2) << 4;
}

/**
 * Turns a narrow row of scores t into 2^t, the padding into 0. Writes the sum (float64), the least and the largest
 * t (float32) to `result`.
 */
export function powerRow(row: usize, count: i32, result: usize): void {
  const end = row + (<usize>(count >> 2) << 4);
  let low = v128.load32_splat(row);
  let high = low;
  let total: f64 = 0;
  while (row != end) {
    const stop = min(end, row + CHUNK);
    let sum = f32x4.splat(0);
    for (; row != stop; row += 16) {
      const score = v128.load(row);
      low = f32x4.pmin(low, score);
      high = f32x4.pmax(high, score);
      const power = exp2(score);
      v128.store(row, power);
      sum = f32x4.add(sum, power);
    }
    total += sumOf(sum);
  }
  if ((count & 3) != 0) {
    const inside = firstLanes(count & 3);
    const score = v128.bitselect(v128.load(row), v128.load32_splat(row), inside);
    low = f32x4.pmin(low, score);
    high = f32x4.pmax(high, score);
    const power = v128.and(exp2(score), inside);
    v128.store(row, power);
    total += sumOf(power);
  }
  store<f64>(result, total);
  store<f32>(result, least(low), 8);
  store<f32>(result, largest(high), 12);
}

// @ts-ignore: decorator
@inline
function least(lanes: v128): f32 {
  lanes = f32x4.pmin(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmin(lanes, v128.shuffle<i32>(lanes, lanes, 1, 0, 3, 2)), 0);
}

// @ts-ignore: decorator
@inline
function largest(lanes: v128): f32 {
  lanes = f32x4.pmax(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(lanes, v128.shuffle<i32>(lanes, lanes, 1, 0, 3, 2)), 0);
}

/**
 * Turns a narrow row of powers into the plan, power * max(weight of the item, weight of the user), in place.
 * `logs` and `log` are the weights' binary logarithms. Writes the row's total to `result` and the sum of
 * plan * max(log, log) to result + 8, both float64.
 */
export function planRow(
  row: usize,
  count: i32,
  weights: usize,
  logs: usize,
  weight: f32,
  log: f32,
  result: usize,
): void {
  const end = row + bytesOf(count);
  const userWeight = f32x4.splat(weight);
  const userLog = f32x4.splat(log);
  let totalA = f64x2.splat(0);
  let totalB = totalA;
  let cost: f64 = 0;
  while (row != end) {
    const stop = min(end, row + CHUNK);
    let costs = f32x4.splat(0);
    for (; row != stop; row += 16) {
      const plan = f32x4.mul(v128.load(row), f32x4.pmax(v128.load(weights), userWeight));
      v128.store(row, plan);
      costs = multiplyAdd(plan, f32x4.pmax(v128.load(logs), userLog), costs);
      totalA = f64x2.add(totalA, f64x2.promote_low_f32x4(plan));
      totalB = f64x2.add(totalB, f64x2.promote_low_f32x4(v128.shuffle<i32>(plan, plan, 2, 3, 2, 3)));
      weights += 16;
      logs += 16;
    }
    cost += sumOf(costs);
  }
  totalA = f64x2.add(totalA, totalB);
  store<f64>(result, f64x2.extract_lane(totalA, 0) + f64x2.extract_lane(totalA, 1));
  store<f64>(result, cost, 8);
}

/** The same for a wide row, which is left as it is: the sum is of 2^(t - peak), the peak at result + 16 a whole number. */
export function sumWideRow(row: usize, count: i32, result: usize): void {
  const end = row + bytesOf(count);
  padWith(end, count, load<f32>(row));
  let low = v128.load(row);
  let high = low;
  for (let at = row; at != end; at += 16) {
    low = f32x4.pmin(low, v128.load(at));
    high = f32x4.pmax(high, v128.load(at));
  }
  const peak = ceil(largest(high));
  padWith(end, count, -2e38);
  const peaks = f32x4.splat(peak);
  let total: f64 = 0;
  for (; row != end; row += 16) total += sumOf(exp2OrLess(f32x4.sub(v128.load(row), peaks)));
  store<f64>(result, total);
  store<f32>(result, least(low), 8);
  store<f32>(result, largest(high), 12);
  store<f32>(result, peak, 16);
}

function padWith(end: usize, count: i32, value: f32): void {
  if ((count & 3) == 0) return;
  v128.store(end - 16, v128.bitselect(v128.load(end - 16), f32x4.splat(value), firstLanes(count & 3)));
}

/**
 * Turns a wide row of scores t, padded as sumWideRow left it, into the plan 2^E over 2^peak in place, where
 * E = max(t - exponent + offset of the item, t - exponent + offset of the user) and peak is the largest E rounded
 * up. Writes total and sum of plan * max(offset - exponent) as planRow does, and the peak (float32) to result + 16.
 */
export function planWideRow(
  row: usize,
  count: i32,
  exponents: usize,
  offsets: usize,
  exponent: f32,
  offset: f32,
  result: usize,
): void {
  const bytes = bytesOf(count);
  const userExponent = f32x4.splat(exponent);
  const userOffset = f32x4.splat(offset);
  let high = f32x4.splat(-2e38);
  for (let at: usize = 0; at != bytes; at += 16) {
    const score = v128.load(row + at);
    const power = f32x4.pmax(
      f32x4.add(f32x4.sub(score, v128.load(exponents + at)), v128.load(offsets + at)),
      f32x4.add(f32x4.sub(score, userExponent), userOffset),
    );
    v128.store(row + at, power);
    high = f32x4.pmax(high, power);
  }
  const peak = ceil(largest(high));
  const peaks = f32x4.splat(peak);
  const userLog = f32x4.sub(userOffset, userExponent);
  let total: f64 = 0;
  let cost: f64 = 0;
  for (let at: usize = 0; at != bytes; at += 16) {
    const plan = exp2OrZero(f32x4.sub(v128.load(row + at), peaks));
    v128.store(row + at, plan);
    const log = f32x4.pmax(f32x4.sub(v128.load(offsets + at), v128.load(exponents + at)), userLog);
    total += sumOf(plan);
    cost += sumOf(f32x4.mul(plan, log));
  }
  store<f64>(result, total);
  store<f64>(result, cost, 8);
  store<f32>(result, peak, 16);
}

/** The sum in float64 of a row whose padding is 0; NaN unless all are finite and >= 0 (and none is -0). */
export function sumRow(row: usize, count: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let highest = i32x4.splat(0);
  for (const end = row + bytesOf(count); row != end; row += 16) {
    const values = v128.load(row);
    highest = i32x4.max_u(highest, values);
    a = f64x2.add(a, f64x2.promote_low_f32x4(values));
    b = f64x2.add(b, f64x2.promote_low_f32x4(v128.shuffle<i32>(values, values, 2, 3, 2, 3)));
  }
  if (v128.any_true(i32x4.gt_u(highest, i32x4.splat(0x7f7fffff)))) return NaN;
  a = f64x2.add(a, b);
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

/** Copies the values at `indices` of a row. */
export function gather(row: usize, indices: usize, count: i32, values: usize): void {
  for (const end = indices + (<usize>count << 2); indices != end; indices += 4) {
    store<u32>(values, load<u32>(row + (<usize>load<u32>(indices) << 2)));
    values += 4;
  }
}
