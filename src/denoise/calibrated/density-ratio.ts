import { isotonic } from "./isotonic.ts";
import { upperBound } from "./percentiles.ts";
import type { ScoredRows } from "./scored-rows.ts";

/**
 * How much denser decoys are than observed clicks at each row's suspicion, a ratio that never falls with it: the
 * isotonic regression of decoy against observed, both at mass 1, as odds. 0 below every decoy.
 */
export function densityRatio({ suspicion, decoys, weights }: ScoredRows): Float32Array {
  const edges = suspicion.filter((_, row) => decoys[row] === 1 && weights[row]! > 0).sort();
  const bins = edges.length;
  const decoyMass = new Float64Array(bins);
  const observedMass = new Float64Array(bins);
  let decoy = 0;
  let observed = 0;
  // A decoy and the observed above it, up to the next decoy, always fall into one pool.
  const binOf = Int32Array.from(suspicion, (value) => upperBound(edges, value) - 1);
  for (let row = 0; row < binOf.length; row++) {
    const weight = weights[row]!;
    if (decoys[row] === 1) decoy += weight;
    else observed += weight;
    if (binOf[row]! < 0) continue;
    if (decoys[row] === 1) decoyMass[binOf[row]!]! += weight;
    else observedMass[binOf[row]!]! += weight;
  }
  const masses = new Float64Array(bins);
  const chances = new Float64Array(bins);
  for (let bin = 0; bin < bins; bin++) {
    const share = decoyMass[bin]! / decoy;
    masses[bin] = share + observedMass[bin]! / observed;
    chances[bin] = masses[bin]! > 0 ? share / masses[bin]! : 0;
  }
  const fitted = isotonic(chances, masses);
  return Float32Array.from(binOf, (bin) => (bin < 0 ? 0 : fitted[bin]! / Math.max(1 - fitted[bin]!, 1e-9)));
}
