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
      a0 = f64x2.add(a0, f64x2.mul(firstPair(kernel), low));
      a1 = f64x2.add(a1, f64x2.mul(secondPair(kernel), high));
      let other = kernel + stride;
      b0 = f64x2.add(b0, f64x2.mul(firstPair(other), low));
      b1 = f64x2.add(b1, f64x2.mul(secondPair(other), high));
      other += stride;
      c0 = f64x2.add(c0, f64x2.mul(firstPair(other), low));
      c1 = f64x2.add(c1, f64x2.mul(secondPair(other), high));
      other += stride;
      d0 = f64x2.add(d0, f64x2.mul(firstPair(other), low));
      d1 = f64x2.add(d1, f64x2.mul(secondPair(other), high));
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
      a0 = f64x2.add(a0, f64x2.mul(firstPair(kernel), v128.load(weight)));
      a1 = f64x2.add(a1, f64x2.mul(secondPair(kernel), v128.load(weight, 16)));
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
      low = f64x2.add(low, f64x2.mul(firstPair(kernel), a));
      high = f64x2.add(high, f64x2.mul(secondPair(kernel), a));
      let other = kernel + stride;
      low = f64x2.add(low, f64x2.mul(firstPair(other), b));
      high = f64x2.add(high, f64x2.mul(secondPair(other), b));
      other += stride;
      low = f64x2.add(low, f64x2.mul(firstPair(other), c));
      high = f64x2.add(high, f64x2.mul(secondPair(other), c));
      other += stride;
      low = f64x2.add(low, f64x2.mul(firstPair(other), d));
      high = f64x2.add(high, f64x2.mul(secondPair(other), d));
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
      v128.store(column, f64x2.add(v128.load(column), f64x2.mul(firstPair(kernel), a)));
      v128.store(
        column,
        f64x2.add(v128.load(column, 16), f64x2.mul(secondPair(kernel), a)),
        16,
      );
      column += 32;
    }
    kernel += stride - bytes;
  }
}

/**
 * One row of the kernel: 2^(scale * cost + offset - peak), peak being the largest exponent of the row, which is
 * returned. Costs are float64 (`wide`) or float32, offsets and the scratch `exponents` float64; `count` is a multiple
 * of 4, padding has the offset -Infinity.
 */
export function kernelRow(
  costs: usize,
  wide: bool,
  count: i32,
  scale: f64,
  offsets: usize,
  exponents: usize,
  row: usize,
): f64 {
  const peak = wide
    ? addOffsets<f64>(costs, count, scale, offsets, exponents)
    : addOffsets<f32>(costs, count, scale, offsets, exponents);
  if (!(peak > -Infinity)) {
    memory.fill(row, 0, <usize>count << 2);
    return peak;
  }
  const peaks = f64x2.splat(peak);
  const end = exponents + (<usize>count << 3);
  for (; exponents + 32 < end; exponents += 64) {
    v128.store(row, powers(exponents, peaks));
    v128.store(row, powers(exponents + 32, peaks), 16);
    row += 32;
  }
  if (exponents < end) v128.store(row, powers(exponents, peaks));
  return peak;
}

/** 2^(exponent - peak) of four exponents. */
// @ts-ignore: decorator
@inline
function powers(exponents: usize, peaks: v128): v128 {
  return power(f64x2.sub(v128.load(exponents), peaks), f64x2.sub(v128.load(exponents, 16), peaks));
}

/** exponents = scale * cost + offset. Returns the largest. */
function addOffsets<T>(costs: usize, count: i32, scale: f64, offsets: usize, exponents: usize): f64 {
  const scales = f64x2.splat(scale);
  let mostLow = f64x2.splat(-Infinity);
  let mostHigh = mostLow;
  for (const end = exponents + (<usize>count << 3); exponents != end; exponents += 32) {
    const low = f64x2.add(f64x2.mul(lowPair<T>(costs), scales), v128.load(offsets));
    const high = f64x2.add(f64x2.mul(highPair<T>(costs), scales), v128.load(offsets, 16));
    v128.store(exponents, low);
    v128.store(exponents, high, 16);
    mostLow = f64x2.pmax(mostLow, low);
    mostHigh = f64x2.pmax(mostHigh, high);
    costs += 4 * sizeof<T>();
    offsets += 32;
  }
  const most = f64x2.pmax(mostLow, mostHigh);
  return max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
}

