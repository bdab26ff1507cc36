import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import type { Container } from "../io/container.ts";
import type { Embeddings } from "../io/embeddings.ts";
import { assertFits } from "../memory.ts";
import { NcePlrec } from "../models/nce-plrec.ts";
import type { FittedRecommender, Recommender } from "../models/recommender.ts";
import { threadCount } from "../parallel/crew.ts";
import { breathing, type RunOptions, type Steps } from "../progress.ts";
import type { Scores } from "../scores.ts";
import { assertExactFits } from "../transport/exact-memory.ts";
import { type Marginals, popularityMarginals, uniformMarginals } from "../transport/marginals.ts";
import {
  type Matching,
  type MatchOptions,
  matchInteractions,
  matchThreads,
  type Side,
  worthwhileThreads,
} from "../transport/match.ts";
import { matchByPlan, planThreads } from "../transport/match-plan.ts";
import { emd, fixedMass, type Solver, sinkhorn, unbalanced } from "../transport/solvers.ts";
import { type Checkpoints, fitRound, keptFit } from "./checkpoints.ts";
import { Denoised } from "./denoised.ts";
import { denoiseBytes } from "./memory.ts";
import { matchedScores } from "./network-score.ts";
import { objectiveValues } from "./objective.ts";
import { onEmbeddings, scoresOf } from "./on-embeddings.ts";
import type { Objective } from "./outcome.ts";
import { noiseFlags, relabelled, relativeChange, relevanceOf, weightsOf } from "./relabel.ts";
import { outcomeFrom, type ResultMetadata, resultContent } from "./result-sections.ts";
import { type DenoiseSettings, settingsOf } from "./settings.ts";

export interface DenoiseOptions
  extends Partial<DenoiseSettings>,
    RunOptions,
    Pick<MatchOptions, "threads" | "engine"> {
  /** Embeds users and items; NCE-PLRec with its defaults unless given. */
  readonly model?: Recommender | undefined;
  /** The model as it was fitted to these interactions already: saves the first round's fit. */
  readonly fitted?: Pick<FittedRecommender, "scores"> | undefined;
  /** Embeddings from anywhere, instead of a model. Every row of them counts in the sums. */
  readonly embeddings?: Embeddings | undefined;
  /**
   * Where finished stages are kept and, if they are there, taken from: the result has the same bits. They must be of the
   * same interactions, model, embeddings and settings.
   */
  readonly checkpoints?: Checkpoints | undefined;
}

/**
 * Algorithm 1 (paper mode): fit, match by the transport, split every user's row at a personal threshold,
 * relabel; `iterations` times.
 * @throws RangeError for settings out of range
 * @throws ProRecError SHAPE_MISMATCH for an id without an embedding; NOT_CONVERGED; TOO_LARGE; ABORTED
 */
