/**
 * Packs the rows of a matrix (`stride` bytes from one to the next) as vectors of `depth` numbers: [panel][k][place],
 * `panel` (4 or 8) vectors a panel. Places of the last panel beyond `count` get what stands behind the matrix.
 */
export function packRows(matrix: usize, count: i32, depth: i32, stride: usize, panel: i32, out: usize): void {
  const line = <usize>panel << 2;
  const whole = depth & ~3;
  for (let row = 0; row < count; row += 4) {
    const place = row % panel;
    let target = out + <usize>(row - place) * (<usize>depth << 2) + (<usize>place << 2);
    let first = matrix + <usize>row * stride;
    let second = first + stride;
    let third = second + stride;
    let fourth = third + stride;
    for (let k = 0; k < whole; k += 4) {
      const a = v128.load(first);
      const b = v128.load(second);
      const c = v128.load(third);
      const d = v128.load(fourth);
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<i64>(ab, cd, 0, 2));
      target += line;
      v128.store(target, v128.shuffle<i64>(ab, cd, 1, 3));
      target += line;
      v128.store(target, v128.shuffle<i64>(abHigh, cdHigh, 0, 2));
      target += line;
      v128.store(target, v128.shuffle<i64>(abHigh, cdHigh, 1, 3));
      target += line;
      first += 16;
      second += 16;
      third += 16;
      fourth += 16;
    }
    for (let k = whole; k < depth; k++) {
      store<f32>(target, load<f32>(first));
      store<f32>(target, load<f32>(second), 4);
      store<f32>(target, load<f32>(third), 8);
      store<f32>(target, load<f32>(fourth), 12);
      target += line;
      first += 4;
      second += 4;
      third += 4;
      fourth += 4;
    }
  }
}

/** The same for the columns of a matrix of `depth` rows. */
export function packColumns(matrix: usize, count: i32, depth: i32, stride: usize, panel: i32, out: usize): void {
  for (let column = 0; column < count; column += panel) {
    let from = matrix + (<usize>column << 2);
    for (let k = 0; k < depth; k++) {
      v128.store(out, v128.load(from));
      out += 16;
      if (panel == 8) {
        v128.store(out, v128.load(from, 16));
        out += 16;
      }
      from += stride;
    }
  }
}
