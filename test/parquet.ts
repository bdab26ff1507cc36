import { parquetWriteBuffer } from "hyparquet-writer";
import { createAtomicFile } from "../src/io/atomic.ts";
import { createParquetSink, openParquet } from "../src/io/parquet.ts";
import type { Cell, Column } from "../src/io/rows.ts";
import { rowsOf, temporaryFolder } from "./files.ts";

export type ParquetData = Parameters<typeof parquetWriteBuffer>[0]["columnData"];

/** A temporary folder with Parquet files that hyparquet-writer makes without our code. */
export function parquetFolder() {
  const folder = temporaryFolder();
  return {
    ...folder,
    written: (columnData: ParquetData, options: object = {}) =>
      folder.file("written.parquet", new Uint8Array(parquetWriteBuffer({ columnData, ...options }))),
    /** Reads what `path` holds and writes it again; gives the copy's path. */
    async copied(path: string): Promise<string> {
      const copy = folder.file("copy.parquet");
      const source = await openParquet(path);
      const sink = createParquetSink(await createAtomicFile(copy), source.columns);
      for await (const batch of source.batches()) await sink.write(batch.columns, batch.length);
      await sink.commit();
      return copy;
    },
  };
}

export async function readParquet(path: string): Promise<{ columns: readonly Column[]; rows: Cell[][] }> {
  const source = await openParquet(path);
  return { columns: source.columns, rows: await rowsOf(source.batches()) };
}

export const kindsOf = (columns: readonly Column[]) => columns.map(({ name, kind }) => [name, kind]);

/** What hyparquet reads from, as its own API takes it. */
export const arrayBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
