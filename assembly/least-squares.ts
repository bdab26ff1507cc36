import { scoreRows } from "./scores";
import { firstLanes, multiplyAdd, sumOf } from "./vector";

/**
 * Rows of implicit least squares: x minimises x^T normal x + sum over the row's entries of
 * alpha w <x, y>^2 - 2 (1 + alpha) w <x, y>. Vectors have `bytes` bytes, a multiple of 64; `offsets` are counted from
 * the first entry at `indices` and `weights`, behind the last of which stand three more that are valid.
 */

/** Rows gathered at a time: 16 KiB at 64 numbers, half of the first cache. */
const GATHERED: usize = 64;
/** A pivot below this share of its diagonal number is rounding. */
const NEGLIGIBLE: f32 = 1e-6;

/**
 * Starts from what `solutions` holds, four rows at a time, so that each number of `normal`, packed in panels of eight
 * columns, is loaded for all of them; behind the last row there is room for three more. At `scratch` there is room for
 * 16 vectors.
 */
export function conjugateGradient(
  offsets: usize,
  rows: i32,
  indices: usize,
  weights: usize,
  others: usize,
  bytes: usize,
  normal: usize,
  alpha: f32,
  steps: i32,
  solutions: usize,
  scratch: usize,
): void {
  const four = bytes << 2;
  const rests = scratch + four;
  const directions = rests + four;
  const images = directions + four;
  for (; rows > 0; rows -= 4, offsets += 16, solutions += four) {
    const count = <usize>min(rows, 4);
    fourTimes(solutions, bytes, normal, scratch, rests);
    for (let row: usize = 0; row != count; row++) {
      const from = <usize>load<u32>(offsets + (row << 2)) << 2;
      const to = <usize>load<u32>(offsets + (row << 2), 4) << 2;
      const solution = solutions + row * bytes;
      const rest = rests + row * bytes;
      const direction = directions + row * bytes;
      addEntries(solution, rest, from, to, indices, weights, others, bytes, -1 - alpha, alpha);
      for (let k: usize = 0; k != bytes; k += 16) {
        const value = f32x4.neg(v128.load(rest + k));
        v128.store(rest + k, value);
        v128.store(direction + k, value);
      }
    }
    for (let step = 0; step < steps; step++) {
      fourTimes(directions, bytes, normal, scratch, images);
      for (let row: usize = 0; row != count; row++) {
        const from = <usize>load<u32>(offsets + (row << 2)) << 2;
        const to = <usize>load<u32>(offsets + (row << 2), 4) << 2;
        const solution = solutions + row * bytes;
        const rest = rests + row * bytes;
        const direction = directions + row * bytes;
        const image = images + row * bytes;
        addEntries(direction, image, from, to, indices, weights, others, bytes, 0, alpha);
        const before = dot(rest, rest, bytes);
        const curvature = dot(direction, image, bytes);
        if (!(curvature > 0)) continue;
        const length = f32x4.splat(before / curvature);
        for (let k: usize = 0; k != bytes; k += 16) {
          v128.store(solution + k, multiplyAdd(length, v128.load(direction + k), v128.load(solution + k)));
          v128.store(rest + k, f32x4.sub(v128.load(rest + k), f32x4.mul(length, v128.load(image + k))));
        }
        const turn = f32x4.splat(dot(rest, rest, bytes) / before);
        for (let k: usize = 0; k != bytes; k += 16) {
          v128.store(direction + k, multiplyAdd(turn, v128.load(direction + k), v128.load(rest + k)));
        }
      }
    }
    for (let row: usize = 0; row != count; row++) {
      if (load<u32>(offsets + (row << 2)) == load<u32>(offsets + (row << 2), 4)) {
        memory.fill(solutions + row * bytes, 0, bytes);
      }
    }
  }
}

/** The normal equations by Cholesky's factors. At `scratch` there is room for `normal` and 64 vectors. */
export function cholesky(
  offsets: usize,
  rows: i32,
  indices: usize,
  weights: usize,
  others: usize,
  bytes: usize,
  normal: usize,
  alpha: f32,
  solutions: usize,
  scratch: usize,
): void {
  const size = (bytes * bytes) >> 2;
  const gathered = scratch + size;
  for (const last = offsets + (<usize>rows << 2); offsets != last; offsets += 4, solutions += bytes) {
    const to = <usize>load<u32>(offsets, 4) << 2;
    let entry = <usize>load<u32>(offsets) << 2;
    memory.fill(solutions, 0, bytes);
    if (entry == to) continue;
    memory.copy(scratch, normal, size);
    while (entry != to) {
      let row = gathered;
      for (const end = min(to, entry + (GATHERED << 2)); entry != end; entry += 4) {
        const weight = load<f32>(weights + entry);
        const pull = f32x4.splat((1 + alpha) * weight);
        const scale = f32x4.splat(sqrt(alpha * weight));
        const other = others + <usize>load<u32>(indices + entry) * bytes;
        for (let k: usize = 0; k != bytes; k += 16) {
          const value = v128.load(other + k);
          v128.store(row + k, f32x4.mul(scale, value));
          v128.store(solutions + k, multiplyAdd(pull, value, v128.load(solutions + k)));
        }
        row += bytes;
      }
      addProducts(gathered, row, bytes, scratch);
    }
    factorize(scratch, bytes, gathered);
    substitute(scratch, bytes, solutions);
  }
}

