import type { Recommender } from "../models/recommender.ts";
import { threadCount } from "../parallel/crew.ts";
import type { Certificate } from "../transport/columns/certificate.ts";
import { type Threshold, worthwhileThreads } from "../transport/match.ts";
import type { SolverReport } from "../transport/result.ts";
import { version } from "../version.ts";
import type { Denoised } from "./denoised.ts";
import { denoiseBytes } from "./memory.ts";
import type { Objective } from "./outcome.ts";

/** What `denoise --json` prints. */
export interface DenoiseSummary {
  readonly version: string;
  readonly mode: "paper";
  readonly model: string;
  /** The model's hyper-parameters in effect; `factors` is the rank of what came out. */
  readonly parameters: Recommender["parameters"];
  readonly transport: string;
  readonly marginals: string;
  readonly threshold: string;
  readonly gamma: number;
  readonly beta: number;
  readonly lambda: number;
  readonly iterations: number;
  readonly seed: number;
  readonly threads: number;
  readonly engine: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly flagged: number;
  readonly flaggedShare: number;
  readonly planMass: number;
  /** How the solver of an iterative transport ended (of the last round's plan); null for the closed forms. */
  readonly solver: SolverReport | null;
  /** How the items' sums came about, and how far they may be off. */
  readonly certificate: Certificate;
  readonly objective: readonly Objective[];
  readonly seconds: {
    readonly read: number;
    readonly fit: number;
    readonly transport: number;
    readonly write: number;
  };
  readonly memory: { readonly estimatedBytes: number; readonly peakBytes: number };
}

/** The result in figures. */
export function denoiseSummary(
  denoised: Denoised,
  { seed, seconds }: { seed: number; seconds: DenoiseSummary["seconds"] },
): DenoiseSummary {
  const { input, model, settings, matching, scores, flaggedCount } = denoised;
  const { transport, marginals, threshold, gamma, beta, lambda, iterations } = settings;
  const rank = scores.kind === "factors" ? scores.rank : 0;
  const shape = { users: input.users.size, items: input.items.size, rank };
  const threads = threadCount(worthwhileThreads(shape, matching.threads));
  return {
    version,
    mode: "paper",
    model: model?.name ?? "embeddings",
    parameters: {
      ...model?.parameters,
      factors: scores.kind === "factors" && scores.biased ? rank - 1 : rank,
    },
    transport,
    marginals,
    threshold: thresholdName(threshold),
    ...{ gamma, beta, lambda, iterations, seed },
    threads: matching.threads,
    engine: matching.engine,
    users: input.users.size,
    items: input.items.size,
    interactions: input.size,
    flagged: flaggedCount,
    flaggedShare: flaggedCount / input.size,
    planMass: matching.planMass,
    solver: matching.solver ?? null,
    certificate: matching.certificate,
    objective: denoised.objective,
    seconds,
    memory: {
      estimatedBytes: denoiseBytes(input.matrix, rank, model !== undefined, threads),
      peakBytes: process.resourceUsage().maxRSS * 1024,
    },
  };
}

/** A threshold as the command line calls it. */
export function thresholdName(threshold: Threshold): string {
  return typeof threshold === "string" ? threshold : `global:${threshold.global}`;
}