/** sum of row_j weights_j cost_j. */
export function paid(row: usize, count: i32, weights: usize, costs: usize, wide: bool): f64 {
  return wide ? paidOf<f64>(row, count, weights, costs) : paidOf<f32>(row, count, weights, costs);
}

function paidOf<T>(row: usize, count: i32, weights: usize, costs: usize): f64 {
  let low = f64x2.splat(0);
  let high = low;
  for (const end = row + (<usize>count << 2); row != end; row += 16) {
    const a = f64x2.mul(firstPair(row), v128.load(weights));
    const b = f64x2.mul(secondPair(row), v128.load(weights, 16));
    low = f64x2.add(low, f64x2.mul(a, lowPair<T>(costs)));
    high = f64x2.add(high, f64x2.mul(b, highPair<T>(costs)));
    weights += 32;
    costs += 4 * sizeof<T>();
  }
  return lanes(f64x2.add(low, high));
}

/** result = [least, largest] as float64 of `count` (a multiple of 4, not 0) float64 or float32. False where one isn't finite. */
export function range(values: usize, count: i32, wide: bool, result: usize): bool {
  return wide ? rangeOf<f64>(values, count, result) : rangeOf<f32>(values, count, result);
}

function rangeOf<T>(values: usize, count: i32, result: usize): bool {
  let least = f64x2.splat(Infinity);
  let most = f64x2.splat(-Infinity);
  let spoiled = f64x2.splat(0);
  for (const end = values + <usize>count * sizeof<T>(); values != end; values += 4 * sizeof<T>()) {
    const low = lowPair<T>(values);
    const high = highPair<T>(values);
    least = f64x2.pmin(f64x2.pmin(least, low), high);
    most = f64x2.pmax(f64x2.pmax(most, low), high);
    spoiled = f64x2.add(spoiled, f64x2.mul(f64x2.sub(low, high), f64x2.splat(0)));
  }
  store<f64>(result, min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1)));
  store<f64>(result, max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1)), 8);
  return lanes(spoiled) == 0;
}

/** The first two float32 of four, as float64: to load each half by itself costs less than to move lanes. */
// @ts-ignore: decorator
@inline
function firstPair(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** The other two. */
// @ts-ignore: decorator
@inline
function secondPair(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at, 8));
}

// @ts-ignore: decorator
@inline
function lowPair<T>(at: usize): v128 {
  return sizeof<T>() == 8 ? v128.load(at) : firstPair(at);
}

// @ts-ignore: decorator
@inline
function highPair<T>(at: usize): v128 {
  return sizeof<T>() == 8 ? v128.load(at, 16) : secondPair(at);
}

/** Adding it rounds a float64 to a whole number, which then stands in the low bits. */
const ROUNDER: f64 = 6755399441055744;

/** 2^t of four float64 <= 0 as float32, 0 below 2^-125: the whole part is taken off before float32 rounds. */
// @ts-ignore: decorator
@inline
function power(low: v128, high: v128): v128 {
  const floor = f64x2.splat(-200);
  const rounder = f64x2.splat(ROUNDER);
  const a = f64x2.pmax(low, floor);
  const b = f64x2.pmax(high, floor);
  const shiftedA = f64x2.add(a, rounder);
  const shiftedB = f64x2.add(b, rounder);
  const restA = f32x4.demote_f64x2_zero(f64x2.sub(a, f64x2.sub(shiftedA, rounder)));
  const restB = f32x4.demote_f64x2_zero(f64x2.sub(b, f64x2.sub(shiftedB, rounder)));
  const rest = v128.shuffle<i32>(restA, restB, 0, 1, 4, 5);
  const whole = v128.shuffle<i32>(shiftedA, shiftedB, 0, 2, 4, 6);
  const kept = i32x4.gt_s(whole, i32x4.splat(-126));
  return v128.and(i32x4.add(smallPower(rest), i32x4.shl(whole, 23)), kept);
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

// @ts-ignore: decorator
@inline
function lanes(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}
