import type { Side, Threshold } from "../transport/match.ts";
import type { NetworkScore } from "./network-score.ts";

/** Transports whose plan a solver of `transport` finds. */
export type PlanSolver = "sinkhorn" | "emd" | "fixed-mass" | "unbalanced";

/** The hyper-parameters of Algorithm 1, as they are reported. */
export interface DenoiseSettings {
  /** Entropy of the transport, gamma of Eq. 4. */
  readonly gamma: number;
  /** Steepness of the relabelling, beta of Eq. 22. */
  readonly beta: number;
  /** Share of the old value that stays, lambda of Eq. 23. 1 changes nothing. */
  readonly lambda: number;
  /** Rounds of fit, transport and relabelling; with `untilConverged` the most there may be. */
  readonly iterations: number;
  /** Repeat until a round changes the weights by less than `tolerance`: |X' - X| / |input| in the Euclidean norm. */
  readonly untilConverged: boolean;
  readonly tolerance: number;
  /** The closed form by the marginals it meets, or another solver's plan. */
  readonly transport: Side | PlanSolver;
  /** Mass of users and items: their share of the interactions (Eq. 4) or all the same (Eq. 1), which is emd's default. */
  readonly marginals: "popularity" | "uniform";
  /** Share of the mass that "fixed-mass" moves. */
  readonly mass: number;
  /** What "unbalanced" pays for a unit of divergence from the marginals. */
  readonly marginalPenalty: number;
  readonly threshold: Threshold;
  /** Sum the items' columns in full even where near and far sums would be faster. */
  readonly exactColumns: boolean;
  /** What of a network's output is matched; no effect on models without an activation. */
  readonly networkScore: NetworkScore;
}

const MOST_ROUNDS = 100;

/** The settings in effect. @throws RangeError for those out of range */
export function settingsOf(
  options: { readonly [name in keyof DenoiseSettings]?: DenoiseSettings[name] | undefined },
  embeddingsGiven = false,
): DenoiseSettings {
  const { untilConverged = false } = options;
  const settings = {
    gamma: options.gamma ?? 0.1,
    beta: options.beta ?? 20,
    lambda: options.lambda ?? 0.5,
    iterations: options.iterations ?? (untilConverged ? MOST_ROUNDS : 1),
    untilConverged,
    tolerance: options.tolerance ?? 1e-3,
    transport: options.transport ?? "relaxed",
    marginals: options.marginals ?? (options.transport === "emd" ? "uniform" : "popularity"),
    mass: options.mass ?? 0.9,
    marginalPenalty: options.marginalPenalty ?? 1,
    threshold: options.threshold ?? "personal",
    exactColumns: options.exactColumns ?? false,
    networkScore: options.networkScore ?? "probability",
  } as const;
  for (const name of ["gamma", "beta", "tolerance", "mass", "marginalPenalty"] as const) {
    if (!(settings[name] > 0 && settings[name] < Infinity)) {
      throw new RangeError(`${name} is ${settings[name]}; it must be a positive number.`);
    }
  }
  if (settings.mass > 1) throw new RangeError(`mass is ${settings.mass}; it must be at most 1.`);
  if (!(settings.lambda >= 0 && settings.lambda <= 1)) {
    throw new RangeError(`lambda is ${settings.lambda}; it must be from 0 to 1.`);
  }
  if (!(Number.isInteger(settings.iterations) && settings.iterations > 0)) {
    throw new RangeError(`iterations is ${settings.iterations}; it must be a whole number of at least 1.`);
  }
  if (embeddingsGiven && (settings.iterations > 1 || untilConverged)) {
    throw new RangeError("Given embeddings are never fitted again, so there is nothing to iterate.");
  }
  return settings;
}
