import type { Interactions } from "../interactions/interactions.ts";
import { corrupt } from "../io/binary.ts";
import type { Container } from "../io/container.ts";
import type { ColumnSums } from "../kernels/kernels.ts";
import { atOnce } from "../progress.ts";
import type { Matching } from "../transport/match.ts";
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

/**
 * What `resultContent` made sections of; `threads` is how many its transport would have started.
 * @throws ProRecError CORRUPT_FILE for the result of other interactions
 */
export function outcomeFrom(
  { metadata, sections }: Container,
  { input, file, threads }: { input: Interactions; file: string; threads: number },
): Omit<DenoiseOutcome, "model" | "scores"> {
  const { settings, matching: figures, objective } = metadata as unknown as ResultMetadata;
  const { columnExponents, columnSums, relevance, weights, ...own } = sections;
  const { match, rank, kappa, threshold } = own;
  const fits =
    [match, rank, relevance, weights].every((array) => array?.length === input.size) &&
    [kappa, threshold].every((array) => array?.length === input.users.size);
  if (!fits) throw corrupt(file, "it belongs to another run");
  const columns = columnSums && ({ exponents: columnExponents, sums: columnSums } as ColumnSums);
  const matching = { ...figures, ...own, columns, threads: Math.max(1, threads) } as Matching;
  return {
    ...{ input, settings, matching, objective },
    relevance: relevance as Float32Array,
    weights: weights as Float32Array,
    noise: atOnce(noiseFlags(matching, input.matrix.offsets)),
    seconds: { fit: 0, transport: 0 },
  };
}
