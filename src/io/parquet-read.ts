import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, type RowGroup } from "hyparquet";
import { ProRecError } from "../errors.ts";
import { quoted } from "./bad-row.ts";
import { type BinaryFile, corrupt, withBinaryFile } from "./binary.ts";
import { binarySource } from "./binary-source.ts";
import { batchesOfPages, type Page } from "./column-pages.ts";
import { isKnownCodec } from "./parquet-codecs.ts";
import { type ParquetColumn, parquetColumns } from "./parquet-columns.ts";
import { pagesOf } from "./parquet-pages.ts";
import { printablePath } from "./printable.ts";
import type { RowSource } from "./rows.ts";
import { structEnd } from "./thrift.ts";

const MAGIC = "PAR1";
/** The file's last bytes: the footer's length and the magic. */
const TAIL_BYTES = 8;

/**
 * Opens a Parquet file (any codec but LZO; flat columns). Integers come as number or bigint, exactly; timestamps
 * finer than a millisecond as `Instant`. A page of each column is in memory at a time. Values that carry no checksum of
 * their own can't be vouched for.
 * @throws ProRecError UNREADABLE_FILE, CORRUPT_FILE, UNSUPPORTED_FORMAT; from a pass also TOO_LARGE, INPUT_CHANGED.
 */
export async function openParquet(path: string, name = path): Promise<RowSource> {
  const read = async (file: BinaryFile) => {
    try {
      const metadata = await readMetadata(file);
      const columns = parquetColumns(name, metadata);
      const groups = metadata.row_groups.map((group) => chunksOf(name, group, columns));
      const rows = Number(metadata.num_rows);
      return { columns, groups, rows, version: await file.version(), size: file.size };
    } catch (error) {
      if (error instanceof ProRecError) throw error;
      const reason = error instanceof Error ? error.message : error;
      throw corrupt(name, `its structure can't be decoded (${reason})`, error);
    }
  };
  const { columns, groups, ...opened } = await withBinaryFile(path, read, name);
  async function* pagesOfColumn(file: BinaryFile, index: number): AsyncGenerator<Page> {
    let start = 0;
    for (const { rows, chunks } of groups) {
      yield* pagesOf(file, columns[index]!, chunks[index]!, { start, rows });
      start += rows;
    }
  }
  return binarySource({
    path,
    name,
    columns,
    ...opened,
    decode(file, signal) {
      const pages = columns.map((_, index) => pagesOfColumn(file, index));
      return batchesOfPages(name, pages, opened.rows, signal);
    },
  });
}

async function readMetadata(file: BinaryFile): Promise<FileMetaData> {
  const magic = Buffer.alloc(4);
  if (file.size === 0) throw corrupt(file.name, "it is empty");
  if (file.size < 12) throw corrupt(file.name, `a Parquet file can't have just ${file.size} bytes`);
  await file.read(0, magic);
  if (magic.toString("latin1") !== MAGIC) throw corrupt(file.name, "it doesn't begin like a Parquet file");
  await assertFooter(file);
  const metadata = await parquetMetadataAsync(asyncBuffer(file), { geoparquet: false });
  const groups = metadata.row_groups;
  const rows = groups.reduce((sum, group) => sum + group.num_rows, 0n);
  if (rows !== metadata.num_rows || groups.some((group) => group.num_rows < 0n)) {
    throw corrupt(file.name, `its row groups have ${rows} rows, but it announces ${metadata.num_rows}`);
  }
  return metadata;
}

/** Checks the footer's form, which hyparquet trusts. @throws ProRecError CORRUPT_FILE, RangeError */
async function assertFooter(file: BinaryFile): Promise<void> {
  const tail = Buffer.alloc(TAIL_BYTES);
  await file.read(file.size - TAIL_BYTES, tail);
  const length = tail.readUInt32LE();
  if (tail.toString("latin1", 4) !== MAGIC) throw corrupt(file.name, "it doesn't end like a Parquet file");
  if (length > file.size - TAIL_BYTES - MAGIC.length) {
    throw corrupt(file.name, `it announces a footer of ${length} bytes and has ${file.size} in all`);
  }
  const footer = new Uint8Array(length);
  await file.read(file.size - TAIL_BYTES - length, footer);
  structEnd(footer, 0);
}

type Chunk = NonNullable<RowGroup["columns"][number]["meta_data"]>;

interface Group {
  readonly rows: number;
  /** One a column, in the order of the columns. */
  readonly chunks: readonly Chunk[];
}

/** @throws ProRecError CORRUPT_FILE for a group that lacks a column, UNSUPPORTED_FORMAT for a codec or place unknown here. */
function chunksOf(name: string, group: RowGroup, columns: readonly ParquetColumn[]): Group {
  const chunks = columns.map((column) => {
    const found = group.columns.find(({ meta_data }) => meta_data?.path_in_schema.join(".") === column.name);
    const chunk = found?.meta_data;
    if (!found || !chunk || chunk.type !== column.element.type) {
      throw corrupt(name, `a row group has not its column ${quoted(column.name)}`);
    }
    if (isKnownCodec(chunk.codec) && found.file_path === undefined) return chunk;
    const what = found.file_path === undefined ? `is compressed with ${chunk.codec}` : "lies in another file";
    throw new ProRecError(
      "UNSUPPORTED_FORMAT",
      `${printablePath(name)}: the column ${quoted(column.name)} ${what}.`,
      {
        details: { file: name, column: column.name, value: chunk.codec },
        hint: "Save it in one file with Snappy, Zstandard or Gzip.",
      },
    );
  });
  return { rows: Number(group.num_rows), chunks };
}

function asyncBuffer(file: BinaryFile): AsyncBuffer {
  return {
    byteLength: file.size,
    async slice(start, end = file.size) {
      const bytes = new Uint8Array(end - start);
      await file.read(start, bytes);
      return bytes.buffer;
    },
  };
}
