import { CONTROLS, type Control } from "./controls.ts";
import type { PairedTest } from "./significance.ts";

/** One arm against another on one metric; pairs are users, their values averaged over the runs. */
export interface ArmTest extends PairedTest {
  readonly arm: string;
  readonly against: string;
  readonly metric: string;
}

/** Two-sided level at which a difference counts. */
const LEVEL = 0.05;

/**
 * What the paired tests say of "prorec" on a metric. "gain": better than the base, than every placebo, and still so
 * where a side effect is taken out. "matched": better than the base, but a control explains it, so it is no proof of
 * denoising. "loss": worse than the base.
 */
export interface Verdict {
  readonly metric: string;
  readonly verdict: "gain" | "matched" | "no evidence" | "loss";
  /** The placebos that a gain is not larger than. */
  readonly matchedBy: readonly string[];
  /** The isolated controls in which the gain, or the loss, is not there: it came from what they take out. */
  readonly goneIn: readonly string[];
}

/** One verdict a metric, from the tests of "prorec" and of the controls that were run. */
export function verdicts(tests: readonly ArmTest[]): Verdict[] {
  const changes = tests.filter(({ arm, against }) => arm === "prorec" && against === "base");
  return changes.map((change) => {
    const { metric } = change;
    if (!significant(change)) return { metric, verdict: "no evidence", matchedBy: [], goneIn: [] };
    const asClear = (test: ArmTest) => significant(test) && test.difference > 0 === change.difference > 0;
    const others = tests.filter((test) => test.metric === metric && !asClear(test));
    const goneIn = others
      .filter(({ arm, against }) => against === "base" && isA("isolated", arm))
      .map(({ arm }) => arm);
    if (change.difference < 0) return { metric, verdict: "loss", matchedBy: [], goneIn };
    const matchedBy = others
      .filter(({ arm, against }) => arm === "prorec" && isA("placebo", against))
      .map(({ against }) => against);
    const explained = matchedBy.length > 0 || goneIn.length > 0;
    return { metric, verdict: explained ? "matched" : "gain", matchedBy, goneIn };
  });
}

/** Whether a difference counts at the level of the verdicts. */
export function significant({ tP }: Pick<ArmTest, "tP">): boolean {
  return tP !== null && tP < LEVEL;
}

function isA(kind: Control["kind"], arm: string): boolean {
  return CONTROLS[arm]?.kind === kind;
}
