import { ProRecError } from "../errors.ts";
import { badRow } from "./bad-row.ts";
import { type BinaryFile, openBinaryFile, sha256 } from "./binary.ts";
import { printablePath } from "./printable.ts";
import type { Column, RowBatch, RowSource } from "./rows.ts";

/** What was found when a file of a binary format was opened. */
export interface OpenedTable {
  readonly path: string;
  /** What messages call it. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** Rows in all, for the progress. */
  readonly rows: number;
  readonly size: number;
  /** See `BinaryFile`. */
  readonly version: string;
  /** One pass over all rows. */
  decode(file: BinaryFile, signal: AbortSignal | undefined): AsyncIterable<RowBatch>;
}

/**
 * Rows of a file that is read at any place.
 * @throws ProRecError from a pass: INPUT_CHANGED, BAD_ROW without rows, and what `decode` throws.
 */
export function binarySource(table: OpenedTable): RowSource {
  const { path, name, columns } = table;
  let known: string | undefined;
  let rows = 0;

  async function* batches(signal?: AbortSignal): AsyncGenerator<RowBatch> {
    rows = 0;
    const file = await openBinaryFile(path, name);
    const version = await file.version();
    try {
      const digest = (await sha256(file, file.size, signal)).toString("hex");
      if (known === undefined ? version !== table.version : digest !== known) throw changed(name);
      for await (const batch of table.decode(file, signal)) {
        rows += batch.length;
        yield batch;
      }
      if (rows === 0)
        throw badRow({ file: name }, "there are no data rows.", "Check that it was written to its end.");
      known = digest;
      if ((await file.version()) !== version) throw changed(name);
    } catch (error) {
      throw (await file.version()) === version ? error : changed(name, error);
    } finally {
      await file.close();
    }
  }

  return {
    name,
    files: [path],
    columns,
    batches,
    progress: () => ({
      done: Math.round((table.size * rows) / Math.max(1, table.rows)),
      total: table.size,
    }),
    digest() {
      if (known === undefined) throw new TypeError(`${name} has not been read to its end yet.`);
      return known;
    },
    close: async () => {},
  };
}

function changed(name: string, cause?: unknown): ProRecError {
  return new ProRecError("INPUT_CHANGED", `${printablePath(name)} changed while it was being read.`, {
    details: { file: name },
    hint: "Run again when nothing writes to it, or work on a copy.",
    cause,
  });
}
