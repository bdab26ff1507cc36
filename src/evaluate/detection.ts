/** One log's rows: how suspicious each is, which were flagged, which are known to be noise. */
export interface DetectionInput {
  /** Higher is more suspicious. */
  readonly suspicion: Float32Array | Float64Array;
  /** 1 for a flagged row, else 0. */
  readonly flags: Uint8Array;
  /** 1 for a row of known noise, else 0. */
  readonly truth: Uint8Array;
}

/** How well noise was found; null where a ratio has nothing to divide by. */
export interface Detection {
  /** Share of the noise that is flagged: the paper's HR of Figure 2a (recall of the flags, not hr@k). */
  readonly hitRatio: number | null;
  /** Share of all rows that is flagged; a hit ratio means nothing without it. */
  readonly flaggedShare: number | null;
  /** Share of the flagged rows that is noise. */
  readonly precision: number | null;
  /** Share of the flagged rows that is not noise. */
  readonly falseDiscoveryRate: number | null;
  readonly rocAuc: number | null;
  readonly averagePrecision: number | null;
}

/**
 * @throws RangeError for arrays of different lengths or a suspicion that is NaN.
 */
export function scoreDetection({ suspicion, flags, truth }: DetectionInput): Detection {
  if (flags.length !== truth.length) {
    throw new RangeError(`${flags.length} flags do not fit ${truth.length} rows of truth.`);
  }
  let noise = 0;
  let flagged = 0;
  let hits = 0;
  for (let row = 0; row < truth.length; row++) {
    noise += truth[row]!;
    flagged += flags[row]!;
    hits += truth[row]! & flags[row]!;
  }
  const precision = ratio(hits, flagged);
  return {
    hitRatio: ratio(hits, noise),
    flaggedShare: ratio(flagged, truth.length),
    precision,
    falseDiscoveryRate: precision === null ? null : 1 - precision,
    ...rankDetection(suspicion, truth),
  };
}

/**
 * The two measures that need no flags, O(n log n).
 * ROC-AUC: the chance that a noise row is more suspicious than a clean one; equal suspicion counts half.
 * Average precision: sum over the distinct suspicions, falling, of (gain in recall) x (precision down to there);
 * rows of equal suspicion are taken together, so their order in the log has no influence.
 * @throws RangeError for arrays of different lengths or a suspicion that is NaN.
 */
export function rankDetection(
  suspicion: Float32Array | Float64Array,
  truth: Uint8Array,
): { rocAuc: number | null; averagePrecision: number | null } {
  if (suspicion.length !== truth.length) {
    throw new RangeError(`${suspicion.length} suspicions do not fit ${truth.length} rows of truth.`);
  }
  if (suspicion.some(Number.isNaN)) throw new RangeError("A suspicion is NaN; it must be a number.");
  const noise = suspicion.filter((_, row) => truth[row] === 1).sort();
  const clean = suspicion.filter((_, row) => truth[row] !== 1).sort();
  let noiseLeft = noise.length;
  let cleanLeft = clean.length;
  let ordered = 0;
  let averagePrecision = 0;
  while (noiseLeft > 0) {
    const level = Math.max(noise[noiseLeft - 1]!, cleanLeft > 0 ? clean[cleanLeft - 1]! : -Infinity);
    const noiseBefore = noiseLeft;
    const cleanBefore = cleanLeft;
    while (noiseLeft > 0 && noise[noiseLeft - 1] === level) noiseLeft--;
    while (cleanLeft > 0 && clean[cleanLeft - 1] === level) cleanLeft--;
    const found = noiseBefore - noiseLeft;
    ordered += found * (cleanLeft + (cleanBefore - cleanLeft) / 2);
    const above = suspicion.length - noiseLeft - cleanLeft;
    averagePrecision += (found / noise.length) * ((noise.length - noiseLeft) / above);
  }
  return {
    rocAuc: ratio(ordered, noise.length * clean.length),
    averagePrecision: noise.length === 0 ? null : averagePrecision,
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
