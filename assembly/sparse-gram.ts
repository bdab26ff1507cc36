// @ts-ignore: decorator
@inline
function add(sum: v128, value: v128, other: v128): v128 {
  return f64x2.add(sum, f64x2.mul(value, other));
}

/**
 * out += matrix^T (matrix dense) for some rows of a sparse matrix. `dense` and `out` have 16 float64 a row; `offsets` are
 * counted from the first entry at `indices` and `values`. Every sum runs in the order of the entries, with two roundings
 * an addition, so both binaries and plain TypeScript give the same bits.
 */
export function sparseGram(offsets: usize, rows: i32, indices: usize, values: usize, dense: usize, out: usize): void {
  for (const last = offsets + (<usize>rows << 2); offsets != last; offsets += 4) {
    const from = <usize>load<u32>(offsets) << 2;
    const to = <usize>load<u32>(offsets, 4) << 2;
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let e = a;
    let f = a;
    let g = a;
    let h = a;
    for (let entry = from; entry != to; entry += 4) {
      const value = f64x2.splat(<f64>load<f32>(values + entry));
      const row = dense + (<usize>load<u32>(indices + entry) << 7);
      a = add(a, value, v128.load(row));
      b = add(b, value, v128.load(row, 16));
      c = add(c, value, v128.load(row, 32));
      d = add(d, value, v128.load(row, 48));
      e = add(e, value, v128.load(row, 64));
      f = add(f, value, v128.load(row, 80));
      g = add(g, value, v128.load(row, 96));
      h = add(h, value, v128.load(row, 112));
    }
    for (let entry = from; entry != to; entry += 4) {
      const value = f64x2.splat(<f64>load<f32>(values + entry));
      const row = out + (<usize>load<u32>(indices + entry) << 7);
      v128.store(row, add(v128.load(row), value, a));
      v128.store(row, add(v128.load(row, 16), value, b), 16);
      v128.store(row, add(v128.load(row, 32), value, c), 32);
      v128.store(row, add(v128.load(row, 48), value, d), 48);
      v128.store(row, add(v128.load(row, 64), value, e), 64);
      v128.store(row, add(v128.load(row, 80), value, f), 80);
      v128.store(row, add(v128.load(row, 96), value, g), 96);
      v128.store(row, add(v128.load(row, 112), value, h), 112);
    }
  }
}
