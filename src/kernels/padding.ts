/** Copies rows of a row-major array into one with rows of another width. */
export function copyRows(
  source: Float32Array,
  sourceWidth: number,
  target: Float32Array,
  targetWidth: number,
  rows: number,
): void {
  if (sourceWidth === targetWidth) {
    target.set(source.length > rows * sourceWidth ? source.subarray(0, rows * sourceWidth) : source);
    return;
  }
  const width = Math.min(sourceWidth, targetWidth);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) target[row * targetWidth + k] = source[row * sourceWidth + k]!;
  }
}

/** The leading width x width of a symmetric matrix of which the upper triangle is given. */
export function symmetric(upper: Float64Array, stride: number, width: number): Float64Array<ArrayBuffer> {
  const matrix = new Float64Array(width * width);
  for (let row = 0; row < width; row++) {
    for (let column = 0; column < width; column++) {
      matrix[row * width + column] = upper[Math.min(row, column) * stride + Math.max(row, column)]!;
    }
  }
  return matrix;
}
