import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { corrupt, unreadable } from "../io/binary.ts";
import { readContainer } from "../io/container.ts";
import { interactionsFrom } from "../io/interaction-sections.ts";
import type { DataReport } from "../io/log.ts";
import { printable, printablePath } from "../io/printable.ts";
import { createModel, MODELS, type ModelName } from "../models/models.ts";
import type { FittedRecommender, Recommender } from "../models/recommender.ts";
import { version } from "../version.ts";
import { Denoised } from "./denoised.ts";
import { outcomeFrom } from "./result-sections.ts";
import type { DenoiseSummary } from "./summary.ts";

/** A finished run, from its folder. */
export interface SavedRun {
  readonly folder: string;
  /** `run.json`. */
  readonly record: DenoiseSummary & {
    /** Of the rows as they were read; updates have none. */
    readonly report?: DataReport;
    readonly options: Readonly<Record<string, unknown>>;
    readonly input: unknown;
    readonly updates?: readonly unknown[];
  };
  readonly denoised: Denoised;
  readonly fitted: FittedRecommender;
}

/**
 * Reads a finished run of one round whose model was fitted, not given.
 * @throws ProRecError UNSUPPORTED_FORMAT for a run that isn't finished, of another version, of given embeddings or several
 * rounds; CORRUPT_FILE; UNREADABLE_FILE
 */
export async function readRun(folder: string): Promise<SavedRun> {
  const record = await readRecord(folder);
  const refuse = (what: string, hint: string): never => {
    const message = `${printablePath(folder)} ${what}.`;
    throw new ProRecError("UNSUPPORTED_FORMAT", message, { details: { file: folder }, hint });
  };
  const again = "Run prorec denoise on the whole log.";
  if (record.version !== version) {
    refuse(`is a run of ProRec ${printable(String(record.version))}; this is ${version}`, again);
  }
  const model = modelOfRun(record);
  if (model === undefined)
    return refuse("is a run on given embeddings, which have no model to go on with", again);
  if (record.iterations !== 1)
    refuse(`is a run of ${record.iterations} rounds; only one can be gone on with`, again);
  const input = await readInput(folder);
  const { sections } = await readContainer(join(folder, "fit.prorec"), "fit");
  const fitted = model.restore(input, sections);
  const outcome = await readOutcome(folder, input, record.threads);
  return { folder, record, denoised: new Denoised({ ...outcome, model, scores: fitted.scores }), fitted };
}

/** The interactions that a run was made of. @throws ProRecError CORRUPT_FILE, UNREADABLE_FILE */
export async function readInput(folder: string): Promise<Interactions> {
  return interactionsFrom(
    (await readContainer(join(folder, "interactions.prorec"), "interactions")).sections,
  );
}

/** What a run found out. @throws ProRecError CORRUPT_FILE, UNREADABLE_FILE */
export async function readOutcome(folder: string, input: Interactions, threads: number) {
  const file = join(folder, "result.prorec");
  return outcomeFrom(await readContainer(file, "result"), { input, file, threads });
}

/** The run's model, to be fitted or restored again; undefined for embeddings from elsewhere. */
export function modelOfRun({
  model,
  parameters,
  seed,
}: Pick<DenoiseSummary, "model" | "parameters" | "seed">): Recommender | undefined {
  if (!(model in MODELS)) return undefined;
  const known: readonly string[] = MODELS[model as ModelName].parameters; // `factors` is told of models without them, too
  const given = Object.entries(parameters).filter(([name]) => known.includes(name));
  return createModel(model as ModelName, { seed, ...Object.fromEntries(given) });
}

/** `run.json`. @throws ProRecError UNREADABLE_FILE for a folder without a finished run, CORRUPT_FILE */
export async function readRecord(folder: string): Promise<SavedRun["record"]> {
  const path = join(folder, "run.json");
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw unreadable(path, error);
    throw new ProRecError("UNREADABLE_FILE", `${printablePath(folder)} holds no finished run.`, {
      details: { file: path },
      hint: "prorec denoise LOG -o OUT --save-run RUN makes one; --resume finishes one that was stopped.",
    });
  });
  let record: SavedRun["record"] | null;
  try {
    record = JSON.parse(text);
  } catch (error) {
    throw corrupt(path, "it is not JSON", error);
  }
  if (typeof record?.parameters !== "object") throw corrupt(path, "it does not say how it was computed");
  return record;
}
