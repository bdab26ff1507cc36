import type { ColumnSums, Engine } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import { breathe, type RunOptions } from "../progress.ts";
import type { Scores } from "../scores.ts";
import { costRange, type TransportCost } from "./costs.ts";
import type { Marginals } from "./marginals.ts";
import type { Side } from "./match.ts";
import { Plan } from "./plan.ts";
import type { Solved } from "./result.ts";
import { planTotals } from "./totals.ts";

/** Users whose columns are added up between two breaths; the kernels ask for a multiple of 512. */
const USERS = 512;

/** The closed form: the items' side (Eq. 5/17), the users' (Eq. 6/16) or the larger of both (Eq. 7), in float32. */
export async function solveRelaxed(
  cost: TransportCost,
  marginals: Marginals,
  solver: { gamma: number; side: Side },
  options: RelaxedOptions,
): Promise<Solved> {
  await costRange(cost, options);
  const plan = await relaxedPlan(scoresOf(cost), marginals, solver, options);
  return {
    status: "closed-form",
    plan,
    ...(await planTotals(cost, marginals, plan, options)),
    iterations: 1,
  };
}

type RelaxedOptions = RunOptions & { readonly engine?: Engine | "auto" | undefined };

/** Its plan alone: one pass over all pairs for the items' sums, unless they are known or only the users' side counts. */
export async function relaxedPlan(
  scores: Scores,
  marginals: Marginals,
  { gamma, side }: { gamma: number; side: Side },
  options: RelaxedOptions,
  known?: ColumnSums,
): Promise<Plan> {
  const { users, items } = scores;
  const kernel = loadKernels(options.engine).transport(scores, gamma);
  if (side !== "user-side") {
    for (let start = 0; start < users && known === undefined; start += USERS) {
      await breathe(options.signal);
      kernel.addColumns(blockOf(scores, start, Math.min(start + USERS, users)));
    }
    kernel.setItemSide(known ?? kernel.takeColumns(), marginals.items);
  }
  const held = new Float32Array(items);
  return new Plan({ users, items }, (user, row) => {
    const shares = side === "item-side" ? undefined : marginals.users.subarray(user, user + 1);
    const scale = 2 ** kernel.planRows(blockOf(scores, user, user + 1), shares, held)[0]!;
    for (let item = 0; item < items; item++) row[item] = held[item]! * scale;
  });
}

function scoresOf(cost: TransportCost): Scores {
  if ("kind" in cost) return cost;
  const { cost: costs, rows, columns } = cost;
  return {
    kind: "rows",
    users: rows,
    items: columns,
    fill(start, end, out) {
      const first = start * columns;
      for (let at = 0; at < (end - start) * columns; at++) out[at] = -costs[first + at]!;
    },
  };
}

/** Users as the kernel takes them: their factors or their scores. */
function blockOf(scores: Scores, start: number, end: number): Float32Array {
  if (scores.kind === "factors") return scores.userFactors.subarray(start * scores.rank, end * scores.rank);
  const block = new Float32Array((end - start) * scores.items);
  scores.fill(start, end, block);
  return block;
}
