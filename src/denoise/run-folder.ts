import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ProRecError } from "../errors.ts";
import { assertOutputs, writeFileAtomically } from "../io/atomic.ts";
import { corrupt } from "../io/binary.ts";
import { unreadable } from "../io/bytes.ts";
import { writeContainer } from "../io/container.ts";
import { assertSameIdentity, type Identity } from "../io/identity.ts";
import { interactionSections } from "../io/interaction-sections.ts";
import { inertJson, printablePath } from "../io/printable.ts";
import type { Outputs } from "../io/together.ts";
import { type Checkpoints, checkpointsIn, isInterim } from "./checkpoints.ts";
import type { Denoised } from "./denoised.ts";
import { resultContent } from "./result-sections.ts";
import type { SavedRun } from "./saved-run.ts";
import type { DenoiseSummary } from "./summary.ts";
import type { Updated } from "./update.ts";

const IDENTITY = "checkpoint.json";
const RUN = "run.json";
const SAME = {
  what: "an earlier run",
  hint: "Give the same log and options as before, or name a new folder for another run.",
};

/** What a RUN folder remembers. */
export interface Run {
  readonly denoised: Denoised;
  readonly summary: DenoiseSummary;
  /** What was asked for, by the names of the command line. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The log and the SHA-256 of its bytes. */
  readonly input: { readonly name: string; readonly sha256: string };
}

/** A folder that a run is saved in while it is computed. docs/run-folder.md says what is in it. */
export interface RunFolder {
  /** Whether it holds a finished run. */
  readonly finished: boolean;
  /** Whether this run has begun to keep checkpoints there. */
  begun(): boolean;
  /**
   * The checkpoints, once the log was read; makes the folder if there is none.
   * @throws ProRecError INPUT_CHANGED if it holds those of another log
   */
  begin(sha256: string): Promise<Checkpoints>;
  /** Adds what completes a run; `run.json` last, with the other outputs. A finished run stays as it is. */
  complete(outputs: Outputs, run: Run): Promise<void>;
}

/**
 * Opens the folder of a run before any work: one that is not there or empty, or with `resume` what an earlier run left.
 * `identity` is all that the run's bits depend on but the log.
 * @throws ProRecError UNWRITABLE_FILE if it holds anything else or can't be made; INPUT_CHANGED naming what differs from
 * the earlier run
 */
export async function openRunFolder(folder: string, identity: Identity, resume: boolean): Promise<RunFolder> {
  const present = await filesIn(folder);
  const earlier = present.includes(IDENTITY);
  if (!resume && earlier) {
    throw refused(
      folder,
      "holds a run already",
      "--resume goes on from it; for another run name a new folder.",
    );
  }
  if (!earlier && !present.every((file) => resume && isInterim(file))) {
    throw refused(folder, "holds something already", NEW_FOLDER);
  }
  const before = earlier ? await identityIn(folder) : undefined;
  if (before) assertSameIdentity(folder, before, { ...identity, log: before.log }, SAME);
  const finished = earlier && present.includes(RUN);
  let begun = false;
  return {
    finished,
    begun: () => begun,
    async begin(sha256) {
      const now = { ...identity, log: sha256 };
      if (before) assertSameIdentity(folder, before, now, SAME);
      else {
        await mkdir(folder, { recursive: true });
        await writeFileAtomically(join(folder, IDENTITY), `${inertJson(now, 2)}\n`);
      }
      begun = true;
      return checkpointsIn(folder);
    },
    async complete(outputs, run) {
      if (!finished) await complete(folder, outputs, run);
    },
  };
}

/**
 * Checks, before any work, that a run can be saved there.
 * @throws ProRecError UNWRITABLE_FILE if there is something already or no folder around it
 */
export async function assertNewFolder(folder: string): Promise<void> {
  if ((await filesIn(folder)).length > 0) throw refused(folder, "holds something already", NEW_FOLDER);
}

async function filesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw refused(folder, "is not a folder", NEW_FOLDER, error);
    await assertOutputs([folder], []);
    return [];
  });
}

async function complete(folder: string, outputs: Outputs, { denoised, summary, options, input }: Run) {
  await writeTables(folder, denoised);
  for (const file of await readdir(folder)) if (isInterim(file)) await rm(join(folder, file));
  const file = await outputs.file(join(folder, RUN));
  await file.write(Buffer.from(`${inertJson({ input, options, ...summary }, 2)}\n`));
  await file.commit();
}

/**
 * Saves an updated run in a folder that is there and empty. It has no `checkpoint.json`: nothing computed it from the log.
 * Figures of the whole plan in its `run.json` are those of the run that was updated.
 */
export async function saveUpdated(
  folder: string,
  { record }: SavedRun,
  { denoised, fitted, figures }: Updated,
  input: Run["input"],
): Promise<void> {
  const checkpoints = checkpointsIn(folder);
  await checkpoints.save("fit", { metadata: { round: 1 }, sections: fitted.learned });
  await checkpoints.save("result", resultContent(denoised));
  await writeTables(folder, denoised);
  const { size, users, items } = denoised.input;
  const now = {
    ...{ users: users.size, items: items.size, interactions: size, flagged: denoised.flaggedCount },
    flaggedShare: denoised.flaggedCount / size,
    updates: [...(record.updates ?? []), { input, ...figures }],
  };
  await writeFileAtomically(join(folder, RUN), `${inertJson({ ...record, ...now }, 2)}\n`);
}

/** What readers of a run need beside its checkpoints. */
async function writeTables(folder: string, { input, scores }: Denoised): Promise<void> {
  const { users, items } = input;
  await writeContainer(join(folder, "interactions.prorec"), {
    kind: "interactions",
    metadata: { users: users.size, items: items.size },
    sections: interactionSections(input),
  });
  if (scores.kind !== "factors") return;
  await writeContainer(join(folder, "factors.prorec"), {
    kind: "factors",
    metadata: { users: scores.users, items: scores.items, rank: scores.rank },
    sections: { userFactors: scores.userFactors, itemFactors: scores.itemFactors },
  });
}

const NEW_FOLDER = "Name a new folder; nothing there was changed.";

function refused(folder: string, what: string, hint: string, cause?: unknown): ProRecError {
  const message = `${printablePath(folder)} ${what}, so no run can be saved there.`;
  return new ProRecError("UNWRITABLE_FILE", message, { details: { file: folder }, hint, cause });
}

async function identityIn(folder: string): Promise<Identity> {
  const path = join(folder, IDENTITY);
  const text = await readFile(path, "utf8").catch((error) => {
    throw unreadable(path, error);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw corrupt(path, "it is not JSON", error);
  }
}
