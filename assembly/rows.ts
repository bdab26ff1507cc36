import { exp2, highest, lowest, multiplyAdd } from "./vector";

/** So many bytes of float32 are added up before the sum moves on to float64. */
const CHUNK: usize = 512 << 5;

// @ts-ignore: decorator
@inline
function sumOf(lanes: v128): f64 {
  const pair = f64x2.add(
    f64x2.promote_low_f32x4(lanes),
    f64x2.promote_low_f32x4(v128.shuffle<i32>(lanes, lanes, 2, 3, 2, 3)),
  );
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** Turns a row of t into 2^t in place; -126 <= t <= 126. Returns the sum. */
export function powerRow(row: usize, bytes: usize): f64 {
  const end = row + bytes;
  let total: f64 = 0;
  while (row != end) {
    const stop = min(end, row + CHUNK);
    let a = f32x4.splat(0);
    let b = a;
    for (; row != stop; row += 32) {
      const powerA = exp2(v128.load(row));
      const powerB = exp2(v128.load(row, 16));
      v128.store(row, powerA);
      v128.store(row, powerB, 16);
      a = f32x4.add(a, powerA);
      b = f32x4.add(b, powerB);
    }
    total += sumOf(f32x4.add(a, b));
  }
  return total;
}

/** plan = power * max(itemWeight, weight), in place. result: cost f64, total f64, low f32, high f32 */
export function planRow(
  row: usize,
  bytes: usize,
  weights: usize,
  logs: usize,
  rowWeight: f32,
  rowLog: f32,
  result: usize,
): void {
  const end = row + bytes;
  const weight = f32x4.splat(rowWeight);
  const log = f32x4.splat(rowLog);
  let cost: f64 = 0;
  let total: f64 = 0;
  let low = f32x4.splat(f32.MAX_VALUE);
  let high = f32x4.splat(0);
  while (row != end) {
    const stop = min(end, row + CHUNK);
    let costs = f32x4.splat(0);
    let totals = costs;
    for (; row != stop; row += 16) {
      const plan = f32x4.mul(v128.load(row), f32x4.pmax(v128.load(weights), weight));
      v128.store(row, plan);
      totals = f32x4.add(totals, plan);
      costs = multiplyAdd(plan, f32x4.pmax(v128.load(logs), log), costs);
      low = f32x4.pmin(low, plan);
      high = f32x4.pmax(high, plan);
      weights += 16;
      logs += 16;
    }
    cost += sumOf(costs);
    total += sumOf(totals);
  }
  store<f64>(result, cost);
  store<f64>(result, total, 8);
  low = f32x4.pmin(low, v128.shuffle<i32>(low, low, 2, 3, 0, 1));
  low = f32x4.pmin(low, v128.shuffle<i32>(low, low, 1, 0, 3, 2));
  high = f32x4.pmax(high, v128.shuffle<i32>(high, high, 2, 3, 0, 1));
  high = f32x4.pmax(high, v128.shuffle<i32>(high, high, 1, 0, 3, 2));
  store<f32>(result, f32x4.extract_lane(low, 0), 16);
  store<f32>(result, f32x4.extract_lane(high, 0), 20);
}

/** Copies the values at `indices` of a row. */
export function gather(row: usize, indices: usize, count: i32, values: usize): void {
  for (let at = 0; at < count; at++) {
    store<u32>(values + (at << 2), load<u32>(row + (<usize>load<u32>(indices + (at << 2)) << 2)));
  }
}
