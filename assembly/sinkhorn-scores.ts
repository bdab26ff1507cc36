import { powerOrZero } from "./exp2";
import { multiplyAdd, sumOf, upper } from "./vector";

/** The largest score + offset of a row, both float32. */
export function peakOf(row: usize, count: i32, offsets: usize): f32 {
  let most = f32x4.splat(-Infinity);
  for (const end = row + (<usize>count << 2); row != end; row += 16) {
    most = f32x4.pmax(most, f32x4.add(v128.load(row), v128.load(offsets)));
    offsets += 16;
  }
  most = f32x4.pmax(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
  return max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
}

/** So many bytes of a row are summed in float32 before float64 takes over. */
const CHUNK: usize = 128 << 2;

/**
 * `rows` rows of scores (an even number) become rows of the kernel, 2^(score + offset - peak), which is at most 1;
 * sums[r] = <row r, weights>. Offsets, peaks and weights are float32, sums float64.
 */
export function powerRows(
  kernel: usize,
  rows: i32,
  stride: usize,
  count: i32,
  offsets: usize,
  peaks: usize,
  weights: usize,
  sums: usize,
): void {
  const bytes = <usize>count << 2;
  for (let row = 0; row < rows; row += 2) {
    const a = v128.load32_splat(peaks);
    const b = v128.load32_splat(peaks, 4);
    let sumA: f64 = 0;
    let sumB: f64 = 0;
    let weight = weights;
    let offset = offsets;
    for (const end = kernel + bytes; kernel != end; ) {
      let partA = f32x4.splat(0);
      let partB = partA;
      for (const stop = min(kernel + CHUNK, end); kernel != stop; kernel += 16) {
        const shift = v128.load(offset);
        const factor = v128.load(weight);
        let here = powerOrZero(f32x4.sub(f32x4.add(v128.load(kernel), shift), a));
        v128.store(kernel, here);
        partA = multiplyAdd(here, factor, partA);
        const other = kernel + stride;
        here = powerOrZero(f32x4.sub(f32x4.add(v128.load(other), shift), b));
        v128.store(other, here);
        partB = multiplyAdd(here, factor, partB);
        weight += 16;
        offset += 16;
      }
      sumA += sumOf(partA);
      sumB += sumOf(partB);
    }
    store<f64>(sums, sumA);
    store<f64>(sums, sumB, 8);
    kernel += 2 * stride - bytes;
    peaks += 8;
    sums += 16;
  }
}

/** columns += weights^T kernel: eight rows in float32, then float64; `rows` is a multiple of 8, weights are float32. */
export function addRows(kernel: usize, rows: i32, stride: usize, count: i32, weights: usize, columns: usize): void {
  const bytes = <usize>count << 2;
  for (let row = 0; row < rows; row += 8) {
    let column = columns;
    for (const end = kernel + bytes; kernel != end; kernel += 16) {
      let at = kernel;
      let sum = f32x4.mul(v128.load(at), v128.load32_splat(weights));
      at += stride;
      sum = multiplyAdd(v128.load(at), v128.load32_splat(weights, 4), sum);
      at += stride;
      sum = multiplyAdd(v128.load(at), v128.load32_splat(weights, 8), sum);
      at += stride;
      sum = multiplyAdd(v128.load(at), v128.load32_splat(weights, 12), sum);
      at += stride;
      sum = multiplyAdd(v128.load(at), v128.load32_splat(weights, 16), sum);
      at += stride;
      sum = multiplyAdd(v128.load(at), v128.load32_splat(weights, 20), sum);
      at += stride;
      sum = multiplyAdd(v128.load(at), v128.load32_splat(weights, 24), sum);
      at += stride;
      sum = multiplyAdd(v128.load(at), v128.load32_splat(weights, 28), sum);
      v128.store(column, f64x2.add(v128.load(column), f64x2.promote_low_f32x4(sum)));
      v128.store(column, f64x2.add(v128.load(column, 16), f64x2.promote_low_f32x4(upper(sum))), 16);
      column += 32;
    }
    kernel += 8 * stride - bytes;
    weights += 32;
  }
}
