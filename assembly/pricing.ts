/** So many bytes of a row are compared before their least is looked at. */
const CHUNK: usize = 256 << 2;

/**
 * The place of the least row[j] - heights[j] among `count` (a multiple of 4; padding is Infinity), -1 unless it is
 * below `bar`. The row is float32, the heights are float64.
 */
export function leastBelow(row: usize, count: i32, heights: usize, bar: f64): i32 {
  const end = row + (<usize>count << 2);
  let best: usize = 0;
  let bestHeights: usize = 0;
  let least = bar;
  for (let from = row; from < end; from += CHUNK) {
    const here = leastOf(from, min(from + CHUNK, end), heights);
    if (here < least) {
      least = here;
      best = from;
      bestHeights = heights;
    }
    heights += CHUNK << 1;
  }
  if (best == 0) return -1;
  while (<f64>load<f32>(best) - load<f64>(bestHeights) != least) {
    best += 4;
    bestHeights += 8;
  }
  return <i32>((best - row) >> 2);
}

function leastOf(row: usize, end: usize, heights: usize): f64 {
  let a = f64x2.splat(Infinity);
  let b = a;
  for (; row != end; row += 16) {
    const costs = v128.load(row);
    const upper = v128.shuffle<i32>(costs, costs, 2, 3, 2, 3);
    a = f64x2.pmin(a, f64x2.sub(f64x2.promote_low_f32x4(costs), v128.load(heights)));
    b = f64x2.pmin(b, f64x2.sub(f64x2.promote_low_f32x4(upper), v128.load(heights, 16)));
    heights += 32;
  }
  a = f64x2.pmin(a, b);
  return min(f64x2.extract_lane(a, 0), f64x2.extract_lane(a, 1));
}
