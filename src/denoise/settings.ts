import type { Side, Threshold } from "../transport/match.ts";
import type { NetworkScore } from "./network-score.ts";

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
  /** Marginals that the plan meets. */
  readonly transport: Side;
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
    threshold: options.threshold ?? "personal",
    exactColumns: options.exactColumns ?? false,
    networkScore: options.networkScore ?? "probability",
  } as const;
  for (const name of ["gamma", "beta", "tolerance"] as const) {
    if (!(settings[name] > 0 && settings[name] < Infinity)) {
      throw new RangeError(`${name} is ${settings[name]}; it must be a positive number.`);
    }
  }
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
