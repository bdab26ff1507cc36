import { exp2, exp2OrLess } from "./exp2";
import { scorePanel } from "./scores";

/**
 * A column is kept as sum (float64) times 2 to the power of its exponent (a whole float32), so that no score
 * over- or underflows it, and moving it to another exponent is exact.
 */

/** Up to this magnitude 2^t and its sums are float32 as they are. */
const SMALL: f32 = 64;

/**
 * Adds 2^score of `rows` packed users to every column. `tile` is scratch of (rows rounded up to 4) x 8 float32.
 * No user is longer than `longest`, no item of a panel longer than the panel's number in `lengths`.
 */
export function addColumns(
  users: usize,
  rows: i32,
  longest: f32,
  items: usize,
  lengths: usize,
  itemPanels: i32,
  depth: i32,
  tile: usize,
  exponents: usize,
  sums: usize,
): void {
  for (let panel = 0; panel < itemPanels; panel++) {
    scorePanel(users, (rows + 3) >> 2, items, depth, tile, 32);
    if (longest * load<f32>(lengths) <= SMALL) addSmallPanel(tile, rows, exponents, sums);
    else addPanel(tile, rows, 32, exponents, sums);
    items += <usize>depth << 5;
    lengths += 4;
    exponents += 32;
    sums += 64;
  }
}

/** The same for scores that are there already: `rows` rows, `stride` bytes apart. */
export function addScores(
  scores: usize,
  rows: i32,
  stride: usize,
  itemPanels: i32,
  exponents: usize,
  sums: usize,
): void {
  for (let panel = 0; panel < itemPanels; panel++) {
    addPanel(scores, rows, stride, exponents, sums);
    scores += 32;
    exponents += 32;
    sums += 64;
  }
}

/** Eight columns of small scores: their powers as they are, four rows at a time. */
function addSmallPanel(tile: usize, rows: i32, exponents: usize, sums: usize): void {
  const end = tile + (<usize>rows << 5);
  let a = f32x4.splat(0);
  let b = a;
  for (const fours = tile + (<usize>(rows & ~3) << 5); tile != fours; tile += 128) {
    a = f32x4.add(a, exp2(v128.load(tile)));
    b = f32x4.add(b, exp2(v128.load(tile, 16)));
    a = f32x4.add(a, exp2(v128.load(tile, 32)));
    b = f32x4.add(b, exp2(v128.load(tile, 48)));
    a = f32x4.add(a, exp2(v128.load(tile, 64)));
    b = f32x4.add(b, exp2(v128.load(tile, 80)));
    a = f32x4.add(a, exp2(v128.load(tile, 96)));
    b = f32x4.add(b, exp2(v128.load(tile, 112)));
  }
  for (; tile != end; tile += 32) {
    a = f32x4.add(a, exp2(v128.load(tile)));
    b = f32x4.add(b, exp2(v128.load(tile, 16)));
  }
  const none = f32x4.splat(0);
  merge(exponents, sums, none, a);
  merge(exponents + 16, sums + 32, none, b);
}

/** Eight columns: first their largest scores, then the powers. */
function addPanel(tile: usize, rows: i32, stride: usize, exponents: usize, sums: usize): void {
  const end = tile + <usize>rows * stride;
  let a = v128.load(tile);
  let b = v128.load(tile, 16);
  for (let row = tile + stride; row != end; row += stride) {
    a = f32x4.pmax(a, v128.load(row));
    b = f32x4.pmax(b, v128.load(row, 16));
  }
  a = f32x4.ceil(a);
  b = f32x4.ceil(b);
  let sumA = f32x4.splat(0);
  let sumB = sumA;
  for (let row = tile; row != end; row += stride) {
    sumA = f32x4.add(sumA, exp2OrLess(f32x4.sub(v128.load(row), a)));
    sumB = f32x4.add(sumB, exp2OrLess(f32x4.sub(v128.load(row, 16), b)));
  }
  merge(exponents, sums, a, sumA);
  merge(exponents + 16, sums + 32, b, sumB);
}

// @ts-ignore: decorator
@inline
function merge(exponents: usize, sums: usize, fresh: v128, added: v128): void {
  const before = v128.load(exponents);
  const after = f32x4.pmax(before, fresh);
  v128.store(exponents, after);
  const old = f32x4.sub(before, after);
  fresh = f32x4.sub(fresh, after);
  mergePair(sums, old, added, fresh);
  mergePair(sums + 16, upperPair(old), upperPair(added), upperPair(fresh));
}

// @ts-ignore: decorator
@inline
function mergePair(sums: usize, old: v128, added: v128, fresh: v128): void {
  const kept = f64x2.mul(v128.load(sums), wholePower(old));
  v128.store(sums, f64x2.add(kept, f64x2.mul(f64x2.promote_low_f32x4(added), wholePower(fresh))));
}

// @ts-ignore: decorator
@inline
function upperPair(lanes: v128): v128 {
  return v128.shuffle<i32>(lanes, lanes, 2, 3, 2, 3);
}

/** 2^n as float64 in two lanes, n whole and <= 0; 0 below -1022. */
// @ts-ignore: decorator
@inline
function wholePower(n: v128): v128 {
  const biased = i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.pmax(n, f32x4.splat(-1023))), i32x4.splat(1023));
  return i64x2.shl(i64x2.extend_low_i32x4_u(biased), 52);
}
