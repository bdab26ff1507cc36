import { ProRecError } from "../errors.ts";
import type { Engine } from "../kernels/kernels.ts";
import type { Threads } from "../parallel/crew.ts";
import { type RunOptions, throwIfAborted } from "../progress.ts";
import type { CostMatrix } from "../scores.ts";
import { eachBlock, shapeOf, type TransportCost } from "./costs.ts";
import { solveEmd } from "./emd.ts";
import { assertExactFits } from "./exact-memory.ts";
import { solveFixedMass } from "./fixed-mass.ts";
import type { Marginals } from "./marginals.ts";
import { solveRelaxed } from "./relaxed.ts";
import type { Solved, TransportResult } from "./result.ts";
import { solveSinkhorn } from "./sinkhorn.ts";
import type { Solver } from "./solvers.ts";

export interface TransportOptions extends RunOptions {
  /** What computes; default the fastest that runs here. */
  readonly engine?: Engine | "auto" | undefined;
  /** Threads that compute `sinkhorn` and `unbalanced` plans of factors; no effect on the result. Default 1. */
  readonly threads?: Threads | undefined;
}

/** Sums of marginals closer than this count as one. */
const SAME = 1e-12;
/** Marginal error that Sinkhorn stops at unless told: of stored costs, and of scores that are made anew in float32. */
const TOLERANCE = { stored: 1e-9, made: 1e-6 };

/**
 * Moves mass from users (`users`: q, how much each gives) to items (`items`: p, how much each takes) at a cost. The costs
 * are a matrix, or scores whose negatives they are: those are never stored for all pairs, but by `emd` and `fixedMass`,
 * which need them in memory.
 * @throws ProRecError SHAPE_MISMATCH for marginals or costs that are no numbers, negative, all zero, of another shape, or
 * can't give the mass asked for; TOO_LARGE with figures; ABORTED
 */
export async function transport(
  cost: TransportCost,
  marginals: { readonly users: ArrayLike<number>; readonly items: ArrayLike<number> },
  solver: Solver,
  options: TransportOptions = {},
): Promise<TransportResult> {
  throwIfAborted(options.signal);
  const started = performance.now();
  const { users, items } = shapeOf(cost);
  if ("cost" in cost && cost.cost.length !== users * items) {
    throw mismatch(
      `${cost.cost.length} costs are not ${users} x ${items}.`,
      "Give rows x columns numbers, row-major.",
    );
  }
  const checked = {
    users: shares("users", marginals.users, users),
    items: shares("items", marginals.items, items),
  };
  const notes: string[] = [];
  const balanced = solver.name === "emd" || solver.name === "sinkhorn" ? balance(checked, notes) : checked;
  const solved = await solve(cost, balanced, solver, options);
  return { ...solved, seconds: (performance.now() - started) / 1000, notes };
}

async function solve(
  cost: TransportCost,
  marginals: Marginals,
  solver: Solver,
  options: TransportOptions,
): Promise<Solved> {
  switch (solver.name) {
    case "emd":
      return solveEmd(await inMemory(cost, solver, options), marginals, { ...options, ...solver });
    case "fixed-mass":
      return solveFixedMass(await inMemory(cost, solver, options), marginals, solver.mass, {
        ...options,
        ...solver,
      });
    case "sinkhorn":
    case "unbalanced": {
      const tolerance = solver.tolerance || ("cost" in cost ? TOLERANCE.stored : TOLERANCE.made);
      return solveSinkhorn(cost, marginals, { ...solver, tolerance }, options);
    }
    default:
      return solveRelaxed(cost, marginals, { gamma: solver.gamma, side: solver.name }, options);
  }
}

/** Marginals as float64, checked. */
function shares(side: "users" | "items", values: ArrayLike<number>, count: number): Float64Array {
  if (values.length !== count) {
    throw mismatch(`${values.length} marginals for ${count} ${side}.`, "Give one number for each of them.");
  }
  const checked = Float64Array.from(values);
  const wrong = checked.findIndex((value) => !(value >= 0 && value < Infinity));
  if (wrong >= 0) {
    throw mismatch(
      `The marginal of ${side.slice(0, -1)} ${wrong} is ${checked[wrong]}.`,
      "Marginals are finite numbers, 0 or more.",
    );
  }
  const total = checked.reduce((sum, value) => sum + value, 0);
  if (total > 0 && total < Infinity) return checked;
  throw mismatch(
    `The marginals of the ${side} sum to ${total}.`,
    "At least one has to be above 0, and their sum finite.",
  );
}

/** Both sides with one sum; where they differ each is scaled to 1. */
function balance(marginals: Marginals, notes: string[]): Marginals {
  const [given, wanted] = [marginals.users, marginals.items].map((side) =>
    side.reduce((sum, value) => sum + value, 0),
  ) as [number, number];
  if (Math.abs(given - wanted) <= SAME * given) return marginals;
  notes.push(`The users' marginals sum to ${given} and the items' to ${wanted}: each side was scaled to 1.`);
  return {
    users: marginals.users.map((value) => value / given),
    items: marginals.items.map((value) => value / wanted),
  };
}

/** All costs as one matrix, with room for what the solver holds of each pair beside it. @throws ProRecError TOO_LARGE with figures */
async function inMemory(cost: TransportCost, solver: Solver, options: RunOptions): Promise<CostMatrix> {
  const { users, items } = shapeOf(cost);
  assertExactFits(solver, { users, items }, "cost" in cost);
  if ("cost" in cost) return cost;
  const all = new Float32Array(users * items);
  await eachBlock(cost, options, (costs, start) => all.set(costs as Float32Array, start * items));
  return { cost: all, rows: users, columns: items };
}

function mismatch(message: string, hint: string): ProRecError {
  return new ProRecError("SHAPE_MISMATCH", message, { hint });
}
