import { ProRecError } from "../errors.ts";
import { type AtomicFile, createAtomicFile, type Output } from "./atomic.ts";
import { quoted } from "./bad-row.ts";
import { compressedOutput } from "./compressed-output.ts";
import { assertSupported, type Compression } from "./compression.ts";
import { delimitedSink } from "./delimited-sink.ts";

import { ndjsonSink } from "./ndjson-sink.ts";
import type { Column, RowSink } from "./rows.ts";
import { streamOutput } from "./stream-output.ts";

/** A file by its path or already open, or a stream, which gets CSV. */
export type OutputTarget = string | AtomicFile | NodeJS.WritableStream;

export interface OutputFormat {
  readonly kind: "csv" | "tsv" | "ndjson" | "parquet";
  readonly compression?: Compression;
}

const KINDS = { ".csv": "csv", ".tsv": "tsv", ".ndjson": "ndjson", ".jsonl": "ndjson" } as const;

const FORMATS: Readonly<Record<string, OutputFormat>> = Object.fromEntries([
  ...Object.entries(KINDS).flatMap(([extension, kind]): [string, OutputFormat][] => [
    [extension, { kind }],
    [`${extension}.gz`, { kind, compression: "gzip" }],
    [`${extension}.zst`, { kind, compression: "zstd" }],
  ]),
  [".parquet", { kind: "parquet" }],
]);

/**
 * The format that an output's extension asks for.
 * @throws ProRecError UNSUPPORTED_FORMAT that lists the known ones, or for zstd on an older Node.
 */
export function outputFormat(target: OutputTarget): OutputFormat {
  const path = pathOf(target);
  if (path === undefined) return FORMATS[".csv"]!;
  const extension = Object.keys(FORMATS).find((known) => path.toLowerCase().endsWith(known));
  if (extension !== undefined) {
    assertSupported(FORMATS[extension]!.compression, path);
    return FORMATS[extension]!;
  }
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
  const { kind, compression } = outputFormat(target);
  const parquet = kind === "parquet" ? await import("./parquet.ts") : undefined;
  const plain = await outputOf(target);
  if (parquet) return parquet.createParquetSink(plain, columns);
  const output = compression ? compressedOutput(plain, compression) : plain;
  if (kind === "ndjson") return ndjsonSink(output, columns, firstNew);
  return delimitedSink(output, columns, kind === "csv" ? "," : "\t");
}

async function outputOf(target: OutputTarget): Promise<Output> {
  if (typeof target === "string") return createAtomicFile(target);
  return "commit" in target ? target : streamOutput(target);
}
