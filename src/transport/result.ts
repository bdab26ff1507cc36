import type { Plan } from "./plan.ts";

/** "optimal": proven; "converged": within its tolerance; "closed-form": exact, nothing to iterate; "stopped": out of iterations before that. */
export type TransportStatus = "optimal" | "converged" | "closed-form" | "stopped";

/** What every solver gives. */
export interface TransportResult {
  readonly status: TransportStatus;
  readonly plan: Plan;
  /** Sum of cost times mass over all pairs. */
  readonly cost: number;
  /** Sum of the plan. */
  readonly mass: number;
  /** Sum of |row sum - q| and |column sum - p|. */
  readonly marginalError: number;
  /** Cost less what the potentials prove to be its least, of an exact solver; unplaced mass of one stopped early at the largest cost. */
  readonly gap?: number;
  /** Dual values f of users and g of items, in units of cost. */
  readonly potentials?: { readonly users: Float64Array; readonly items: Float64Array };
  readonly iterations: number;
  readonly seconds: number;
  /** What was done to the input that its owner should know of. */
  readonly notes: readonly string[];
}

/** What a solver says of its plan, in figures. */
export interface SolverReport
  extends Pick<TransportResult, "status" | "iterations" | "marginalError" | "notes"> {
  /** Null where the solver proves none. */
  readonly gap: number | null;
}

/** What a solver leaves to `transport` to fill in. */
export type Solved = Omit<TransportResult, "seconds" | "notes">;
