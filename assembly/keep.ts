/** Byte orders that move the lanes of a 4-bit mask to the front. */
const ORDERS = memory.data<u8>(
  [
16,16,16,16, 16,16,16,16, 16,16,16,16, 16,16,16,16,
0,1,2,3, 16,16,16,16, 16,16,16,16, 16,16,16,16,
4,5,6,7, 16,16,16,16, 16,16,16,16, 16,16,16,16,
0,1,2,3, 4,5,6,7, 16,16,16,16, 16,16,16,16,
8,9,10,11, 16,16,16,16, 16,16,16,16, 16,16,16,16,
0,1,2,3, 8,9,10,11, 16,16,16,16, 16,16,16,16,
4,5,6,7, 8,9,10,11, 16,16,16,16, 16,16,16,16,
0,1,2,3, 4,5,6,7, 8,9,10,11, 16,16,16,16,
12,13,14,15, 16,16,16,16, 16,16,16,16, 16,16,16,16,
0,1,2,3, 12,13,14,15, 16,16,16,16, 16,16,16,16,
4,5,6,7, 12,13,14,15, 16,16,16,16, 16,16,16,16,
0,1,2,3, 4,5,6,7, 12,13,14,15, 16,16,16,16,
8,9,10,11, 12,13,14,15, 16,16,16,16, 16,16,16,16,
0,1,2,3, 8,9,10,11, 12,13,14,15, 16,16,16,16,
4,5,6,7, 8,9,10,11, 12,13,14,15, 16,16,16,16,
0,1,2,3, 4,5,6,7, 8,9,10,11, 12,13,14,15,
  ],
  16,
);

/**
 * Copies the values >= `cut` (> 0) of a row, padded with zeros to whole vectors, to `list`, which gets four
 * zeros after them. Writes the row's sum (f64) to `total`; returns how many were kept.
 */
export function keepAbove(row: usize, count: i32, cut: f32, list: usize, total: usize): i32 {
  const cuts = f32x4.splat(cut);
  let next = list;
  let a = f64x2.splat(0);
  let b = a;
  for (const end = row + (<usize>((count + 3) >> 2) << 4); row != end; row += 16) {
    const values = v128.load(row);
    a = f64x2.add(a, f64x2.promote_low_f32x4(values));
    b = f64x2.add(b, f64x2.promote_low_f32x4(v128.shuffle<i32>(values, values, 2, 3, 2, 3)));
    const mask = i32x4.bitmask(f32x4.ge(values, cuts));
    v128.store(next, i8x16.swizzle(values, v128.load(ORDERS + (<usize>mask << 4))));
    next += popcnt(mask) << 2;
  }
  v128.store(next, i32x4.splat(0));
  a = f64x2.add(a, b);
  store<f64>(total, f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1));
  return <i32>((next - list) >> 2);
}
