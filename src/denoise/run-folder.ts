import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ProRecError } from "../errors.ts";
import { assertOutputs, writeFileAtomically } from "../io/atomic.ts";
import { writeContainer } from "../io/container.ts";
import { interactionSections } from "../io/interaction-sections.ts";
import { inertJson, printablePath } from "../io/printable.ts";
import type { Denoised } from "./denoised.ts";
import type { DenoiseSummary } from "./summary.ts";

/** What a RUN folder remembers. */
export interface Run {
  readonly denoised: Denoised;
  readonly summary: DenoiseSummary;
  /** What was asked for, by the names of the command line. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The log and the SHA-256 of its bytes. */
  readonly input: { readonly name: string; readonly sha256: string };
}

/**
 * Checks, before any work, that a run can be saved there.
 * @throws ProRecError UNWRITABLE_FILE if there is something already or no folder around it
 */
export async function assertRunFolder(folder: string): Promise<void> {
  const present = await readdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw refused(folder, "is not a folder", error);
    await assertOutputs([folder], []);
    return [];
  });
  if (present.length > 0) throw refused(folder, "holds something already");
}

function refused(folder: string, what: string, cause?: unknown): ProRecError {
  return new ProRecError(
    "UNWRITABLE_FILE",
    `${printablePath(folder)} ${what}, so no run can be saved there.`,
    {
      details: { file: folder },
      hint: "Name a new folder; nothing there was changed.",
      cause,
    },
  );
}

/**
 * Saves a run: `interactions.prorec` (ids and matrix), `factors.prorec`, `result.prorec` (match, rank, relevance,
 * weights, kappa, thresholds) and, last, `run.json` (input digest, options, figures): a folder without it is no run.
 */
export async function saveRun(folder: string, { denoised, summary, options, input }: Run): Promise<void> {
  const { users, items } = denoised.input;
  const { scores, matching, relevance, weights } = denoised;
  await mkdir(folder, { recursive: true });
  await writeContainer(join(folder, "interactions.prorec"), {
    kind: "interactions",
    metadata: { users: users.size, items: items.size },
    sections: interactionSections(denoised.input),
  });
  if (scores.kind === "factors") {
    const { users, items, rank, biased, activation } = scores;
    await writeContainer(join(folder, "factors.prorec"), {
      kind: "factors",
      metadata: { users, items, rank, biased, activation },
      sections: { userFactors: scores.userFactors, itemFactors: scores.itemFactors },
    });
  }
  const { match, rank, kappa, threshold } = matching;
  await writeContainer(join(folder, "result.prorec"), {
    kind: "result",
    metadata: { settings: denoised.settings },
    sections: { match, rank, kappa, threshold, relevance, weights },
  });
  await writeFileAtomically(join(folder, "run.json"), `${inertJson({ input, options, ...summary }, 2)}\n`);
}
