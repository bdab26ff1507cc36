import { exp2OrZero } from "./exp2";

/**
 * Sinkhorn's sums over rows of the kernel (float32, `stride` bytes apart), in float64. `count` numbers a row, a
 * multiple of 4 whose last ones may be zeros of padding.
 */

/** sums[r] = <row r, weights> for `rows` rows. */
export function rowSums(kernel: usize, rows: i32, stride: usize, count: i32, weights: usize, sums: usize): void {
  const bytes = <usize>count << 2;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    let a0 = f64x2.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let weight = weights;
    for (const end = kernel + bytes; kernel != end; kernel += 16) {
      const low = v128.load(weight);
      const high = v128.load(weight, 16);
      let here = v128.load(kernel);
      a0 = f64x2.add(a0, f64x2.mul(f64x2.promote_low_f32x4(here), low));
      a1 = f64x2.add(a1, f64x2.mul(f64x2.promote_low_f32x4(upper(here)), high));
      let other = kernel + stride;
      here = v128.load(other);
      b0 = f64x2.add(b0, f64x2.mul(f64x2.promote_low_f32x4(here), low));
      b1 = f64x2.add(b1, f64x2.mul(f64x2.promote_low_f32x4(upper(here)), high));
      other += stride;
      here = v128.load(other);
      c0 = f64x2.add(c0, f64x2.mul(f64x2.promote_low_f32x4(here), low));
      c1 = f64x2.add(c1, f64x2.mul(f64x2.promote_low_f32x4(upper(here)), high));
      other += stride;
      here = v128.load(other);
      d0 = f64x2.add(d0, f64x2.mul(f64x2.promote_low_f32x4(here), low));
      d1 = f64x2.add(d1, f64x2.mul(f64x2.promote_low_f32x4(upper(here)), high));
      weight += 32;
    }
    store<f64>(sums, lanes(f64x2.add(a0, a1)));
    store<f64>(sums, lanes(f64x2.add(b0, b1)), 8);
    store<f64>(sums, lanes(f64x2.add(c0, c1)), 16);
    store<f64>(sums, lanes(f64x2.add(d0, d1)), 24);
    sums += 32;
    kernel += 4 * stride - bytes;
  }
  for (; row < rows; row++) {
    let a0 = f64x2.splat(0);
    let a1 = a0;
    let weight = weights;
    for (const end = kernel + bytes; kernel != end; kernel += 16) {
      const here = v128.load(kernel);
      a0 = f64x2.add(a0, f64x2.mul(f64x2.promote_low_f32x4(here), v128.load(weight)));
      a1 = f64x2.add(a1, f64x2.mul(f64x2.promote_low_f32x4(upper(here)), v128.load(weight, 16)));
      weight += 32;
    }
    store<f64>(sums, lanes(f64x2.add(a0, a1)));
    sums += 8;
    kernel += stride - bytes;
  }
}

/** columns += weights^T kernel. */
export function addWeighted(
  kernel: usize,
  rows: i32,
  stride: usize,
  count: i32,
  weights: usize,
  columns: usize,
): void {
  const bytes = <usize>count << 2;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const a = v128.load64_splat(weights);
    const b = v128.load64_splat(weights, 8);
    const c = v128.load64_splat(weights, 16);
    const d = v128.load64_splat(weights, 24);
    weights += 32;
    let column = columns;
    for (const end = kernel + bytes; kernel != end; kernel += 16) {
      let low = v128.load(column);
      let high = v128.load(column, 16);
      let here = v128.load(kernel);
      low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(here), a));
      high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(upper(here)), a));
      let other = kernel + stride;
      here = v128.load(other);
      low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(here), b));
      high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(upper(here)), b));
      other += stride;
      here = v128.load(other);
      low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(here), c));
      high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(upper(here)), c));
      other += stride;
      here = v128.load(other);
      low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(here), d));
      high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(upper(here)), d));
      v128.store(column, low);
      v128.store(column, high, 16);
      column += 32;
    }
    kernel += 4 * stride - bytes;
  }
  for (; row < rows; row++) {
    const a = v128.load64_splat(weights);
    weights += 8;
    let column = columns;
    for (const end = kernel + bytes; kernel != end; kernel += 16) {
      const here = v128.load(kernel);
      v128.store(column, f64x2.add(v128.load(column), f64x2.mul(f64x2.promote_low_f32x4(here), a)));
      v128.store(
        column,
        f64x2.add(v128.load(column, 16), f64x2.mul(f64x2.promote_low_f32x4(upper(here)), a)),
        16,
      );
      column += 32;
    }
    kernel += stride - bytes;
  }
}

