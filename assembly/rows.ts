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

/** Turns a narrow row of scores t into 2^t, the padding into 0. Returns the sum. */
export function powerRow(row: usize, count: i32): f64 {
  const end = row + (<usize>(count >> 2) << 4);
  let total: f64 = 0;
  while (row != end) {
    const stop = min(end, row + CHUNK);
    let sum = f32x4.splat(0);
    for (; row != stop; row += 16) {
      const power = exp2(v128.load(row));
      v128.store(row, power);
      sum = f32x4.add(sum, power);
    }
    total += sumOf(sum);
  }
  if ((count & 3) == 0) return total;
  const power = v128.and(exp2(v128.load(row)), firstLanes(count & 3));
  v128.store(row, power);
  return total + sumOf(power);
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

/** Sum of 2^t over a wide row, as sum (float64, to `result`) times 2 to the exponent (float32, to result + 8). */
export function sumWideRow(row: usize, count: i32, result: usize): void {
  const end = row + bytesOf(count);
  if ((count & 3) != 0) {
    const inside = firstLanes(count & 3);
    v128.store(end - 16, v128.bitselect(v128.load(end - 16), f32x4.splat(-3e38), inside));
  }
  let peak = v128.load(row);
  for (let at = row; at != end; at += 16) peak = f32x4.pmax(peak, v128.load(at));
  peak = f32x4.pmax(peak, v128.shuffle<i32>(peak, peak, 2, 3, 0, 1));
  peak = f32x4.ceil(f32x4.pmax(peak, v128.shuffle<i32>(peak, peak, 1, 0, 3, 2)));
  let total: f64 = 0;
  for (let at = row; at != end; ) {
    const stop = min(end, at + CHUNK);
    let sum = f32x4.splat(0);
    for (; at != stop; at += 16) sum = f32x4.add(sum, exp2OrLess(f32x4.sub(v128.load(at), peak)));
    total += sumOf(sum);
  }
  store<f64>(result, total);
  store<f32>(result, f32x4.extract_lane(peak, 0), 8);
}

/**
 * Turns a wide row of scores t (its padding -3e38, as sumWideRow left it) into the plan 2^E in place,
 * E = max(t - exponent + offset of the item, t - exponent + offset of the user). Writes the same as planRow.
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
  const end = row + bytesOf(count);
  const userExponent = f32x4.splat(exponent);
  const userOffset = f32x4.splat(offset);
  let total: f64 = 0;
  let cost: f64 = 0;
  for (; row != end; row += 16) {
    const scores = v128.load(row);
    const powers = f32x4.pmax(
      f32x4.add(f32x4.sub(scores, v128.load(exponents)), v128.load(offsets)),
      f32x4.add(f32x4.sub(scores, userExponent), userOffset),
    );
    const plan = exp2OrZero(powers);
    v128.store(row, plan);
    total += sumOf(plan);
    cost += sumOf(f32x4.mul(plan, f32x4.sub(powers, scores)));
    exponents += 16;
    offsets += 16;
  }
  store<f64>(result, total);
  store<f64>(result, cost, 8);
}

/** The sum of a row whose padding is 0, in float64. */
export function sumRow(row: usize, count: i32): f64 {
  let total = f64x2.splat(0);
  for (const end = row + bytesOf(count); row != end; row += 16) {
    const values = v128.load(row);
    total = f64x2.add(total, f64x2.promote_low_f32x4(values));
    total = f64x2.add(total, f64x2.promote_low_f32x4(v128.shuffle<i32>(values, values, 2, 3, 2, 3)));
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** Copies the values at `indices` of a row. */
export function gather(row: usize, indices: usize, count: i32, values: usize): void {
  for (const end = indices + (<usize>count << 2); indices != end; indices += 4) {
    store<u32>(values, load<u32>(row + (<usize>load<u32>(indices) << 2)));
    values += 4;
  }
}
