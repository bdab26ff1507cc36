/** A way to choose the plan; made by the functions here. */
export type Solver =
  | { readonly name: "emd"; readonly iterations: number }
  | { readonly name: "fixed-mass"; readonly mass: number; readonly iterations: number }
  | {
      readonly name: "sinkhorn" | "unbalanced";
      readonly gamma: number;
      readonly marginalPenalty: number;
      readonly tolerance: number;
      readonly iterations: number;
    }
  | { readonly name: "relaxed" | "user-side" | "item-side"; readonly gamma: number };

export interface GammaOptions {
  /** Temperature of the entropy, gamma of Eq. 4, in units of cost. */
  readonly gamma: number;
}

export interface SinkhornOptions extends GammaOptions {
  /** L1 distance to stop at: of the plan from its marginals, or (unbalanced) from a fixed point. Default 1e-9, 1e-6 for scores. */
  readonly tolerance?: number;
  /** Most sweeps over all pairs at one temperature. Default 1000. */
  readonly iterations?: number;
}

/** The exact plan, Eq. 1. `iterations`: exchanges before it gives up. */
export function emd({ iterations = 1e8 }: { iterations?: number } = {}): Solver {
  return { name: "emd", iterations: atLeastOne("iterations", iterations) };
}

/** The entropic plan, Eq. 4. */
export function sinkhorn(options: SinkhornOptions): Solver {
  return { name: "sinkhorn", ...entropic(options), marginalPenalty: Infinity };
}

/**
 * The entropic plan whose marginals may be missed: <M, pi> + gamma KL(pi | q p^T) + marginalPenalty (KL(row sums | q) +
 * KL(column sums | p)) is least. What a user's row lacks is unmatched.
 */
export function unbalanced(options: SinkhornOptions & { readonly marginalPenalty: number }): Solver {
  const marginalPenalty = positive("marginalPenalty", options.marginalPenalty);
  return { name: "unbalanced", ...entropic(options), marginalPenalty };
}

/** The exact plan of so much mass, at most the marginals (partial transport); the rest stays unmatched. */
export function fixedMass({ mass, iterations = 1e8 }: { mass: number; iterations?: number }): Solver {
  return {
    name: "fixed-mass",
    mass: positive("mass", mass),
    iterations: atLeastOne("iterations", iterations),
  };
}

/** The larger of both sides, Eq. 7: no coupling, its mass is over 1. */
export function relaxed({ gamma }: GammaOptions): Solver {
  return { name: "relaxed", gamma: positive("gamma", gamma) };
}

/** The users' side, Eq. 6/16: meets q only. */
export function userSide({ gamma }: GammaOptions): Solver {
  return { name: "user-side", gamma: positive("gamma", gamma) };
}

/** The items' side, Eq. 5/17: meets p only. */
export function itemSide({ gamma }: GammaOptions): Solver {
  return { name: "item-side", gamma: positive("gamma", gamma) };
}

function entropic({ gamma, tolerance = 0, iterations = 1000 }: SinkhornOptions) {
  if (!(tolerance >= 0)) throw new RangeError(`tolerance is ${tolerance}; it must be a positive number.`);
  return { gamma: positive("gamma", gamma), tolerance, iterations: atLeastOne("iterations", iterations) };
}

/** @throws RangeError */
function positive(name: string, value: number): number {
  if (value > 0 && value < Infinity) return value;
  throw new RangeError(`${name} is ${value}; it must be a positive number.`);
}

/** @throws RangeError */
function atLeastOne(name: string, value: number): number {
  if (value >= 1) return value;
  throw new RangeError(`${name} is ${value}; it must be at least 1.`);
}
