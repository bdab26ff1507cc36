import { multiplyAdd } from "./vector";

/**
 * out[row] = sum of value * dense[index] over the row's entries. Rows of `dense` and `out` are `strips` strips of
 * 16 float32; `offsets` are counted from the first entry at `indices` and `values`.
 */
export function sparseTimesDense(
  offsets: usize,
  rows: i32,
  indices: usize,
  values: usize,
  dense: usize,
  strips: i32,
  out: usize,
): void {
  const width = <usize>strips << 6;
  for (const last = offsets + (<usize>rows << 2); offsets != last; offsets += 4) {
    const from = <usize>load<u32>(offsets) << 2;
    const to = <usize>load<u32>(offsets, 4) << 2;
    for (let strip: usize = 0; strip != width; strip += 64) {
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      for (let entry = from; entry != to; entry += 4) {
        const value = v128.load32_splat(values + entry);
        const other = dense + strip + <usize>load<u32>(indices + entry) * width;
        a = multiplyAdd(value, v128.load(other), a);
        b = multiplyAdd(value, v128.load(other, 16), b);
        c = multiplyAdd(value, v128.load(other, 32), c);
        d = multiplyAdd(value, v128.load(other, 48), d);
      }
      v128.store(out, a);
      v128.store(out, b, 16);
      v128.store(out, c, 32);
      v128.store(out, d, 48);
      out += 64;
    }
  }
}
