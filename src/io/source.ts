import { createHash } from "node:crypto";
import { constants, createReadStream, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import { ProRecError } from "../errors.ts";
import { quoted } from "./bad-row.ts";
import { unreadable } from "./bytes.ts";
import { openFile } from "./detect.ts";
import { expandGlob } from "./globs.ts";
import { printablePath } from "./printable.ts";
import type { ColumnChoices } from "./roles.ts";
import type { RowBatch, RowSource } from "./rows.ts";
import { type Spool, spool } from "./spool.ts";

export interface SourceOptions {
  /** Helps to tell a header from data. */
  readonly columns?: ColumnChoices | undefined;
  /** What "-" reads; standard input unless given. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens one or several files with the same columns as one source of rows. The content tells the format: Parquet,
 * NDJSON or delimited text (also gzip or zstd), a sparse matrix of SciPy. Patterns such as `logs/*.csv` stand for the
 * files that they match (see `expandGlob`). "-" and pipes are spooled to a temporary file, so that they can be read again.
 * @throws ProRecError UNREADABLE_FILE, CORRUPT_FILE, UNSUPPORTED_FORMAT, BAD_ROW; SHAPE_MISMATCH for unlike columns.
 */
export async function openSource(
  paths: string | readonly string[],
  options: SourceOptions = {},
): Promise<RowSource> {
  const sources: RowSource[] = [];
  const spools: Spool[] = [];
  const close = async () => {
    for (const source of sources) await source.close();
    for (const { remove } of spools) await remove();
  };
  try {
    const expanded = await Promise.all((typeof paths === "string" ? [paths] : paths).map(expandGlob));
    for (const path of expanded.flat()) {
      const pipe = path === "-" ? (options.stdin ?? process.stdin) : await pipeAt(path);
      const spooled = pipe && (await spool(pipe, options.signal));
      if (spooled) spools.push(spooled);
      const name = path === "-" ? "standard input" : path;
      sources.push(await openFile(spooled?.path ?? path, name, options.columns ?? {}));
    }
    assertSameColumns(sources);
  } catch (error) {
    await close();
    throw error;
  }
  return joined(sources, close);
}

/** A pipe or device at `path`, which can be read only once. */
async function pipeAt(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  const status = await stat(path).catch((error) => {
    throw unreadable(path, error);
  });
  if (status.isFile() || status.isDirectory()) return undefined;
  if (!status.isFIFO()) return createReadStream(path);
  try {
    // A file's stream would wait in a thread, where nothing can stop it.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    throw unreadable(path, error);
  }
}

function assertSameColumns(sources: readonly RowSource[]): void {
  const [first, ...others] = sources;
  if (first === undefined) throw new RangeError("There is no file to read.");
  const names = (source: RowSource) => source.columns.map((column) => quoted(column.name)).join(", ");
  const unlike = others.find((source) => names(source) !== names(first));
  if (unlike === undefined) return;
  throw new ProRecError(
    "SHAPE_MISMATCH",
    `${printablePath(unlike.name)} has the columns ${names(unlike)}, but ${printablePath(first.name)} has ${names(first)}.`,
    {
      details: { file: unlike.name },
      hint: "Files that are read together need the same columns in the same order.",
    },
  );
}

function joined(sources: readonly RowSource[], close: () => Promise<void>): RowSource {
  let current = 0;
  return {
    name: sources.length === 1 ? sources[0]!.name : `${sources[0]!.name} and ${sources.length - 1} more`,
    files: sources.flatMap((source) => source.files),
    columns: sources[0]!.columns,
    async *batches(signal?: AbortSignal): AsyncGenerator<RowBatch> {
      for (current = 0; current < sources.length; current++) yield* sources[current]!.batches(signal);
    },
    progress() {
      let done = 0;
      let total = 0;
      for (const [index, source] of sources.entries()) {
        const part = source.progress?.() ?? { done: 0, total: 0 };
        total += part.total;
        done += index < current ? part.total : index === current ? part.done : 0;
      }
      return { done, total };
    },
    digest() {
      if (sources.length === 1) return sources[0]!.digest();
      const hash = createHash("sha256");
      for (const source of sources) hash.update(source.digest());
      return hash.digest("hex");
    },
    close,
  };
}