/** out += rows^T rows, in its squares of 4 x 8 on and above the diagonal, over float64 sums of float32 sums of 64 rows. */
export function addGram(rows: usize, count: i32, bytes: usize, out: usize, scratch: usize): void {
  const size = (bytes * bytes) >> 2;
  for (const last = rows + <usize>count * bytes; rows != last; ) {
    const end = min(last, rows + GATHERED * bytes);
    memory.fill(scratch, 0, size);
    addProducts(rows, end, bytes, scratch);
    for (let at: usize = 0; at != size; at += 8) {
      const sums = f64x2.promote_low_f32x4(v128.load64_zero(scratch + at));
      v128.store(out + (at << 1), f64x2.add(v128.load(out + (at << 1)), sums));
    }
    rows = end;
  }
}

/** Four vectors, one after the other, each times a matrix packed in panels of eight columns; `packed` holds the four [k][4]. */
function fourTimes(vectors: usize, bytes: usize, matrix: usize, packed: usize, out: usize): void {
  const second = vectors + bytes;
  const third = second + bytes;
  const fourth = third + bytes;
  for (let k: usize = 0, to = packed; k != bytes; k += 16, to += 64) {
    const a = v128.load(vectors + k);
    const b = v128.load(second + k);
    const c = v128.load(third + k);
    const d = v128.load(fourth + k);
    const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5));
    v128.store(to, v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7), 16);
    v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 32);
    v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 48);
  }
  const width = <i32>(bytes >> 2);
  scoreRows(packed, 1, matrix, width >> 3, width, out, bytes);
}

/** out += sum of w (constant + slope <y, vector>) y over the entries from..to, four at a time. */
function addEntries(
  vector: usize,
  out: usize,
  from: usize,
  to: usize,
  indices: usize,
  weights: usize,
  others: usize,
  bytes: usize,
  constant: f32,
  slope: f32,
): void {
  for (let entry = from; entry < to; entry += 16) {
    const first = others + <usize>load<u32>(indices + entry) * bytes;
    const second = others + <usize>load<u32>(indices + entry, 4) * bytes;
    const third = others + <usize>load<u32>(indices + entry, 8) * bytes;
    const fourth = others + <usize>load<u32>(indices + entry, 12) * bytes;
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let k: usize = 0; k != bytes; k += 16) {
      const value = v128.load(vector + k);
      a = multiplyAdd(value, v128.load(first + k), a);
      b = multiplyAdd(value, v128.load(second + k), b);
      c = multiplyAdd(value, v128.load(third + k), c);
      d = multiplyAdd(value, v128.load(fourth + k), d);
    }
    const weight = v128.and(v128.load(weights + entry), firstLanes(<i32>((to - entry) >> 2)));
    const product = multiplyAdd(f32x4.splat(slope), sumsOf(a, b, c, d), f32x4.splat(constant));
    const factor = f32x4.mul(weight, product);
    a = v128.shuffle<f32>(factor, factor, 0, 0, 0, 0);
    b = v128.shuffle<f32>(factor, factor, 1, 1, 1, 1);
    c = v128.shuffle<f32>(factor, factor, 2, 2, 2, 2);
    d = v128.shuffle<f32>(factor, factor, 3, 3, 3, 3);
    for (let k: usize = 0; k != bytes; k += 16) {
      let sum = multiplyAdd(a, v128.load(first + k), v128.load(out + k));
      sum = multiplyAdd(b, v128.load(second + k), sum);
      sum = multiplyAdd(c, v128.load(third + k), sum);
      v128.store(out + k, multiplyAdd(d, v128.load(fourth + k), sum));
    }
  }
}

/** The sum of each of four vectors' lanes. */
// @ts-ignore: decorator
@inline
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

