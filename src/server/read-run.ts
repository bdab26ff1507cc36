import { join } from "node:path";
import { modelOfRun, readInput, readOutcome, readRecord } from "../denoise/saved-run.ts";
import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { type Container, readContainer } from "../io/container.ts";
import type { Recommender } from "../models/recommender.ts";
import type { FactorScores, Scores } from "../scores.ts";
import type { Explored } from "./explored.ts";
import { untitled } from "./titles.ts";

/**
 * Reads a finished run of any version, rounds and model, also of given embeddings.
 * @throws ProRecError UNREADABLE_FILE for a folder that is no run; CORRUPT_FILE
 */
export async function readRun(folder: string): Promise<Explored> {
  const record = await readRecord(folder);
  const input = await readInput(folder);
  const model = modelOfRun(record);
  return {
    ...(await readOutcome(folder, input, record.threads)),
    ...{ name: folder, model, figures: record, report: record.report },
    scores: await readScores(folder, input, model),
    log: undefined,
    titles: untitled,
  };
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
