import type { ArmTest } from "./compare.ts";

/** Two-sided level at which a difference counts. */
const LEVEL = 0.05;

/**
 * What the paired tests say of "prorec" on a metric. "gain": better than the base and than every control.
 * "matched": better than the base, but some control does as well, so it is no proof of denoising.
 */
export interface Verdict {
  readonly metric: string;
  readonly verdict: "gain" | "matched" | "no evidence" | "loss";
  /** The controls that "prorec" does not beat. */
  readonly matchedBy: readonly string[];
}

/** One verdict a metric, from the tests of "prorec" against the base and the controls. */
export function verdicts(tests: readonly ArmTest[], controls: readonly string[]): Verdict[] {
  return tests
    .filter(({ arm, against }) => arm === "prorec" && against === "base")
    .map((base) => {
      const matchedBy = tests
        .filter(
          ({ arm, against, metric }) =>
            arm === "prorec" && controls.includes(against) && metric === base.metric,
        )
        .filter((test) => !better(test))
        .map(({ against }) => against);
      return { metric: base.metric, verdict: verdictOf(base, matchedBy), matchedBy };
    });
}

function verdictOf(base: ArmTest, matchedBy: readonly string[]): Verdict["verdict"] {
  if (better(base)) return matchedBy.length > 0 ? "matched" : "gain";
  return base.difference < 0 && significant(base) ? "loss" : "no evidence";
}

function better(test: ArmTest): boolean {
  return test.difference > 0 && significant(test);
}

function significant({ tP }: ArmTest): boolean {
  return tP !== null && tP < LEVEL;
}
