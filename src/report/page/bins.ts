/** Interactions of one kind: from..to of what they are sorted by. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  interactions: number;
  flagged: number;
  /** Sum of their probabilities of being accidental, where these are known. */
  accidents: number;
}

/** Bins between consecutive edges. */
export function binsBetween(edges: readonly number[]): Bin[] {
  return edges
    .slice(1)
    .map((to, bin) => ({ from: edges[bin]!, to, interactions: 0, flagged: 0, accidents: 0 }));
}

/** Bins of equal width from 0 to 1. */
export function evenBins(count: number): Bin[] {
  return binsBetween(Array.from({ length: count + 1 }, (_, edge) => edge / count));
}

/** Bins from 1 to 2, to 4 and so on, for `doublingBin`. */
export function doublingBins(): Bin[] {
  return binsBetween(Array.from({ length: 33 }, (_, power) => 2 ** power));
}

export function doublingBin(count: number): number {
  return Math.floor(Math.log2(count));
}

/** Counts an interaction; the first and the last bin also hold what lies beyond. */
export function countIn(bins: readonly Bin[], at: number, flagged: number, probability = 0): void {
  const bin = bins[Math.max(0, Math.min(bins.length - 1, at))]!;
  bin.interactions++;
  bin.flagged += flagged;
  bin.accidents += probability;
}

export function usedBins(bins: readonly Bin[]): Bin[] {
  return bins.filter(({ interactions }) => interactions > 0);
}
