/** So many bytes of a row are compared before their least is looked at. */
const CHUNK: usize = 512 << 2;

/**
 * The place of the least row[j] - heights[j] among `count` (a multiple of 8; padding is Infinity), -1 unless it is
 * below `bar`. All in float32.
 */
export function leastBelow(row: usize, count: i32, heights: usize, bar: f32): i32 {
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
    heights += CHUNK;
  }
  if (best == 0) return -1;
  while (load<f32>(best) - load<f32>(bestHeights) != least) {
    best += 4;
    bestHeights += 4;
  }
  return <i32>((best - row) >> 2);
}

function leastOf(row: usize, end: usize, heights: usize): f32 {
  let a = f32x4.splat(Infinity);
  let b = a;
  for (; row != end; row += 32) {
    a = f32x4.pmin(a, f32x4.sub(v128.load(row), v128.load(heights)));
    b = f32x4.pmin(b, f32x4.sub(v128.load(row, 16), v128.load(heights, 16)));
    heights += 32;
  }
  a = f32x4.pmin(a, b);
  a = f32x4.pmin(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
  return min(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1));
}

/** The places below `bar`, in order; the same numbers. Returns how many. */
export function allBelow(row: usize, count: i32, heights: usize, bar: f32, places: usize): i32 {
  const first = places;
  const limit = f32x4.splat(bar);
  for (let place = 0; place < count; place += 4) {
    const below = f32x4.lt(f32x4.sub(v128.load(row), v128.load(heights)), limit);
    if (v128.any_true(below)) {
      for (let bits = i32x4.bitmask(below); bits != 0; bits &= bits - 1) {
        store<i32>(places, place + ctz(bits));
        places += 4;
      }
    }
    row += 16;
    heights += 16;
  }
  return <i32>((places - first) >> 2);
}

/**
 * row = cost - ofUser - ofItems as float32, for `count` places (a multiple of 4). Costs are float64 (`wide`) or float32, the
 * potentials float64; padding has the potential -Infinity.
 */
export function reduceRow(costs: usize, wide: bool, count: i32, ofUser: f64, ofItems: usize, row: usize): void {
  const user = f64x2.splat(ofUser);
  for (const end = row + (<usize>count << 2); row != end; row += 16) {
    let low: v128;
    let high: v128;
    if (wide) {
      low = v128.load(costs);
      high = v128.load(costs, 16);
      costs += 32;
    } else {
      low = f64x2.promote_low_f32x4(v128.load64_zero(costs));
      high = f64x2.promote_low_f32x4(v128.load64_zero(costs, 8));
      costs += 16;
    }
    low = f32x4.demote_f64x2_zero(f64x2.sub(f64x2.sub(low, user), v128.load(ofItems)));
    high = f32x4.demote_f64x2_zero(f64x2.sub(f64x2.sub(high, user), v128.load(ofItems, 16)));
    v128.store(row, v128.shuffle<i32>(low, high, 0, 1, 4, 5));
    ofItems += 32;
  }
}

/** Keeps the least of each column so far and whose it is. */
export function lowerColumns(row: usize, count: i32, user: i32, least: usize, users: usize): void {
  const here = i32x4.splat(user);
  for (const end = row + (<usize>count << 2); row != end; row += 16) {
    const value = v128.load(row);
    const lower = f32x4.lt(value, v128.load(least));
    v128.store(least, v128.bitselect(value, v128.load(least), lower));
    v128.store(users, v128.bitselect(here, v128.load(users), lower));
    least += 16;
    users += 16;
  }
}

/** The places of the `most` least numbers of a row, least first; as many as there are below Infinity. Returns how many. */
export function nearest(row: usize, count: i32, most: i32, values: usize, places: usize): i32 {
  let held = 0;
  let bar = f32x4.splat(Infinity);
  for (let place = 0; place < count; place += 4) {
    const four = row + (<usize>place << 2);
    if (!v128.any_true(f32x4.lt(v128.load(four), bar))) continue;
    for (let lane = 0; lane < 4; lane++) {
      const value = load<f32>(four + (<usize>lane << 2));
      if (!(value < f32x4.extract_lane(bar, 0))) continue;
      if (held < most) held++;
      let at = <usize>(held - 1) << 2;
      for (; at > 0 && load<f32>(values + at - 4) > value; at -= 4) {
        store<f32>(values + at, load<f32>(values + at - 4));
        store<i32>(places + at, load<i32>(places + at - 4));
      }
      store<f32>(values + at, value);
      store<i32>(places + at, place + lane);
      if (held == most) bar = f32x4.splat(load<f32>(values + (<usize>(most - 1) << 2)));
    }
  }
  return held;
}
