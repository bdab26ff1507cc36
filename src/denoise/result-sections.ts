import type { Interactions } from "../interactions/interactions.ts";
import type { Container } from "../io/container.ts";
import type { ColumnSums } from "../kernels/kernels.ts";
import type { Recommender } from "../models/recommender.ts";
import { atOnce } from "../progress.ts";
import type { Scores } from "../scores.ts";
import type { Matching } from "../transport/match.ts";
import { Denoised } from "./denoised.ts";
import type { DenoiseOutcome } from "./outcome.ts";
import { noiseFlags } from "./relabel.ts";

/** All of a result that takes long to compute, but the model. */
export function resultContent({
  settings,
  matching,
  relevance,
  weights,
  objective,
}: DenoiseOutcome): Container {
  const { match, rank, kappa, threshold, columns, threads: _, ...figures } = matching;
  return {
    metadata: { settings, matching: figures, objective },
    sections: {
      ...{ match, rank, kappa, threshold, relevance, weights },
      ...(columns && { columnExponents: columns.exponents, columnSums: columns.sums }),
    },
  };
}

/** What a result says of the model that it was computed with. */
export interface ResultMetadata {
  readonly settings: DenoiseOutcome["settings"];
  readonly matching: Omit<Matching, "match" | "rank" | "kappa" | "threshold" | "columns" | "threads">;
  readonly objective: DenoiseOutcome["objective"];
}

/** The result that `resultContent` made sections of; `threads` is how many its transport would have started. */
export function denoisedFrom(
  { metadata, sections }: Container,
  known: { input: Interactions; model: Recommender | undefined; scores: Scores; threads: number },
): Denoised {
  const { input, model, scores, threads } = known;
  const { settings, matching: figures, objective } = metadata as unknown as ResultMetadata;
  const { columnExponents, columnSums, relevance, weights, ...own } = sections;
  const columns = columnSums && ({ exponents: columnExponents, sums: columnSums } as ColumnSums);
  const matching = { ...figures, ...own, columns, threads: Math.max(1, threads) } as Matching;
  return new Denoised({
    ...{ input, model, settings, scores, matching, objective },
    relevance: relevance as Float32Array,
    weights: weights as Float32Array,
    noise: atOnce(noiseFlags(matching, input.matrix.offsets)),
    seconds: { fit: 0, transport: 0 },
  });
}
