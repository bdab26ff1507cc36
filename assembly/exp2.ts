import { multiplyAdd } from "./vector";

/**
 * Constants, four lanes each: the two ends of the range, the number that rounds, and the coefficients from the
 * constant term up. They are loaded where they are used: V8 otherwise rebuilds a vector constant at every use.
 */
const CONSTANTS = memory.data<f32>(
  [
    -126, -126, -126, -126,
    126.99, 126.99, 126.99, 126.99,
    12582912, 12582912, 12582912, 12582912,
    1.00000007165, 1.00000007165, 1.00000007165, 1.00000007165,
    0.693146967063, 0.693146967063, 0.693146967063, 0.693146967063,
    0.240221197240, 0.240221197240, 0.240221197240, 0.240221197240,
    0.0555071327609, 0.0555071327609, 0.0555071327609, 0.0555071327609,
    0.00967554132778, 0.00967554132778, 0.00967554132778, 0.00967554132778,
    0.00132764711559, 0.00132764711559, 0.00132764711559, 0.00132764711559,
  ],
  16,
);

/** 2^t in each lane, -126 <= t <= 126.99, relative error 3e-7: 2^whole (the float's exponent) times 2^rest (a polynomial), rest in [-.5, .5]. */
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

/** 2^t in each lane, t <= 126.99; below -126 it stays 2^-126. */
// @ts-ignore: decorator
@inline
export function exp2OrLess(t: v128): v128 {
  return exp2(f32x4.pmax(t, v128.load(CONSTANTS)));
}

/** 2^t in each lane, t <= 126.99; below -126 it is 0. */
// @ts-ignore: decorator
@inline
export function powerOrZero(t: v128): v128 {
  return v128.and(exp2OrLess(t), f32x4.ge(t, v128.load(CONSTANTS)));
}

/** The same for any t; above 126.99 it stays there. */
// @ts-ignore: decorator
@inline
export function exp2OrZero(t: v128): v128 {
  return powerOrZero(f32x4.pmin(t, v128.load(CONSTANTS, 16)));
}
