/**
 * Products in float64, with two roundings an addition, so that both binaries give the same bits: four rows of `left`
 * against `panels` panels of four rows of `right`, all `depth` long. Both are packed [panel][k][4]; `out` gets rows of
 * `stride` bytes.
 */
export function multiplyRows(
  left: usize,
  leftPanels: i32,
  right: usize,
  panels: i32,
  depth: i32,
  out: usize,
  stride: usize,
): void {
  const bytes = <usize>depth << 5;
  for (let panel = 0; panel < leftPanels; panel++) {
    let other = right;
    for (let column = out; column != out + (<usize>panels << 5); column += 32) {
      let a0 = f64x2.splat(0);
      let b0 = a0;
      let a1 = a0;
      let b1 = a0;
      let a2 = a0;
      let b2 = a0;
      let a3 = a0;
      let b3 = a0;
      for (let at = left; at != left + bytes; at += 32) {
        const a = v128.load(other);
        const b = v128.load(other, 16);
        let value = v128.load64_splat(at);
        a0 = f64x2.add(a0, f64x2.mul(value, a));
        b0 = f64x2.add(b0, f64x2.mul(value, b));
        value = v128.load64_splat(at, 8);
        a1 = f64x2.add(a1, f64x2.mul(value, a));
        b1 = f64x2.add(b1, f64x2.mul(value, b));
        value = v128.load64_splat(at, 16);
        a2 = f64x2.add(a2, f64x2.mul(value, a));
        b2 = f64x2.add(b2, f64x2.mul(value, b));
        value = v128.load64_splat(at, 24);
        a3 = f64x2.add(a3, f64x2.mul(value, a));
        b3 = f64x2.add(b3, f64x2.mul(value, b));
        other += 32;
      }
      v128.store(column, a0);
      v128.store(column, b0, 16);
      v128.store(column + stride, a1);
      v128.store(column + stride, b1, 16);
      v128.store(column + 2 * stride, a2);
      v128.store(column + 2 * stride, b2, 16);
      v128.store(column + 3 * stride, a3);
      v128.store(column + 3 * stride, b3, 16);
    }
    left += bytes;
    out += 4 * stride;
  }
}
