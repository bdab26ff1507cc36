/** For each mask of four lanes the order of bytes that moves its lanes to the front; 255 gives a zero. */
const ORDERS = memory.data<u8>(
  [
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    0, 1, 2, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    4, 5, 6, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    0, 1, 2, 3, 4, 5, 6, 7, 255, 255, 255, 255, 255, 255, 255, 255,
    8, 9, 10, 11, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    0, 1, 2, 3, 8, 9, 10, 11, 255, 255, 255, 255, 255, 255, 255, 255,
    4, 5, 6, 7, 8, 9, 10, 11, 255, 255, 255, 255, 255, 255, 255, 255,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255, 255, 255, 255,
    12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    0, 1, 2, 3, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255,
    4, 5, 6, 7, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255,
    0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 255, 255, 255, 255,
    8, 9, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255,
    0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255,
    4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  ],
  16,
);

/**
 * Copies those of `count` floats >= 0 whose bits lie in low..high to `out`, in order, and four zeros after them.
 * Returns how many. What the last vector of `values` has beyond `count` must not lie in low..high.
 */
export function keep(values: usize, count: i32, low: i32, high: i32, out: usize): i32 {
  const below = i32x4.splat(low - 1);
  const above = i32x4.splat(high + 1);
  let next = out;
  for (const end = values + (<usize>((count + 3) >> 2) << 4); values != end; values += 16) {
    const here = v128.load(values);
    const mask = i32x4.bitmask(v128.and(i32x4.gt_s(here, below), i32x4.lt_s(here, above)));
    v128.store(next, i8x16.swizzle(here, v128.load(ORDERS + (<usize>mask << 4))));
    next += popcnt(mask) << 2;
  }
  v128.store(next, i32x4.splat(0));
  return <i32>((next - out) >> 2);
}
