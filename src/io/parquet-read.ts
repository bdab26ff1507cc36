import {
  type AsyncBuffer,
  type DecodedArray,
  type FileMetaData,
  type ParquetParsers,
  type ParquetScan,
  parquetMetadataAsync,
  parquetScan,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ProRecError } from "../errors.ts";
import { breathe } from "../progress.ts";
import { badRow, quoted } from "./bad-row.ts";
import { type BinaryFile, corrupt } from "./binary.ts";
import { digestOf, openBinaryFile, type Place, withBinaryFile } from "./disk.ts";
import { Instant } from "./instant.ts";
import { type ParquetColumn, parquetColumns } from "./parquet-columns.ts";
import { checkPages } from "./parquet-pages.ts";
import { printablePath } from "./printable.ts";
import type { Cell, RowBatch, RowSource } from "./rows.ts";
import { latin1 } from "./utf8.ts";

/** Cells decoded at a time, within a row group: those of one slice are in memory, not a whole group. */
const SLICE_CELLS = 1 << 20;
const BATCH_ROWS = 1 << 13;

/**
 * Opens a Parquet file (any codec but LZO; flat columns). Integers come as number or bigint, exactly; timestamps
 * finer than a millisecond as `Instant`. Values that carry no checksum of their own can't be vouched for.
 * @throws ProRecError UNREADABLE_FILE, CORRUPT_FILE, UNSUPPORTED_FORMAT; from a pass also INPUT_CHANGED.
 */
export async function openParquet(path: Place, name = path): Promise<RowSource> {
  const { metadata, columns, opened, size } = await withBinaryFile(
    path,
    async (file) => {
      try {
        const metadata = await readMetadata(file);
        const columns = parquetColumns(name, metadata);
        await checkPages(file, metadata);
        return { metadata, columns, opened: await file.version(), size: file.size };
      } catch (error) {
        throw undecodable(name, "its structure", error);
      }
    },
    name,
  );
  let known: string | undefined;
  let rows = 0;

  async function* batches(signal?: AbortSignal): AsyncGenerator<RowBatch> {
    rows = 0;
    const file = await openBinaryFile(path, name);
    const version = await file.version();
    try {
      const digest = await digestOf(file, signal);
      if (known === undefined ? version !== opened : digest !== known) throw changed(name);
      for await (const batch of decode(file, metadata, columns, signal)) {
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
      done: Math.round((size * rows) / Math.max(1, Number(metadata.num_rows))),
      total: size,
    }),
    digest() {
      if (known === undefined) throw new TypeError(`${name} has not been read to its end yet.`);
      return known;
    },
    close: async () => {},
  };
}

async function readMetadata(file: BinaryFile): Promise<FileMetaData> {
  const magic = new Uint8Array(4);
  if (file.size === 0) throw corrupt(file.name, "it is empty");
  if (file.size < 12) throw corrupt(file.name, `a Parquet file can't have just ${file.size} bytes`);
  await file.read(0, magic);
  if (latin1(magic) !== "PAR1") throw corrupt(file.name, "it doesn't begin like a Parquet file");
  const metadata = await parquetMetadataAsync(asyncBuffer(file), { geoparquet: false });
  const groups = metadata.row_groups;
  const rows = groups.reduce((sum, group) => sum + group.num_rows, 0n);
  if (rows !== metadata.num_rows || groups.some((group) => group.num_rows < 0n)) {
    throw corrupt(file.name, `its row groups have ${rows} rows, but it announces ${metadata.num_rows}`);
  }
  for (const { meta_data } of groups.flatMap((group) => group.columns)) {
    if (meta_data?.codec !== "LZO") continue;
    throw new ProRecError("UNSUPPORTED_FORMAT", `${printablePath(file.name)} is compressed with LZO.`, {
      details: { file: file.name, value: "LZO" },
      hint: "Save it with Snappy, Zstandard or Gzip.",
    });
  }
  return metadata;
}

async function* decode(
  file: BinaryFile,
  metadata: FileMetaData,
  columns: readonly ParquetColumn[],
  signal: AbortSignal | undefined,
): AsyncGenerator<RowBatch> {
  const scan = await parquetScan({
    file: asyncBuffer(file),
    metadata,
    compressors,
    parsers: PARSERS,
    utf8: false,
  });
  const sliceRows = Math.ceil(SLICE_CELLS / columns.length);
  for (const { rowStart, rowEnd } of scan.ranges) {
    for (let start = rowStart; start < rowEnd; start += sliceRows) {
      const end = Math.min(start + sliceRows, rowEnd);
      const slices: DecodedArray[] = [];
      for (const { name } of columns) {
        await breathe(signal);
        slices.push(await readSlice(file.name, scan, name, start, end));
      }
      for (let first = start; first < end; first += BATCH_ROWS) {
        await breathe(signal);
        const length = Math.min(BATCH_ROWS, end - first);
        yield {
          file: file.name,
          length,
          columns: slices.map((slice) =>
            Array.from<Cell>(slice.slice(first - start, first - start + length)),
          ),
          rowNumber: (row) => first + row + 1,
        };
      }
    }
  }
}

async function readSlice(
  path: string,
  scan: ParquetScan,
  column: string,
  rowStart: number,
  rowEnd: number,
): Promise<DecodedArray> {
  const where = `rows ${rowStart + 1} to ${rowEnd} of its column ${quoted(column)}`;
  const values = await scan.readColumn({ column, rowStart, rowEnd }).catch((error) => {
    throw undecodable(path, where, error);
  });
  // hyparquet leaves out what it doesn't find: rows after the last page, values that no dictionary has.
  const missing =
    values.length !== rowEnd - rowStart || (Array.isArray(values) && values.includes(undefined));
  if (missing) throw corrupt(path, `${where} are not all there`);
  return values;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const PARSERS: Partial<ParquetParsers> = {
  stringFromBytes: (bytes) => utf8.decode(bytes),
  dateFromDays: (days) => valid(new Date(days * 86_400_000)),
  timestampFromMilliseconds: (count) => valid(new Date(Number(count))),
  timestampFromMicroseconds: (count) => valid(new Instant(count * 1000n)),
  timestampFromNanoseconds: (count) => valid(new Instant(count)),
};

function valid(date: Date): Date {
  if (Number.isNaN(date.getTime())) throw new RangeError("a timestamp is beyond the year 275760");
  return date;
}

function asyncBuffer(file: BinaryFile): AsyncBuffer {
  return {
    byteLength: file.size,
    async slice(start, end = file.size) {
      if (!(0 <= start && start <= end && end <= file.size)) {
        throw corrupt(file.name, `it points to bytes ${start} to ${end} and has ${file.size}`);
      }
      const bytes = new Uint8Array(end - start);
      await file.read(start, bytes);
      return bytes.buffer;
    },
  };
}

function undecodable(path: string, what: string, error: unknown): ProRecError {
  if (error instanceof ProRecError) return error;
  return corrupt(path, `${what} can't be decoded (${error instanceof Error ? error.message : error})`, error);
}

function changed(name: string, cause?: unknown): ProRecError {
  return new ProRecError("INPUT_CHANGED", `${printablePath(name)} changed while it was being read.`, {
    details: { file: name },
    hint: "Run again when nothing writes to it, or work on a copy.",
    cause,
  });
}
