/** a * b + c in each of the four lanes: fused (one rounding) in the relaxed binary, two roundings in the plain one. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** Four float32 that moved on to float64, added up. */
// @ts-ignore: decorator
@inline
export function sumOf(lanes: v128): f64 {
  const pairs = f64x2.add(
    f64x2.promote_low_f32x4(lanes),
    f64x2.promote_low_f32x4(v128.shuffle<i32>(lanes, lanes, 2, 3, 2, 3)),
  );
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** All ones in the first `lanes` lanes. */
// @ts-ignore: decorator
@inline
export function firstLanes(lanes: i32): v128 {
  return i32x4.gt_s(i32x4.splat(lanes), i32x4(0, 1, 2, 3));
}

/** The last two lanes, first. */
// @ts-ignore: decorator
@inline
export function upper(values: v128): v128 {
  return v128.shuffle<i32>(values, values, 2, 3, 2, 3);
}
