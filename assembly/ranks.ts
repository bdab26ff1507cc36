/**
 * Ranks of some values of a row: 1 + the number of strictly larger ones. Values whose bits are `cut` or more are
 * counted against `list` (all values of the row from `cut` up), the others against the row; both are padded with
 * zeros. `scratch`: 48 bytes.
 */
export function rank(
  observed: usize,
  observedCount: i32,
  cut: i32,
  list: usize,
  kept: i32,
  row: usize,
  count: i32,
  ranks: usize,
  scratch: usize,
): void {
  rankBetween(observed, observedCount, cut, i32.MAX_VALUE, list, kept, ranks, scratch);
  rankBetween(observed, observedCount, 0, cut, row, count, ranks, scratch);
}

/** Ranks the observed values whose bits lie in from..to-1, four at a time. */
function rankBetween(
  observed: usize,
  observedCount: i32,
  from: i32,
  to: i32,
  values: usize,
  count: i32,
  ranks: usize,
  scratch: usize,
): void {
  let waiting: usize = 0;
  for (let at = 0; at < observedCount; at++) {
    const bits = load<i32>(observed + (<usize>at << 2));
    if (bits < from || bits >= to) continue;
    store<i32>(scratch + (waiting << 2), bits);
    store<i32>(scratch + (waiting << 2), at, 16);
    if (++waiting < 4) continue;
    rankFour(values, count, waiting, ranks, scratch);
    waiting = 0;
  }
  if (waiting > 0) rankFour(values, count, waiting, ranks, scratch);
}

function rankFour(values: usize, count: i32, waiting: usize, ranks: usize, scratch: usize): void {
  const bar0 = v128.load32_splat(scratch);
  const bar1 = v128.load32_splat(scratch, 4);
  const bar2 = v128.load32_splat(scratch, 8);
  const bar3 = v128.load32_splat(scratch, 12);
  let larger0 = i32x4.splat(0);
  let larger1 = larger0;
  let larger2 = larger0;
  let larger3 = larger0;
  for (const end = values + (<usize>((count + 3) >> 2) << 4); values != end; values += 16) {
    const here = v128.load(values);
    larger0 = i32x4.sub(larger0, i32x4.gt_s(here, bar0));
    larger1 = i32x4.sub(larger1, i32x4.gt_s(here, bar1));
    larger2 = i32x4.sub(larger2, i32x4.gt_s(here, bar2));
    larger3 = i32x4.sub(larger3, i32x4.gt_s(here, bar3));
  }
  store<i32>(scratch, 1 + laneSum(larger0), 32);
  store<i32>(scratch, 1 + laneSum(larger1), 36);
  store<i32>(scratch, 1 + laneSum(larger2), 40);
  store<i32>(scratch, 1 + laneSum(larger3), 44);
  for (let at = scratch; at != scratch + (waiting << 2); at += 4) {
    store<i32>(ranks + (<usize>load<i32>(at, 16) << 2), load<i32>(at, 32));
  }
}

// @ts-ignore: decorator
@inline
function laneSum(lanes: v128): i32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}
