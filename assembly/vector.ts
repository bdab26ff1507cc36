/** a * b + c in each of the four lanes: fused (one rounding) in the relaxed binary, two roundings in the plain one. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/**
 * Constants of exp2, four lanes each. They are loaded where they are used: V8 otherwise rebuilds a vector
 * constant in registers at every use.
 */
const CONSTANTS = memory.data<f32>(
  [
    -126, -126, -126, -126, 126.99, 126.99, 126.99, 126.99, 12582912, 12582912, 12582912, 12582912, 1.00000007165,
    1.00000007165, 1.00000007165, 1.00000007165, 0.693146967063, 0.693146967063, 0.693146967063, 0.693146967063,
    0.240221197240, 0.240221197240, 0.240221197240, 0.240221197240, 0.0555071327609, 0.0555071327609, 0.0555071327609,
    0.0555071327609, 0.00967554132778, 0.00967554132778, 0.00967554132778, 0.00967554132778, 0.00132764711559,
    0.00132764711559, 0.00132764711559, 0.00132764711559,
  ],
  16,
);

// @ts-ignore: decorator
@inline
export function lowest(): v128 {
  return v128.load(CONSTANTS);
}

// @ts-ignore: decorator
@inline
export function highest(): v128 {
  return v128.load(CONSTANTS, 16);
}

/**
 * 2^t in each lane for -126 <= t <= 126.99, relative error 3e-7: t is cut into the nearest whole number (added
 * to the float's exponent) and a rest in [-.5, .5] (a polynomial of degree 5).
 */
// @ts-ignore: decorator
@inline
export function exp2(t: v128): v128 {
  const shifted = f32x4.add(t, v128.load(CONSTANTS, 32));
  const rest = f32x4.sub(t, f32x4.sub(shifted, v128.load(CONSTANTS, 32)));
  const square = f32x4.mul(rest, rest);
  const high = multiplyAdd(rest, v128.load(CONSTANTS, 128), v128.load(CONSTANTS, 112));
  const middle = multiplyAdd(rest, v128.load(CONSTANTS, 96), v128.load(CONSTANTS, 80));
  const low = multiplyAdd(rest, v128.load(CONSTANTS, 64), v128.load(CONSTANTS, 48));
  const power = multiplyAdd(square, multiplyAdd(square, high, middle), low);
  return i32x4.add(power, i32x4.shl(shifted, 23));
}
