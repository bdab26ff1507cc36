import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { ProRecError } from "../errors.ts";
import { type Container, readContainer, writeContainer } from "../io/container.ts";
import { printablePath } from "../io/printable.ts";
import type { SparseMatrix } from "../linalg/sparse.ts";

const KIND = "checkpoint";
/** Times the last saving that must pass before the next: so it takes at most a twentieth of the time. */
const SPARING = 19;

/** What a training file is of: another model, other hyper-parameters or other interactions can't go on from it. */
export interface TrainingOwner {
  readonly model: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly matrix: SparseMatrix;
}

/** Where a fit keeps how far it has come. */
export interface TrainingFile {
  /** What it was left with, undefined if there is no such file. */
  readonly kept: Container | undefined;
  /** Saves the first state, and from then on those that are cheap to save beside the work since the last. */
  save(state: () => Container): Promise<void>;
}

/**
 * @throws ProRecError CORRUPT_FILE; INPUT_CHANGED if it is of another model or other interactions; UNREADABLE_FILE; and
 * from `save` UNWRITABLE_FILE
 */
export async function openTrainingFile(path: string, owner: TrainingOwner): Promise<TrainingFile> {
  const identity = identityOf(owner);
  const kept = existsSync(path) ? await readContainer(path, KIND) : undefined;
  if (kept !== undefined && kept.metadata.owner !== identity) {
    const message = `${printablePath(path)} is a checkpoint of another model or other data.`;
    const hint = "Give the same interactions and hyper-parameters as before, or another file.";
    throw new ProRecError("INPUT_CHANGED", message, { details: { file: path }, hint });
  }
  let next = 0;
  return {
    kept,
    async save(state) {
      const started = performance.now();
      if (started < next) return;
      const { metadata, sections } = state();
      await writeContainer(path, { kind: KIND, metadata: { ...metadata, owner: identity }, sections });
      const ended = performance.now();
      next = ended + SPARING * (ended - started);
    },
  };
}

function identityOf({ model, parameters, matrix }: TrainingOwner): string {
  const hash = createHash("sha256").update(JSON.stringify([model, parameters, matrix.rows, matrix.columns]));
  for (const { buffer, byteOffset, byteLength } of [matrix.offsets, matrix.indices, matrix.values]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}
