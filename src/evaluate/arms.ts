import type { Ids } from "../interactions/ids.ts";
import type { Evaluation } from "./evaluate.ts";
import { type MeanInterval, meanInterval, pairedTest } from "./significance.ts";
import type { ArmTest } from "./verdict.ts";

/** Something of each arm and metric, e.g. `mean.prorec["ndcg@5"]`. */
export type ByArm<T> = Readonly<Record<string, Readonly<Record<string, T>>>>;

/** Arms compared over runs: what each scored, every user's average, tests. The first arm of a run is "base". */
export class ArmResults {
  /** Means over the users, run by run. */
  readonly runs: { readonly seed: number; readonly arms: Record<string, Record<string, number>> }[] = [];
  readonly #users: Ids;
  /** Runs that tested each user. */
  readonly #tested: Float64Array;
  readonly #sums: Record<string, Record<string, Float64Array>> = {};

  constructor(users: Ids) {
    this.#users = users;
    this.#tested = new Float64Array(users.size);
  }

  add(seed: number, arm: string, { users, values, means }: Evaluation): void {
    if (arm === "base") {
      this.runs.push({ seed, arms: {} });
      for (const user of users) this.#tested[user]!++;
    }
    this.runs.at(-1)!.arms[arm] = { ...means };
    this.#sums[arm] ??= {};
    const sums = this.#sums[arm];
    for (const [metric, own] of Object.entries(values)) {
      sums[metric] ??= new Float64Array(this.#tested.length);
      for (const [index, user] of users.entries()) sums[metric][user]! += own[index]!;
    }
  }

  /** Every user's values, averaged over the runs that tested the user; parallel to `users`. */
  perUser(): { users: readonly string[]; values: ByArm<Float64Array> } {
    const tested = this.#tested;
    const averages = (sums: Float64Array) =>
      sums.map((sum, user) => sum / tested[user]!).filter((_, user) => tested[user]! > 0);
    const users = [...this.#users].filter((_, user) => tested[user]! > 0);
    return { users, values: mapped(this.#sums, averages) };
  }

  /** Means over the runs with 95% t intervals over their seeds. */
  summary(): ByArm<MeanInterval> {
    return mapped(this.runs[0]!.arms, (_, arm, metric) =>
      meanInterval(Float64Array.from(this.runs, (run) => run.arms[arm]![metric]!)),
    );
  }
}

/** Every arm against the base, and `main` against every other; `values` are users' averages. */
export function pairedTests(values: ByArm<Float64Array>, main = "prorec"): ArmTest[] {
  const treated = Object.keys(values).filter((arm) => arm !== "base");
  const pairs = [
    ...treated.map((arm) => ({ arm, against: "base" })),
    ...(treated.includes(main) ? treated : [])
      .filter((arm) => arm !== main)
      .map((other) => ({ arm: main, against: other })),
  ];
  return pairs.flatMap(({ arm, against }) =>
    Object.entries(values[arm]!).map(([metric, own]) => ({
      arm,
      against,
      metric,
      ...pairedTest(own, values[against]![metric]!),
    })),
  );
}

function mapped<T, U>(values: ByArm<T>, change: (value: T, arm: string, metric: string) => U): ByArm<U> {
  return Object.fromEntries(
    Object.entries(values).map(([arm, own]) => [
      arm,
      Object.fromEntries(Object.entries(own).map(([metric, value]) => [metric, change(value, arm, metric)])),
    ]),
  );
}
