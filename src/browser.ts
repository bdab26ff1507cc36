import { openBlob } from "./browser/blob-log.ts";
import { blobFile } from "./browser/blob-output.ts";
import type { Denoised } from "./denoise/denoised.ts";
import { denoisedTable } from "./denoise/table.ts";
import type { Interactions } from "./interactions/interactions.ts";
import { readLog } from "./io/log.ts";
import type { ReadOptions } from "./io/open-log.ts";
import { writeRows } from "./io/write-rows.ts";

export { Denoised } from "./denoise/denoised.ts";
export type { Evidence, Flag } from "./denoise/evidence.ts";
export type { Label } from "./denoise/label.ts";
export { type DenoiseOptions, denoise } from "./denoise/prorec.ts";
export type { DenoiseSettings } from "./denoise/settings.ts";
export { type ErrorDetails, ProRecError, type ProRecErrorCode } from "./errors.ts";
export { Ids } from "./interactions/ids.ts";
export { Interactions, interactionsFromPairs } from "./interactions/interactions.ts";
export { type Split, type SplitOptions, splitInteractions } from "./interactions/split.ts";
export type { Embeddings } from "./io/embeddings.ts";
export type { ReadOptions } from "./io/open-log.ts";
export { Ease } from "./models/ease.ts";
export { Edlae } from "./models/edlae.ts";
export { ItemKnn } from "./models/item-knn.ts";
export { NcePlrec } from "./models/nce-plrec.ts";
export { Popularity } from "./models/popularity.ts";
export type { FittedRecommender, Recommendations, Recommender } from "./models/recommender.ts";
export { Svd } from "./models/svd.ts";
export { Wrmf } from "./models/wrmf.ts";
export type { Progress, RunOptions } from "./progress.ts";
export {
  emd,
  fixedMass,
  itemSide,
  relaxed,
  type Solver,
  sinkhorn,
  unbalanced,
  userSide,
} from "./transport/solvers.ts";
export { type TransportOptions, transport } from "./transport/transport.ts";

/**
 * The interactions of a file that a person chose: CSV, TSV, NDJSON (gzip too) or Parquet. Nothing leaves the page.
 * @throws ProRecError as `readInteractions` does in Node.
 */
export async function readInteractions(
  file: Blob & { readonly name?: string },
  options: ReadOptions = {},
): Promise<Interactions> {
  const log = await openBlob(file, file.name ?? "the file", {
    columns: options,
    minRating: options.minRating,
  });
  if (options.weights === undefined) return (await readLog(log, options)).interactions;
  const { interactions, numbers } = await readLog(log, { ...options, numbers: [options.weights] });
  return interactions.withWeights(numbers[0]!);
}

/**
 * A file of every interaction with its label, such as `Denoised.write` makes in Node: CSV, TSV, NDJSON or Parquet by
 * the name's extension.
 * @throws ProRecError UNSUPPORTED_FORMAT, ABORTED
 */
export async function toBlob(denoised: Denoised, name: string, signal?: AbortSignal): Promise<Blob> {
  const { file, blob } = blobFile(name);
  const { columns, rows } = denoisedTable(denoised);
  await writeRows(file, columns, rows, signal);
  return blob();
}
