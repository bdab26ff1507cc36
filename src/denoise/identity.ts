import { createHash } from "node:crypto";
import { sha256, withBinaryFile } from "../io/disk.ts";
import type { EmbeddingFiles } from "../io/embeddings.ts";
import type { Identity } from "../io/identity.ts";
import type { Log } from "../io/log.ts";
import * as binaries from "../kernels/binaries.generated.ts";
import type { Engine } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import type { Recommender } from "../models/recommender.ts";
import { version } from "../version.ts";
import type { DenoiseSettings } from "./settings.ts";

/** What a denoise's bits depend on, but for the log: by the names that the command line has for it. */
export async function identityOf({
  log,
  model,
  embeddings,
  settings,
  engine,
}: {
  readonly log: Log;
  readonly model: Recommender;
  readonly embeddings: EmbeddingFiles | undefined;
  readonly settings: DenoiseSettings;
  readonly engine: Engine | "auto";
}): Promise<Identity> {
  const { user, item, rating } = log.roles;
  const columns = Object.entries({ user, item, rating }).map(([role, column]) => [
    role,
    column === undefined ? null : log.source.columns[column]!.name,
  ]);
  return {
    "version of ProRec": version,
    "--engine": binaryOf(engine),
    "--columns": Object.fromEntries(columns),
    "--min-rating": log.minRating ?? null,
    ...(embeddings ? await digestsOf(embeddings) : modelIdentity(model)),
    ...flagged(settings),
  };
}

/** Iterations and seed belong to the denoising, too. */
function modelIdentity({ name, parameters }: Recommender): Identity {
  const { iterations, seed, ...options } = parameters;
  return {
    "--model": name,
    "--seed": seed ?? null,
    "iterations of the model": iterations ?? null,
    ...flagged(options),
  };
}

async function digestsOf(files: EmbeddingFiles): Promise<Identity> {
  const { users, items, userIds, itemIds } = files;
  const digests: Record<string, string | null> = {};
  for (const [option, path] of Object.entries({
    userEmbeddings: users,
    itemEmbeddings: items,
    userIds,
    itemIds,
  })) {
    digests[option] =
      path === undefined
        ? null
        : await withBinaryFile(path, async (file) => (await sha256(file, file.size)).toString("hex"));
  }
  return flagged(digests);
}

/** Values by their options: `batchSize` is `--batch-size`. */
function flagged(values: object): Identity {
  const flag = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [flag(name), value]));
}

/** The engine that runs and the start of its binary's SHA-256. */
function binaryOf(choice: Engine | "auto"): string {
  const { engine } = loadKernels(choice);
  const binary = engine === "reference" ? "" : engine === "simd128" ? binaries.simd128 : binaries.relaxedSimd;
  return `${engine} ${createHash("sha256").update(binary).digest("hex").slice(0, 12)}`;
}
