/**
 * Ranks of some values of a row: 1 + the number of strictly larger ones. Values of at least `cut` are counted
 * against `list` (all values of the row from `cut` up), the others against the row; both padded with zeros.
 * `queue` is scratch of 48 bytes.
 */
export function rank(
  observed: usize,
  observedCount: i32,
  cut: f32,
  list: usize,
  kept: i32,
  row: usize,
  count: i32,
  queue: usize,
  ranks: usize,
): void {
  rankAmong(observed, observedCount, cut, f32.MAX_VALUE, list, kept, queue, ranks);
  rankAmong(observed, observedCount, 0, cut, row, count, queue, ranks);
}

/** Ranks those observed values that lie in from..to (without `to`, unless it is the largest float), four at a time. */
function rankAmong(
  observed: usize,
  observedCount: i32,
  from: f32,
  to: f32,
  values: usize,
  count: i32,
  queue: usize,
  ranks: usize,
): void {
  let waiting: usize = 0;
  for (let at = 0; at < observedCount; at++) {
    const value = load<f32>(observed + (at << 2));
    if (value < from || (value >= to && to != f32.MAX_VALUE)) continue;
    store<f32>(queue + (waiting << 2), value);
    store<i32>(queue + 16 + (waiting << 2), at);
    if (++waiting == 4) {
      rankFour(values, count, queue, 4, ranks);
      waiting = 0;
    }
  }
  if (waiting > 0) rankFour(values, count, queue, waiting, ranks);
}

function rankFour(values: usize, count: i32, queue: usize, waiting: usize, ranks: usize): void {
  const bars0 = v128.load32_splat(queue);
  const bars1 = v128.load32_splat(queue, 4);
  const bars2 = v128.load32_splat(queue, 8);
  const bars3 = v128.load32_splat(queue, 12);
  let larger0 = i32x4.splat(0);
  let larger1 = larger0;
  let larger2 = larger0;
  let larger3 = larger0;
  for (const end = values + (<usize>((count + 3) >> 2) << 4); values != end; values += 16) {
    const here = v128.load(values);
    larger0 = i32x4.sub(larger0, f32x4.gt(here, bars0));
    larger1 = i32x4.sub(larger1, f32x4.gt(here, bars1));
    larger2 = i32x4.sub(larger2, f32x4.gt(here, bars2));
    larger3 = i32x4.sub(larger3, f32x4.gt(here, bars3));
  }
  store<u32>(queue, 1 + sumOf(larger0), 32);
  store<u32>(queue, 1 + sumOf(larger1), 36);
  store<u32>(queue, 1 + sumOf(larger2), 40);
  store<u32>(queue, 1 + sumOf(larger3), 44);
  for (let at: usize = 0; at < waiting; at++) {
    store<u32>(ranks + (load<usize>(queue + (at << 2), 16) << 2), load<u32>(queue + (at << 2), 32));
  }
}

// @ts-ignore: decorator
@inline
function sumOf(lanes: v128): i32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}
