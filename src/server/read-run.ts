import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DenoiseSettings } from "../denoise/settings.ts";
import type { DenoiseSummary } from "../denoise/summary.ts";
import { ProRecError } from "../errors.ts";
import { readContainer } from "../io/container.ts";
import { interactionsFrom } from "../io/interaction-sections.ts";
import type { DataReport } from "../io/log.ts";
import { printablePath } from "../io/printable.ts";
import { createModel, MODELS, type ModelName } from "../models/models.ts";
import type { FactorScores } from "../scores.ts";
import type { Explored } from "./explored.ts";
import { untitled } from "./titles.ts";

type RunFile = DenoiseSummary & { readonly report?: DataReport };

/**
 * Reads what `saveRun` wrote.
 * @throws ProRecError UNREADABLE_FILE for a folder that is no run; CORRUPT_FILE
 */
export async function readRun(folder: string): Promise<Explored> {
  const run = await readRunFile(folder);
  const interactions = await readContainer(join(folder, "interactions.prorec"), "interactions");
  const result = await readContainer(join(folder, "result.prorec"), "result");
  const input = interactionsFrom(interactions.sections);
  const { match, rank, kappa, threshold, relevance, weights } = result.sections;
  const { offsets } = input.matrix;
  const fits =
    [match, rank, relevance, weights].every((array) => array?.length === input.size) &&
    [kappa, threshold].every((array) => array?.length === input.users.size);
  if (!fits) throw corrupt(folder, "its files belong to different runs");
  const matching = {
    match: match as Float32Array,
    rank: rank as Uint32Array,
    kappa: kappa as Uint32Array,
    threshold: threshold as Float32Array,
  };
  const noise = new Uint8Array(input.size);
  for (let user = 0; user < input.users.size; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      if (matching.match[entry]! < matching.threshold[user]!) noise[entry] = 1;
    }
  }
  return {
    name: folder,
    input,
    model: modelOf(run),
    settings: result.metadata.settings as DenoiseSettings,
    scores: await readScores(folder),
    ...{ matching, noise },
    relevance: relevance as Float32Array,
    weights: weights as Float32Array,
    figures: run,
    report: run.report,
    log: undefined,
    titles: untitled,
  };
}

async function readRunFile(folder: string): Promise<RunFile> {
  const path = join(folder, "run.json");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new ProRecError(
      "UNREADABLE_FILE",
      `${printablePath(folder)} is no finished run: run.json is missing.`,
      {
        details: { file: folder },
        hint: "Give a log, or a folder that prorec denoise --save-run made.",
        cause,
      },
    );
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(folder, "run.json is no JSON", cause);
  }
}

/** The factors; undefined for a model without them. */
async function readScores(folder: string): Promise<FactorScores | undefined> {
  const path = join(folder, "factors.prorec");
  const kept = await readContainer(path, "factors").catch((error) => {
    if (error instanceof ProRecError && error.code === "UNREADABLE_FILE") return undefined;
    throw error;
  });
  if (kept === undefined) return undefined;
  const { metadata, sections } = kept;
  const { userFactors, itemFactors } = sections;
  return {
    kind: "factors",
    ...(metadata as Pick<FactorScores, "users" | "items" | "rank" | "biased" | "activation">),
    userFactors: userFactors as Float32Array,
    itemFactors: itemFactors as Float32Array,
  };
}

/** The run's model, to be fitted again; undefined for embeddings from elsewhere. */
function modelOf({ model, parameters, seed }: RunFile): Explored["model"] {
  if (!(model in MODELS)) return undefined;
  const known: readonly string[] = MODELS[model as ModelName].parameters;
  const given = Object.entries(parameters).filter(([name]) => known.includes(name));
  return createModel(model as ModelName, { seed, ...Object.fromEntries(given) });
}

function corrupt(folder: string, what: string, cause?: unknown): ProRecError {
  return new ProRecError("CORRUPT_FILE", `The run ${printablePath(folder)} can't be read: ${what}.`, {
    details: { file: folder },
    hint: "Make the run again with prorec denoise --save-run.",
    cause,
  });
}