/**
 * One row of the kernel: 2^(scale * value + offset - peak), peak being the largest exponent of the row, which is
 * returned. `values` and `offsets` are float64, `count` is a multiple of 4; padding has the offset -Infinity.
 */
export function kernelRow(values: usize, count: i32, scale: f64, offsets: usize, row: usize): f64 {
  const scales = f64x2.splat(scale);
  let most = f64x2.splat(-Infinity);
  const end = values + (<usize>count << 3);
  let offset = offsets;
  for (let value = values; value != end; value += 16) {
    const exponent = f64x2.add(f64x2.mul(v128.load(value), scales), v128.load(offset));
    v128.store(value, exponent);
    most = f64x2.pmax(most, exponent);
    offset += 16;
  }
  const peak = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  if (!(peak > -Infinity)) {
    memory.fill(row, 0, <usize>count << 2);
    return peak;
  }
  const peaks = f64x2.splat(peak);
  for (; values != end; values += 32) {
    const low = f64x2.sub(v128.load(values), peaks);
    const high = f64x2.sub(v128.load(values, 16), peaks);
    v128.store(row, power(low, high));
    row += 16;
  }
  return peak;
}

/** 2^t of four float64 <= 0 as float32: the whole part is taken off before float32 rounds. */
// @ts-ignore: decorator
@inline
function power(low: v128, high: v128): v128 {
  const floor = f64x2.splat(-200);
  const a = f64x2.pmax(low, floor);
  const b = f64x2.pmax(high, floor);
  const wholeA = f64x2.nearest(a);
  const wholeB = f64x2.nearest(b);
  const rest = join(f64x2.sub(a, wholeA), f64x2.sub(b, wholeB));
  const whole = join(wholeA, wholeB);
  const kept = f32x4.ge(whole, f32x4.splat(-125));
  const bits = i32x4.shl(i32x4.trunc_sat_f32x4_s(whole), 23);
  return v128.and(i32x4.add(smallPower(rest), bits), kept);
}

// @ts-ignore: decorator
@inline
function join(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** 2^t for -.5 <= t <= .5, to a rounding of float32. */
// @ts-ignore: decorator
@inline
function smallPower(t: v128): v128 {
  let sum = f32x4.splat(1.5403530394e-4);
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(1.3333558146e-3));
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(9.6181291076e-3));
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(5.5504108665e-2));
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(2.4022650696e-1));
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(6.9314718056e-1));
  return f32x4.add(f32x4.mul(sum, t), f32x4.splat(1));
}

/** The same from float32 values, which are replaced: 2^(value + offset - peak), `offsets` float32. Returns the peak. */
export function kernelRowInPlace(row: usize, count: i32, offsets: usize): f32 {
  let most = f32x4.splat(-Infinity);
  const end = row + (<usize>count << 2);
  let offset = offsets;
  for (let at = row; at != end; at += 16) {
    const exponent = f32x4.add(v128.load(at), v128.load(offset));
    v128.store(at, exponent);
    most = f32x4.pmax(most, exponent);
    offset += 16;
  }
  most = f32x4.pmax(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
  const peak = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
  if (!(peak > -Infinity)) {
    memory.fill(row, 0, <usize>count << 2);
    return peak;
  }
  const peaks = f32x4.splat(peak);
  for (; row != end; row += 16) v128.store(row, exp2OrZero(f32x4.sub(v128.load(row), peaks)));
  return peak;
}

// @ts-ignore: decorator
@inline
function upper(values: v128): v128 {
  return v128.shuffle<i32>(values, values, 2, 3, 2, 3);
}

// @ts-ignore: decorator
@inline
function lanes(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}
