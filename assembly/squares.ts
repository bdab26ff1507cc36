/**
 * Second-order sums in float64, with two roundings an addition, so that both binaries give the same bits. Rows have
 * `stride` numbers, a multiple of 4, and matrices `stride` rows. A symmetric matrix stands in its squares of 4 x 4 on
 * and above the diagonal; the others are not looked at.
 */

// @ts-ignore: decorator
@inline
function add(sum: v128, value: v128, other: v128): v128 {
  return f64x2.add(sum, f64x2.mul(value, other));
}

// @ts-ignore: decorator
@inline
function addTo(place: usize, low: v128, high: v128): void {
  v128.store(place, f64x2.add(v128.load(place), low));
  v128.store(place, f64x2.add(v128.load(place, 16), high), 16);
}

/** out += rows^T rows. */
export function addSquares(rows: usize, count: i32, stride: i32, out: usize): void {
  const bytes = <usize>stride << 3;
  const end = rows + <usize>count * bytes;
  for (let left: usize = 0; left != bytes; left += 32) {
    for (let right = left; right != bytes; right += 32) {
      let a0 = f64x2.splat(0);
      let b0 = a0;
      let a1 = a0;
      let b1 = a0;
      let a2 = a0;
      let b2 = a0;
      let a3 = a0;
      let b3 = a0;
      for (let row = rows; row != end; row += bytes) {
        const a = v128.load(row + right);
        const b = v128.load(row + right, 16);
        let value = v128.load64_splat(row + left);
        a0 = add(a0, value, a);
        b0 = add(b0, value, b);
        value = v128.load64_splat(row + left, 8);
        a1 = add(a1, value, a);
        b1 = add(b1, value, b);
        value = v128.load64_splat(row + left, 16);
        a2 = add(a2, value, a);
        b2 = add(b2, value, b);
        value = v128.load64_splat(row + left, 24);
        a3 = add(a3, value, a);
        b3 = add(b3, value, b);
      }
      let place = out + (left >> 3) * bytes + right;
      addTo(place, a0, b0);
      place += bytes;
      addTo(place, a1, b1);
      place += bytes;
      addTo(place, a2, b2);
      place += bytes;
      addTo(place, a3, b3);
    }
  }
}

/** values[row] = row matrix row^T, the matrix's squares above the diagonal given twofold. */
export function quadraticForms(matrix: usize, rows: usize, count: i32, stride: i32, values: usize): void {
  const bytes = <usize>stride << 3;
  for (const end = rows + <usize>count * bytes; rows != end; rows += bytes) {
    let total = f64x2.splat(0);
    let line = matrix;
    for (let left: usize = 0; left != bytes; left += 32) {
      let a = f64x2.splat(0);
      let b = a;
      let c = a;
      let d = a;
      for (let right = left; right != bytes; right += 16) {
        const value = v128.load(rows + right);
        let place = line + right;
        a = add(a, value, v128.load(place));
        place += bytes;
        b = add(b, value, v128.load(place));
        place += bytes;
        c = add(c, value, v128.load(place));
        place += bytes;
        d = add(d, value, v128.load(place));
      }
      total = add(total, a, v128.load64_splat(rows + left));
      total = add(total, b, v128.load64_splat(rows + left, 8));
      total = add(total, c, v128.load64_splat(rows + left, 16));
      total = add(total, d, v128.load64_splat(rows + left, 24));
      line += bytes << 2;
    }
    store<f64>(values, f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1));
    values += 8;
  }
}
