import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { ProRecError } from "../../errors.ts";
import { readContainer, type TypedArray, writeContainer } from "../../io/container.ts";
import { printablePath } from "../../io/printable.ts";
import type { AdamState, Floats } from "../../kernels/kernels.ts";
import type { SparseMatrix } from "../../linalg/sparse.ts";
import { inSharedMemory } from "../../parallel/shared.ts";
import type { Progressed } from "./fit.ts";
import type { NetworkState } from "./training.ts";

const KIND = "checkpoint";
const LAYER = "layer ";

/** What a checkpoint is of: another network, other hyper-parameters or other interactions can't go on from it. */
export interface CheckpointOwner {
  readonly model: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly matrix: SparseMatrix;
}

/** @throws ProRecError UNWRITABLE_FILE */
export function writeCheckpoint(path: string, owner: CheckpointOwner, at: Progressed): Promise<void> {
  const { phase, epoch, best, state } = at;
  const sections: Record<string, TypedArray> = {};
  for (const [name, arrays] of Object.entries(layersOf(state))) {
    for (const [part, array] of Object.entries(arrays)) sections[`${name}.${part}`] = array;
  }
  const metadata = { owner: identityOf(owner), phase, epoch, best, steps: state.steps };
  return writeContainer(path, { kind: KIND, metadata, sections });
}

/**
 * Where training stood, undefined if there is no such file.
 * @throws ProRecError CORRUPT_FILE; INPUT_CHANGED if it is of another model or other interactions; UNREADABLE_FILE
 */
export async function readCheckpoint(path: string, owner: CheckpointOwner): Promise<Progressed | undefined> {
  if (!existsSync(path)) return undefined;
  const { metadata, sections } = await readContainer(path, KIND);
  if (metadata.owner !== identityOf(owner)) {
    throw new ProRecError(
      "INPUT_CHANGED",
      `${printablePath(path)} is a checkpoint of another model or other data.`,
      {
        details: { file: path },
        hint: "Give the same interactions and hyper-parameters as before, or another file.",
      },
    );
  }
  const layer = (name: string): AdamState => {
    const part = (part: string) => inSharedMemory(sections[`${name}.${part}`] as Floats);
    return { values: part("values"), first: part("first"), second: part("second") };
  };
  const names = Object.keys(sections).filter((name) => name.startsWith(LAYER) && name.endsWith(".values"));
  const { phase, epoch, best, steps } = metadata as unknown as Omit<Progressed, "state"> & { steps: number };
  const state = {
    steps,
    input: layer("input"),
    output: layer("output"),
    layers: names.map((_, index) => layer(LAYER + index)),
  };
  return { phase, epoch, best, state };
}

function layersOf({ input, output, layers }: NetworkState): Record<string, AdamState> {
  const middle = layers.map((layer, index) => [LAYER + index, layer]);
  return { input, output, ...Object.fromEntries(middle) };
}

function identityOf({ model, parameters, matrix }: CheckpointOwner): string {
  const hash = createHash("sha256").update(JSON.stringify([model, parameters, matrix.rows, matrix.columns]));
  for (const { buffer, byteOffset, byteLength } of [matrix.offsets, matrix.indices, matrix.values]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}
