import ttest from "@stdlib/stats-ttest";
import wilcoxon from "@stdlib/stats-wilcoxon";

/** A mean with its 95% t interval; null where one value alone gives none. */
export interface MeanInterval {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Two arms compared on the same users (or seeds). */
export interface PairedTest {
  /** Mean of treatment - control. */
  readonly difference: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided paired t test; null for fewer than two pairs, and where all differ by the same amount. */
  readonly tP: number | null;
  /** Two-sided Wilcoxon signed-rank test, zero differences dropped; null for fewer than two pairs. */
  readonly wilcoxonP: number | null;
  readonly n: number;
}

/** @throws RangeError for no values or values that aren't finite. */
export function meanInterval(values: Float64Array): MeanInterval {
  if (values.length === 0) throw new RangeError("There are no values to take a mean of.");
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`Value ${bad} is ${values[bad]}; a mean takes finite values.`);
  if (values.length === 1) return { mean: values[0]!, low: null, high: null };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (isConstant(values)) return { mean, low: mean, high: mean };
  const [low, high] = ttest(values).ci as [number, number];
  return { mean, low, high };
}

/**
 * Paired tests of treatment against control; `treatment[i]` and `control[i]` are of the same user.
 * Arms that are equal everywhere have p = 1.
 * @throws RangeError for arrays of other lengths, empty ones, or values that aren't finite.
 */
export function pairedTest(treatment: Float64Array, control: Float64Array): PairedTest {
  if (treatment.length !== control.length) {
    throw new RangeError(
      `${treatment.length} treated values can't be paired with ${control.length} controls.`,
    );
  }
  const differences = treatment.map((value, index) => value - control[index]!);
  const { mean: difference, low, high } = meanInterval(differences);
  const n = differences.length;
  const pairs = { difference, low, high, n };
  if (n < 2) return { ...pairs, tP: null, wilcoxonP: null };
  if (differences.every((value) => value === 0)) return { ...pairs, tP: 1, wilcoxonP: 1 };
  return {
    ...pairs,
    tP: isConstant(differences) ? null : Math.min(1, ttest(differences).pValue),
    wilcoxonP: Math.min(1, Math.max(0, wilcoxon(differences).pValue)),
  };
}

/** Whether the values differ by no more than rounding (or their squares underflow), so that their spread says nothing. */
function isConstant(values: Float64Array): boolean {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low <= Math.max(1e-150, 8 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high)));
}

/**
 * Holm's step-down correction of a family of p values, in their order; null stays null and does not count.
 * (S. Holm, A simple sequentially rejective multiple test procedure, 1979.)
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const ascending = pValues
    .flatMap((p, index) => (p === null ? [] : [{ p, index }]))
    .sort((left, right) => left.p - right.p);
  const corrected: (number | null)[] = pValues.map(() => null);
  let floor = 0;
  for (const [rank, { p, index }] of ascending.entries()) {
    floor = Math.max(floor, Math.min(1, p * (ascending.length - rank)));
    corrected[index] = floor;
  }
  return corrected;
}
