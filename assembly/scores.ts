import { multiplyAdd } from "./vector";

/**
 * One panel of eight items against `panels` panels of four users: row r of `out` gets the eight <user r, item>.
 * Users are packed [panel][k][4], items [k][8]; `stride` is the number of bytes from a row of `out` to the next.
 * Every product is summed in the order of k, wherever its user and item stand.
 */
export function scorePanel(users: usize, panels: i32, items: usize, depth: i32, out: usize, stride: usize): void {
  for (let panel = 0; panel < panels; panel++) {
    let item = items;
    let a0 = f32x4.splat(0);
    let b0 = a0;
    let a1 = a0;
    let b1 = a0;
    let a2 = a0;
    let b2 = a0;
    let a3 = a0;
    let b3 = a0;
    const end = users + (<usize>depth << 4);
    do {
      const a = v128.load(item);
      const b = v128.load(item, 16);
      let user = v128.load32_splat(users);
      a0 = multiplyAdd(user, a, a0);
      b0 = multiplyAdd(user, b, b0);
      user = v128.load32_splat(users, 4);
      a1 = multiplyAdd(user, a, a1);
      b1 = multiplyAdd(user, b, b1);
      user = v128.load32_splat(users, 8);
      a2 = multiplyAdd(user, a, a2);
      b2 = multiplyAdd(user, b, b2);
      user = v128.load32_splat(users, 12);
      a3 = multiplyAdd(user, a, a3);
      b3 = multiplyAdd(user, b, b3);
      users += 16;
      item += 32;
    } while (users != end);
    v128.store(out, a0);
    v128.store(out, b0, 16);
    out += stride;
    v128.store(out, a1);
    v128.store(out, b1, 16);
    out += stride;
    v128.store(out, a2);
    v128.store(out, b2, 16);
    out += stride;
    v128.store(out, a3);
    v128.store(out, b3, 16);
    out += stride;
  }
}

/** The scores of all items: panel p of eight items fills columns 8p..8p+7 of `out`. */
export function scoreRows(
  users: usize,
  panels: i32,
  items: usize,
  itemPanels: i32,
  depth: i32,
  out: usize,
  stride: usize,
): void {
  for (let panel = 0; panel < itemPanels; panel++) {
    scorePanel(users, panels, items, depth, out, stride);
    items += <usize>depth << 5;
    out += 32;
  }
}

/** Multiplies a row by `scale` in place. Returns the largest magnitude, Infinity where one is not a finite number. */
export function scaleRow(row: usize, count: i32, scale: f32): f32 {
  let largest: f32 = 0;
  for (const end = row + (<usize>count << 2); row != end; row += 4) {
    const value = load<f32>(row) * scale;
    store<f32>(row, value);
    const magnitude = abs(value);
    if (!(magnitude <= largest)) largest = magnitude < Infinity ? magnitude : Infinity;
  }
  return largest;
}
