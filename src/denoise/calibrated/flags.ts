/**
 * The most suspicious clicks, as many as can be flagged with an expected share `fdr` of false ones among them: the
 * largest set {probability >= t} whose mean of 1 - probability is at most `fdr`.
 * @returns 1 for a flagged click, else 0
 */
export function flagsAt(probability: Float32Array, fdr: number): Uint8Array {
  const falling = probability.slice().sort().reverse();
  let least = Infinity;
  let errors = 0;
  for (let count = 1; count <= falling.length; count++) {
    const value = falling[count - 1]!;
    errors += 1 - value;
    if (errors <= fdr * count && value > 0 && falling[count] !== value) least = value;
  }
  return Uint8Array.from(probability, (value) => (value >= least ? 1 : 0));
}
