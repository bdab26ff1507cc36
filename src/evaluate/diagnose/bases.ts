import { ProRecError } from "../../errors.ts";
import type { Interactions } from "../../interactions/interactions.ts";
import { splitInteractions } from "../../interactions/split.ts";
import { createModel, type ModelName, type ModelOptions } from "../../models/models.ts";
import type { RunOptions } from "../../progress.ts";
import { evaluate } from "../evaluate.ts";
import { type Judgement, judged, mean } from "../judgement.ts";

/** How a base model with some ready-made settings ranks on this log. */
export interface BaseTrial {
  readonly model: ModelName;
  readonly parameters: Readonly<Omit<ModelOptions, "seed">>;
  /** NDCG on the validation rows; null where it was not fitted, and why. */
  readonly ndcg: number | null;
  readonly reason: string | null;
  /** Of the fit and the ranking. */
  readonly seconds: number;
  /** Against the best, whose own is null. */
  readonly againstBest: Judgement | null;
}

/** A few settings a model that suit dense or sparse logs; `tune` searches further. */
const CANDIDATES: readonly (readonly [ModelName, Omit<ModelOptions, "seed">])[] = [
  ["popularity", {}],
  ["item-knn", { neighbours: 200 }],
  ["svd", { factors: 10 }],
  ["svd", { factors: 50, userPower: 0.35, itemPower: 0.2 }],
  ["nce-plrec", { factors: 50, regularization: 10_000, root: 0.9 }],
  ["nce-plrec", { factors: 100, regularization: 1000, root: 1 }],
  ["wrmf", { factors: 32, regularization: 30, alpha: 2 }],
  ["wrmf", { factors: 32, regularization: 60, alpha: 20 }],
  ["ease", { regularization: 100 }],
  ["ease", { regularization: 1000 }],
];

/** EASE on a larger smaller side is left out: its time grows with the cube. */
const MOST_SQUARE = 4000;
const VALIDATION = 0.2;

/**
 * One cut 4:1, every candidate fitted once: NDCG@k, the best first.
 * @throws ProRecError BAD_ROW for a log too small to be cut; ABORTED
 */
export async function compareBases(
  interactions: Interactions,
  { seed, k, threads, signal, onProgress }: RunOptions & { seed: number; k: number; threads?: number },
): Promise<BaseTrial[]> {
  const { train, validation } = splitInteractions(interactions, { validation: VALIDATION, seed });
  const fitted: { trial: Omit<BaseTrial, "againstBest">; values: Float64Array | null }[] = [];
  for (const [index, [model, parameters]] of CANDIDATES.entries()) {
    onProgress?.({ stage: "base models", done: index, total: CANDIDATES.length });
    const started = performance.now();
    const without = (reason: string) => ({ model, parameters, ndcg: null, reason, seconds: 0 });
    const leftOut = reasonToLeaveOut(model, interactions);
    if (leftOut !== null) {
      fitted.push({ trial: without(leftOut), values: null });
      continue;
    }
    try {
      const recommender = createModel(model, { ...parameters, seed });
      const fit = await recommender.fit(train, { threads, signal });
      const { values } = await evaluate(fit, validation, { k, metrics: ["ndcg"], signal });
      const own = values[`ndcg@${k}`]!;
      const seconds = (performance.now() - started) / 1000;
      fitted.push({ trial: { model, parameters, ndcg: mean(own), reason: null, seconds }, values: own });
    } catch (error) {
      if (!(error instanceof ProRecError) || error.code !== "TOO_LARGE") throw error;
      fitted.push({ trial: without(error.message), values: null });
    }
  }
  onProgress?.({ stage: "base models", done: CANDIDATES.length, total: CANDIDATES.length });
  fitted.sort((left, right) => (right.trial.ndcg ?? -1) - (left.trial.ndcg ?? -1));
  const best = fitted[0]!.values!; // popularity always fits
  return fitted.map(({ trial, values }, index) => ({
    ...trial,
    againstBest: values === null || index === 0 ? null : judged(values, best),
  }));
}

function reasonToLeaveOut(model: ModelName, { users, items }: Interactions): string | null {
  const side = Math.min(users.size, items.size);
  if (model !== "ease" || side <= MOST_SQUARE) return null;
  return `its square matrix of ${side} takes too long for a quick comparison`;
}
