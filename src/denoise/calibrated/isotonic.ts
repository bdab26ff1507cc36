/**
 * The non-decreasing values nearest to `targets` in weighted least squares: pools adjacent violators (Ayer et al.
 * 1955). O(n).
 */
export function isotonic(targets: Float64Array, weights: Float64Array): Float64Array {
  const means = new Float64Array(targets.length);
  const masses = new Float64Array(targets.length);
  const ends = new Uint32Array(targets.length);
  let pools = 0;
  for (let index = 0; index < targets.length; index++) {
    means[pools] = targets[index]!;
    masses[pools] = weights[index]!;
    ends[pools++] = index + 1;
    while (pools > 1 && means[pools - 2]! >= means[pools - 1]!) {
      const left = pools - 2;
      const mass = masses[left]! + masses[left + 1]!;
      if (mass > 0) {
        means[left] = (means[left]! * masses[left]! + means[left + 1]! * masses[left + 1]!) / mass;
      }
      masses[left] = mass;
      ends[left] = ends[left + 1]!;
      pools--;
    }
  }
  const fitted = new Float64Array(targets.length);
  for (let pool = 0, start = 0; pool < pools; start = ends[pool++]!) {
    fitted.fill(means[pool]!, start, ends[pool]);
  }
  return fitted;
}
