/** Users a panel and items a panel of the product kernel. */
export const USERS = 4;
export const ITEMS = 8;

/** Number of panels that hold `count` users or items. */
export function panelsOf(count: number, panel: number): number {
  return Math.ceil(count / panel);
}

/**
 * Packs `count` vectors of `depth` numbers as [panel][k][place in the panel], each times `scale`; places without a
 * vector get 0. Vector v has the numbers matrix[start + v * step + k * stride].
 */
export function packPanels(
  matrix: Float32Array,
  source: { start: number; step: number; stride: number },
  count: number,
  depth: number,
  panel: number,
  scale: number,
  packed: Float32Array,
): void {
  const { start, step, stride } = source;
  packed.fill(0, 0, panelsOf(count, panel) * panel * depth);
  for (let vector = 0; vector < count; vector++) {
    const place = vector % panel;
    let target = (vector - place) * depth + place;
    let from = start + vector * step;
    for (let k = 0; k < depth; k++, target += panel, from += stride) packed[target] = matrix[from]! * scale;
  }
}

/** Euclidean length of `depth` numbers from `start`. */
export function lengthOf(matrix: Float32Array, start: number, depth: number): number {
  let sum = 0;
  for (let k = start; k < start + depth; k++) sum += matrix[k]! * matrix[k]!;
  return Math.sqrt(sum);
}