export async function denoise(interactions: Interactions, options: DenoiseOptions = {}): Promise<Denoised> {
  const settings = settingsOf(options, options.embeddings !== undefined);
  const { embeddings, model = new NcePlrec() } = options;
  const input = embeddings ? onEmbeddings(interactions, embeddings) : interactions;
  const { matrix } = input;
  const { rows: users, columns: items } = matrix;
  const rank = embeddings?.rank ?? Math.min(Number(model.parameters.factors ?? 0), users, items);
  const threads = threadCount(worthwhileThreads({ users, items, rank }, options.threads));
  assertFits(
    denoiseBytes(matrix, rank, embeddings === undefined, threads),
    "Use fewer factors, raise --min-rating, or run it on a machine with more memory.",
  );
  const solver = solverOf(settings);
  if (solver !== undefined) assertExactFits(solver, { users, items }, false);

  const marginals = (settings.marginals === "uniform" ? uniformMarginals : popularityMarginals)(matrix);
  const seconds = { fit: 0, transport: 0 };
  const { checkpoints } = options;
  const fittedModel = embeddings ? undefined : model;
  const finished = await checkpoints?.load("result");
  if (finished !== undefined) {
    const { iterations } = (finished.metadata as unknown as ResultMetadata).settings;
    const scores = embeddings
      ? scoresOf(embeddings)
      : (await keptFit(checkpoints!, iterations, model, input))?.scores; // the rounds' weights are not needed any more
    if (scores !== undefined) {
      const matched = matchedScores(scores, settings.networkScore);
      const started = solver
        ? planThreads(solver, matched, options.threads)
        : matchThreads(matched, options.threads);
      const outcome = outcomeFrom(finished, { input, file: "result.prorec", threads: threadCount(started) });
      return new Denoised({ ...outcome, model: fittedModel, scores });
    }
  }
  const before = await checkpoints?.load("round");
  for (let at = before ? roundFrom(before) : { round: 0, values: matrix.values, objective: [] }; ; ) {
    const round = at.round + 1;
    const started = performance.now();
    const known = round === 1 ? options.fitted?.scores : undefined;
    const scores = embeddings
      ? scoresOf(embeddings)
      : (known ?? (await fitRound(model, weighted(input, at.values), round, options)).scores);
    assertInRange(scores, settings.gamma);
    const fitted = performance.now();
    const matching = await match(
      matchedScores(scores, settings.networkScore),
      input,
      marginals,
      settings,
      options,
    );
    const inSteps = <Result>(steps: Steps<Result>) => breathing(steps, options.signal);
    const relevance = await inSteps(relevanceOf(matching, matrix.offsets, settings.beta));
    const values = await inSteps(relabelled(at.values, relevance, settings.lambda));
    const zeta = embeddings ? 0 : model.regularization;
    const [afterFit, afterRelabel] = await objectiveValues(
      matrix,
      scores,
      zeta,
      [at.values, values],
      options.signal,
    );
    const { transportCost } = matching;
    const objective = [...at.objective, { afterFit: afterFit!, afterRelabel: afterRelabel!, transportCost }];
    seconds.fit += (fitted - started) / 1000;
    seconds.transport += (performance.now() - fitted) / 1000;

    const change = await inSteps(relativeChange(at.values, values, matrix.values));
    if (settings.untilConverged ? change < settings.tolerance : round === settings.iterations) {
      const denoised = new Denoised({
        ...{ input, model: fittedModel, scores, matching, relevance, objective, seconds },
        settings: { ...settings, iterations: round },
        noise: await inSteps(noiseFlags(matching, matrix.offsets)),
        weights: await inSteps(weightsOf(values, matrix.values)),
      });
      await checkpoints?.save("result", resultContent(denoised));
      return denoised;
    }
    if (round === settings.iterations) {
      throw new ProRecError(
        "NOT_CONVERGED",
        `After ${round} rounds the weights still change by ${change.toPrecision(3)}, more than the tolerance ${settings.tolerance}.`,
        { hint: "Raise the tolerance, or drop --until-converged: one round is the default." },
      );
    }
    at = { round, values, objective };
    await checkpoints?.save("round", roundContent(at));
  }
}

/** Where Algorithm 1 stands after a round: all that it takes to go on. */
interface Round {
  readonly round: number;
  readonly values: Float32Array;
  readonly objective: readonly Objective[];
}

function roundContent({ round, values, objective }: Round): Container {
  return { metadata: { round, objective }, sections: { values } };
}

function roundFrom({ metadata, sections }: Container): Round {
  return { ...(metadata as unknown as Omit<Round, "values">), values: sections.values as Float32Array };
}

function weighted(input: Interactions, values: Float32Array): Interactions {
  return values === input.matrix.values ? input : input.withWeights(values);
}

function match(
  scores: Scores,
  input: Interactions,
  marginals: Marginals,
  settings: DenoiseSettings,
  { signal, onProgress, threads, engine }: DenoiseOptions,
): Promise<Matching> {
  const { gamma, transport: side, threshold, exactColumns } = settings;
  const common = { gamma, threshold, threads, engine, signal, onProgress };
  const solver = solverOf(settings);
  if (solver !== undefined) return matchByPlan(scores, input.matrix, marginals, solver, common);
  return matchInteractions(scores, input.matrix, marginals, {
    ...common,
    ...{ side: side as Side, exactColumns },
  });
}

/** The solver of the settings' plan; undefined for the closed form, which needs none. */
export function solverOf({ transport, gamma, mass, marginalPenalty }: DenoiseSettings): Solver | undefined {
  switch (transport) {
    case "emd":
      return emd();
    case "sinkhorn":
      return sinkhorn({ gamma });
    case "fixed-mass":
      return fixedMass({ mass });
    case "unbalanced":
      return unbalanced({ gamma, marginalPenalty });
    default:
      return undefined;
  }
}

/** Scores over gamma are kept in float32: |u| / gamma and their largest possible size, |u| |v| / gamma, have to fit. */
function assertInRange(scores: Scores, gamma: number): void {
  if (scores.kind !== "factors") return;
  const users = longest(scores.userFactors, scores.rank) / gamma;
  const largest = users * Math.max(1, longest(scores.itemFactors, scores.rank));
  if (largest < 1e32) return;
  throw new ProRecError(
    "SHAPE_MISMATCH",
    `Scores over gamma can reach ${largest.toPrecision(3)}, too large for float32 arithmetic.`,
    { hint: "Take a larger gamma, or scale the embeddings down." },
  );
}

function longest(factors: Float32Array, rank: number): number {
  let most = 0;
  for (let row = 0; row < factors.length; row += rank) {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += factors[row + k]! ** 2;
    most = Math.max(most, sum);
  }
  return Math.sqrt(most);
}
