/** What was measured of a claim. */
export interface Finding {
  readonly measured: string;
  readonly verdict: string;
}

/** Two-sided level of the verdicts. */
export const SIGNIFICANT = 0.05;

/** A verdict where a claim holds in some of the cases. */
export function someHold(holding: number, all: number): string {
  if (holding === all) return "holds";
  return holding === 0 ? "does not hold" : `holds in ${holding} of ${all}`;
}
