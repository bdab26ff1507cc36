import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { noiseFlags } from "../denoise/relabel.ts";
import { modelOfRun } from "../denoise/saved-run.ts";
import type { DenoiseSettings } from "../denoise/settings.ts";
import type { DenoiseSummary } from "../denoise/summary.ts";
import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { type Container, readContainer } from "../io/container.ts";
import { interactionsFrom } from "../io/interaction-sections.ts";
import type { DataReport } from "../io/log.ts";
import { printablePath } from "../io/printable.ts";
import type { ColumnSums } from "../kernels/kernels.ts";
import type { Recommender } from "../models/recommender.ts";
import { atOnce } from "../progress.ts";
import type { FactorScores, Scores } from "../scores.ts";
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
  const { columnExponents, columnSums } = result.sections;
  const fits =
    [match, rank, relevance, weights].every((array) => array?.length === input.size) &&
    [kappa, threshold].every((array) => array?.length === input.users.size);
  if (!fits) throw corrupt(folder, "its files belong to different runs");
  const matching = {
    match: match as Float32Array,
    rank: rank as Uint32Array,
    kappa: kappa as Uint32Array,
    threshold: threshold as Float32Array,
    columns: columnSums && ({ exponents: columnExponents, sums: columnSums } as ColumnSums),
  };
  const model = modelOfRun(run);
  return {
    name: folder,
    ...{ input, model },
    settings: result.metadata.settings as DenoiseSettings,
    scores: await readScores(folder, input, model),
    matching,
    noise: atOnce(noiseFlags(matching, input.matrix.offsets)),
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

/** What the model that was fitted says, or else the factors; undefined where neither was kept. */
async function readScores(
  folder: string,
  input: Interactions,
  model: Recommender | undefined,
): Promise<Scores | undefined> {
  if (model !== undefined) {
    const fit = await present(readContainer(join(folder, "fit.prorec"), "fit"));
    if (fit !== undefined) return model.restore(input, fit.sections).scores;
  }
  const factors = await present(readContainer(join(folder, "factors.prorec"), "factors"));
  if (factors === undefined) return undefined;
  const { userFactors, itemFactors } = factors.sections;
  return {
    kind: "factors",
    ...(factors.metadata as Pick<FactorScores, "users" | "items" | "rank">),
    userFactors: userFactors as Float32Array,
    itemFactors: itemFactors as Float32Array,
  };
}

async function present(container: Promise<Container>): Promise<Container | undefined> {
  return container.catch((error) => {
    if (error instanceof ProRecError && error.code === "UNREADABLE_FILE") return undefined;
    throw error;
  });
}

function corrupt(folder: string, what: string, cause?: unknown): ProRecError {
  return new ProRecError("CORRUPT_FILE", `The run ${printablePath(folder)} can't be read: ${what}.`, {
    details: { file: folder },
    hint: "Make the run again with prorec denoise --save-run.",
    cause,
  });
}
