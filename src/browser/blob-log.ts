import { openFile } from "../io/detect.ts";
import type { Place } from "../io/disk.ts";
import { type Log, type LogOptions, logOf } from "../io/log.ts";

/**
 * Opens a log that a person chose: CSV, TSV, NDJSON (gzip too) or Parquet, told by its content.
 * @throws ProRecError as `openLog` does in Node.
 */
export async function openBlob(file: Blob, name: string, options: LogOptions = {}): Promise<Log> {
  const place = file as Blob & Place; // what a `Place` is in a browser's bundle
  return logOf(await openFile(place, name, options.columns ?? {}), options);
}
