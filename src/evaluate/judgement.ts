import { pairedTest } from "./significance.ts";

/** What a change does to a metric, values of the same users with and without it. */
export interface Judgement {
  /** "helps" for a gain and "hurts" for a loss with p < .01 in a paired t test, two-sided. */
  readonly verdict: "helps" | "no evidence" | "hurts";
  /** Mean difference to what it is compared with, with its 95% interval. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** The difference as a share of the mean of what it is compared with. */
  readonly gain: number;
  readonly t: number;
  readonly users: number;
}

/**
 * At 5% one log in twenty with nothing to find would be told that something helps or hurts it, and a log is told of
 * several things.
 */
const LEVEL = 0.01;

/** A judgement of treatment against control, values of the same users. */
export function judged(treatment: Float64Array, control: Float64Array): Judgement {
  const { difference, low, high, tP, n } = pairedTest(treatment, control);
  let squares = 0;
  for (let user = 0; user < n; user++) squares += (treatment[user]! - control[user]! - difference) ** 2;
  const error = Math.sqrt(squares / Math.max(1, n - 1) / n);
  const t = error > 0 ? difference / error : 0;
  const level = mean(control);
  const clear = tP !== null && tP < LEVEL;
  return {
    verdict: !clear ? "no evidence" : difference > 0 ? "helps" : "hurts",
    ...{ difference, low: low ?? difference, high: high ?? difference, t, users: n },
    gain: level > 0 ? difference / level : 0,
  };
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
