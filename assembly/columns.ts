import { scorePanel } from "./scores";
import { exp2, lowest } from "./vector";

/** Stands for minus infinity where arithmetic must stay finite. */
const NOTHING: f32 = -3e38;

/** Adds 2^t of a tile of `rows` x 8 to eight columns, each kept as sum (float64) times 2 to the power of its exponent (a whole float32). */
// @ts-ignore: decorator
@inline
function addTile(tile: usize, stride: usize, rows: i32, exponents: usize, sums: usize): void {
  let peakA = f32x4.splat(NOTHING);
  let peakB = peakA;
  let row = tile;
  for (let left = rows; left != 0; left--) {
    peakA = f32x4.pmax(peakA, v128.load(row));
    peakB = f32x4.pmax(peakB, v128.load(row, 16));
    row += stride;
  }
  peakA = f32x4.ceil(peakA);
  peakB = f32x4.ceil(peakB);
  let a0 = f32x4.splat(0);
  let b0 = a0;
  row = tile;
  for (let left = rows; left != 0; left--) {
    a0 = f32x4.add(a0, exp2(f32x4.pmax(f32x4.sub(v128.load(row), peakA), lowest())));
    b0 = f32x4.add(b0, exp2(f32x4.pmax(f32x4.sub(v128.load(row, 16), peakB), lowest())));
    row += stride;
  }
  merge(exponents, sums, peakA, a0);
  merge(exponents + 16, sums + 32, peakB, b0);
}

// @ts-ignore: decorator
@inline
function merge(exponents: usize, sums: usize, peaks: v128, added: v128): void {
  const before = v128.load(exponents);
  const after = f32x4.pmax(before, peaks);
  const old = f32x4.sub(before, after);
  const fresh = f32x4.sub(peaks, after);
  v128.store(exponents, after);
  v128.store(sums, mergePair(v128.load(sums), old, added, fresh));
  v128.store(
    sums,
    mergePair(
      v128.load(sums, 16),
      v128.shuffle<i32>(old, old, 2, 3, 2, 3),
      v128.shuffle<i32>(added, added, 2, 3, 2, 3),
      v128.shuffle<i32>(fresh, fresh, 2, 3, 2, 3),
    ),
    16,
  );
}

// @ts-ignore: decorator
@inline
function mergePair(sums: v128, old: v128, added: v128, fresh: v128): v128 {
  return f64x2.add(
    f64x2.mul(sums, powers(old)),
    f64x2.mul(f64x2.promote_low_f32x4(added), powers(fresh)),
  );
}

/** 2^n as float64 for the two lowest lanes, whole n <= 0; 0 where it is below -1022. */
// @ts-ignore: decorator
@inline
function powers(n: v128): v128 {
  const clamped = f32x4.pmax(n, f32x4.splat(-1023));
  const biased = i32x4.add(i32x4.trunc_sat_f32x4_s(clamped), i32x4.splat(1023));
  return i64x2.shl(i64x2.extend_low_i32x4_u(biased), 52);
}

/** Adds 2^score of `rows` packed users to every column. `tile` is scratch of panels x 4 x 8 float32. */
export function addColumns(
  users: usize,
  rows: i32,
  items: usize,
  itemPanels: i32,
  depth: i32,
  tile: usize,
  exponents: usize,
  sums: usize,
): void {
  const panels = (rows + 3) >> 2;
  for (let panel = 0; panel < itemPanels; panel++) {
    scorePanel(users, panels, items, depth, tile, 32);
    addTile(tile, 32, rows, exponents, sums);
    items += <usize>depth << 5;
    exponents += 32;
    sums += 64;
  }
}
