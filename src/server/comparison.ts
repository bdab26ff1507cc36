import { denoise } from "../denoise/prorec.ts";
import type { DenoiseSettings } from "../denoise/settings.ts";
import { createModel, MODELS, type ModelName } from "../models/models.ts";
import { NcePlrec } from "../models/nce-plrec.ts";
import { defaultThreads } from "../parallel/crew.ts";
import type { RunOptions } from "../progress.ts";
import type { Explored } from "./explored.ts";
import type { Comparison, ComparisonRequest } from "./messages.ts";
import { marginsOf } from "./overview.ts";
import { bad } from "./parameters.ts";

/** Interactions up to which other models are offered: each is fitted in some seconds. */
const CHEAP = 2e6;
const TRANSPORTS = [
  ...["relaxed", "item-side", "user-side", "sinkhorn", "emd", "fixed-mass", "unbalanced"],
] as readonly string[];

/** The models that can be compared; networks take minutes. */
export function comparableModels({ input }: Pick<Explored, "input">): ModelName[] {
  const names = Object.keys(MODELS) as ModelName[];
  return input.size > CHEAP ? [] : names.filter((name) => !["cdae", "vae-cf"].includes(name));
}

/** @throws HTTPException 400 for what is no such request */
export function comparisonFrom(body: unknown, explored: Explored): ComparisonRequest {
  const { gamma, beta, lambda, transport, model } = (body ?? {}) as Record<string, unknown>;
  for (const value of [gamma, beta, lambda]) {
    if (typeof value !== "number" || !Number.isFinite(value))
      throw bad("gamma, beta and lambda must be numbers.");
  }
  if (!TRANSPORTS.includes(String(transport)))
    throw bad(`transport must be one of ${TRANSPORTS.join(", ")}.`);
  if (model !== null && !comparableModels(explored).includes(model as ModelName)) {
    throw bad("model must be null or one of those offered.");
  }
  return { gamma, beta, lambda, transport, model } as ComparisonRequest;
}

/**
 * One round with other settings, on the scores that there are or on another model's, against the run's labels.
 * @throws RangeError for settings out of range, and what `denoise` throws
 */
export async function compare(
  explored: Explored,
  request: ComparisonRequest,
  options: RunOptions,
): Promise<Comparison> {
  const { input, noise, scores, settings, figures } = explored;
  const { gamma, beta, lambda, transport } = request;
  const started = performance.now();
  const fresh = request.model !== null || scores === undefined;
  const model =
    request.model !== null
      ? createModel(request.model as ModelName, { seed: figures.seed })
      : (explored.model ?? new NcePlrec());
  const other = await denoise(input, {
    ...settings,
    ...{ gamma, beta, lambda, transport: transport as DenoiseSettings["transport"] },
    ...{ iterations: 1, untilConverged: false, model, threads: defaultThreads() },
    ...options,
    ...(fresh ? {} : { fitted: { scores } }),
  });
  let newlyFlagged = 0;
  let newlyKept = 0;
  for (let entry = 0; entry < noise.length; entry++) {
    if (other.noise[entry]! > noise[entry]!) newlyFlagged++;
    else if (other.noise[entry]! < noise[entry]!) newlyKept++;
  }
  return {
    ...request,
    flagged: other.flaggedCount,
    ...{ newlyFlagged, newlyKept },
    planMass: other.matching.planMass,
    meanWeight: other.weights.reduce((sum, weight) => sum + weight, 0) / other.weights.length,
    margins: marginsOf(other),
    seconds: (performance.now() - started) / 1000,
  };
}