function dot(left: usize, right: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (let k: usize = 0; k != bytes; k += 64) {
    a = multiplyAdd(v128.load(left + k), v128.load(right + k), a);
    b = multiplyAdd(v128.load(left + k, 16), v128.load(right + k, 16), b);
    c = multiplyAdd(v128.load(left + k, 32), v128.load(right + k, 32), c);
    d = multiplyAdd(v128.load(left + k, 48), v128.load(right + k, 48), d);
  }
  return <f32>sumOf(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/** out += rows^T rows, in its squares of 4 x 8 on and above the diagonal. */
function addProducts(rows: usize, end: usize, bytes: usize, out: usize): void {
  for (let left: usize = 0; left != bytes; left += 16) {
    const line = out + (left >> 2) * bytes;
    for (let right = left & ~31; right != bytes; right += 32) {
      addSquare(rows + left, rows + right, end + left, bytes, line + right, false);
    }
  }
}

/**
 * The upper factor R of matrix = R^T R, in place, four rows at a time; the reciprocals of R's diagonal stand in it. A
 * direction that float32 can't tell from none gets 0. Four numbers stand at `spare`.
 */
function factorize(matrix: usize, bytes: usize, spare: usize): void {
  for (let left: usize = 0; left != bytes; left += 16) {
    const line = matrix + (left >> 2) * bytes;
    for (let row: usize = 0; row != 4; row++) {
      store<f32>(spare + (row << 2), NEGLIGIBLE * load<f32>(line + row * bytes + left + (row << 2)));
    }
    for (let right = left & ~31; right != bytes; right += 32) {
      addSquare(matrix + left, matrix + right, line + left, bytes, line + right, true);
    }
    for (let row: usize = 0; row != 4; row++) {
      const own = line + row * bytes;
      const pivot = load<f32>(own + left + (row << 2));
      const inverse: f32 = pivot > load<f32>(spare + (row << 2)) ? 1 / sqrt(pivot) : 0;
      for (let k = left; k != bytes; k += 16) {
        v128.store(own + k, f32x4.mul(f32x4.splat(inverse), v128.load(own + k)));
      }
      for (let below = row + 1; below != 4; below++) {
        const other = line + below * bytes;
        const factor = f32x4.neg(v128.load32_splat(own + left + (below << 2)));
        for (let k = left; k != bytes; k += 16) {
          v128.store(other + k, multiplyAdd(factor, v128.load(own + k), v128.load(other + k)));
        }
        store<f32>(other + left + (row << 2), 0);
      }
      store<f32>(own + left + (row << 2), inverse);
    }
  }
}

/** Solves R^T R x = b in place. */
function substitute(factor: usize, bytes: usize, b: usize): void {
  let row = factor;
  for (let at: usize = 0; at != bytes; at += 4, row += bytes) {
    const value = load<f32>(b + at) * load<f32>(row + at);
    for (let k = at & ~15; k != bytes; k += 16) {
      v128.store(b + k, multiplyAdd(f32x4.splat(-value), v128.load(row + k), v128.load(b + k)));
    }
    store<f32>(b + at, value);
  }
  for (let at = bytes; at != 0; ) {
    at -= 4;
    row -= bytes;
    const value = load<f32>(b + at);
    store<f32>(b + at, 0);
    let sum = f32x4.splat(0);
    for (let k = at & ~15; k != bytes; k += 16) {
      sum = multiplyAdd(v128.load(row + k), v128.load(b + k), sum);
    }
    store<f32>(b + at, (value - <f32>sumOf(sum)) * load<f32>(row + at));
  }
}

/** out += (or -=) left^T right for four columns of one and eight of the other, row after row until `left` is at `end`. */
// @ts-ignore: decorator
@inline
function addSquare(left: usize, right: usize, end: usize, bytes: usize, out: usize, subtract: bool): void {
  let a0 = f32x4.splat(0);
  let b0 = a0;
  let a1 = a0;
  let b1 = a0;
  let a2 = a0;
  let b2 = a0;
  let a3 = a0;
  let b3 = a0;
  for (; left != end; left += bytes, right += bytes) {
    const a = v128.load(right);
    const b = v128.load(right, 16);
    let value = v128.load32_splat(left);
    a0 = multiplyAdd(value, a, a0);
    b0 = multiplyAdd(value, b, b0);
    value = v128.load32_splat(left, 4);
    a1 = multiplyAdd(value, a, a1);
    b1 = multiplyAdd(value, b, b1);
    value = v128.load32_splat(left, 8);
    a2 = multiplyAdd(value, a, a2);
    b2 = multiplyAdd(value, b, b2);
    value = v128.load32_splat(left, 12);
    a3 = multiplyAdd(value, a, a3);
    b3 = multiplyAdd(value, b, b3);
  }
  addTo(out, a0, b0, subtract);
  addTo(out + bytes, a1, b1, subtract);
  addTo(out + 2 * bytes, a2, b2, subtract);
  addTo(out + 3 * bytes, a3, b3, subtract);
}

// @ts-ignore: decorator
@inline
function addTo(out: usize, a: v128, b: v128, subtract: bool): void {
  v128.store(out, subtract ? f32x4.sub(v128.load(out), a) : f32x4.add(v128.load(out), a));
  v128.store(out, subtract ? f32x4.sub(v128.load(out, 16), b) : f32x4.add(v128.load(out, 16), b), 16);
}
