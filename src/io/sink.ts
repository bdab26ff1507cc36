import { ProRecError } from "../errors.ts";
import type { AtomicFile } from "./atomic.ts";
import { quoted } from "./bad-row.ts";
import { delimitedSink } from "./delimited-sink.ts";
import { ndjsonSink } from "./ndjson-sink.ts";
import { gzipOutput, outputOf } from "./output.ts";
import type { Column, RowSink } from "./rows.ts";

/** A file by its path or already open, or a stream, which gets CSV. */
export type OutputTarget = string | AtomicFile | NodeJS.WritableStream;

export interface OutputFormat {
  readonly kind: "csv" | "tsv" | "ndjson" | "parquet";
  readonly gzip: boolean;
}

const FORMATS: Readonly<Record<string, OutputFormat>> = {
  ".csv": { kind: "csv", gzip: false },
  ".csv.gz": { kind: "csv", gzip: true },
  ".tsv": { kind: "tsv", gzip: false },
  ".tsv.gz": { kind: "tsv", gzip: true },
  ".ndjson": { kind: "ndjson", gzip: false },
  ".ndjson.gz": { kind: "ndjson", gzip: true },
  ".jsonl": { kind: "ndjson", gzip: false },
  ".jsonl.gz": { kind: "ndjson", gzip: true },
  ".parquet": { kind: "parquet", gzip: false },
};

/**
 * The format that an output's extension asks for.
 * @throws ProRecError UNSUPPORTED_FORMAT that lists the known ones.
 */
export function outputFormat(target: OutputTarget): OutputFormat {
  const path = pathOf(target);
  if (path === undefined) return FORMATS[".csv"]!;
  const extension = Object.keys(FORMATS).find((known) => path.toLowerCase().endsWith(known));
  if (extension !== undefined) return FORMATS[extension]!;
  throw new ProRecError("UNSUPPORTED_FORMAT", `The extension of ${quoted(path)} says no known format.`, {
    details: { file: path },
    hint: `Known: ${Object.keys(FORMATS).join(" ")}.`,
  });
}

/** The file's path, or undefined for a stream. */
export function pathOf(target: OutputTarget): string | undefined {
  if (typeof target === "string") return target;
  return "commit" in target ? target.path : undefined;
}

/**
 * Opens an output for rows of `columns`. Those from `firstNew` on are not in the rows' own texts (see `ndjsonSink`).
 * A file appears under its name on `commit`, whole; a stream stays open.
 * @throws ProRecError UNSUPPORTED_FORMAT, UNWRITABLE_FILE.
 */
export async function openSink(
  target: OutputTarget,
  columns: readonly Column[],
  firstNew = 0,
): Promise<RowSink> {
  const { kind, gzip } = outputFormat(target);
  const parquet = kind === "parquet" ? await import("./parquet.ts") : undefined;
  const plain = await outputOf(target);
  if (parquet) return parquet.createParquetSink(plain, columns);
  const output = gzip ? gzipOutput(plain) : plain;
  if (kind === "ndjson") return ndjsonSink(output, columns, firstNew);
  return delimitedSink(output, columns, kind === "csv" ? "," : "\t");
}
