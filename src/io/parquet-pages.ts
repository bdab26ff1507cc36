import { crc32 } from "node:zlib";
import type { ColumnMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { ProRecError } from "../errors.ts";
import { quoted } from "./bad-row.ts";
import { type BinaryFile, corrupt } from "./binary.ts";
import type { Page } from "./column-pages.ts";
import { decompress } from "./parquet-codecs.ts";
import type { ParquetColumn } from "./parquet-columns.ts";
import { readRuns } from "./parquet-runs.ts";
import { decodeValues } from "./parquet-values.ts";
import { printablePath } from "./printable.ts";
import type { Cell } from "./rows.ts";
import { structEnd } from "./thrift.ts";

type PageHeader = ReturnType<typeof parquetHeader>;

/** A page's header is that long at most: statistics hold whole values. */
const LARGEST_HEADER = 1 << 20;
/** Limits of one page, in bytes and rows: what is decoded at a time. */
const LARGEST_PAGE = 1 << 30;
const MOST_ROWS = 1 << 26;

/**
 * The pages of a flat column in a row group, one after the other. Every size and count is checked before it is
 * trusted. `start` is the row, counted from 0, that the group starts at.
 * @throws ProRecError CORRUPT_FILE; TOO_LARGE for a page beyond the limits.
 */
export async function* pagesOf(
  file: BinaryFile,
  column: ParquetColumn,
  chunk: ColumnMetaData,
  { start, rows }: { readonly start: number; readonly rows: number },
): AsyncGenerator<Page> {
  let position = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const end = position + Number(chunk.total_compressed_size);
  if (!(position >= 0 && position <= end && end <= file.size)) {
    throw corrupt(file.name, `its column ${quoted(column.name)} is not inside the file`);
  }
  let dictionary: ArrayLike<Cell> | undefined;
  for (let found = 0; found < rows; ) {
    const at = position;
    const where = `its column ${quoted(column.name)} from row ${start + found + 1} on`;
    try {
      const { header, length, window } = await readHeader(file, position, end);
      const { count, stored, size } = counts(header);
      if (
        !(stored <= end - position - length && (header.type === "DICTIONARY_PAGE" || count <= rows - found))
      ) {
        throw new RangeError("it is longer than its column");
      }
      assertWithinLimits(file.name, where, size, count);
      let bytes = window.slice(length, length + stored);
      if (bytes.length < stored) {
        bytes = new Uint8Array(stored);
        await file.read(position + length, bytes);
      }
      position += length + stored;
      if (header.crc !== undefined && crc32(bytes) !== header.crc >>> 0)
        throw new Error("its checksum is wrong");
      if (header.type === "DICTIONARY_PAGE") {
        dictionary = decodeValues(decompress(chunk.codec, bytes, size), "PLAIN", count, column);
      } else if (header.type !== "INDEX_PAGE" && count > 0) {
        found += count;
        yield decodePage(header, bytes, column, chunk, dictionary);
      }
    } catch (error) {
      if (error instanceof ProRecError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw corrupt(file.name, `${where} can't be decoded (byte ${at}: ${reason})`, error);
    }
  }
}

/** How many values a page has, its bytes in the file and its bytes decompressed. @throws RangeError if these can't be. */
function counts(header: PageHeader): { count: number; stored: number; size: number } {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
  const { compressed_page_size: stored, uncompressed_page_size: size } = header;
  const kinds = {
    DATA_PAGE: v1,
    DATA_PAGE_V2: v2,
    DICTIONARY_PAGE: dictionary,
    INDEX_PAGE: { num_values: 0 },
  };
  const count = kinds[header.type]?.num_values ?? NaN;
  const sizes = [count, stored, size];
  if (header.type === "DATA_PAGE_V2" && v2) {
    const levels = v2.definition_levels_byte_length + v2.repetition_levels_byte_length;
    sizes.push(v2.definition_levels_byte_length, v2.repetition_levels_byte_length);
    sizes.push(v2.num_nulls, count - v2.num_nulls, stored - levels, size - levels);
  }
  if (sizes.every((each) => Number.isInteger(each) && each >= 0)) return { count, stored, size };
  throw new RangeError("its header is not that of a flat column's page");
}

function assertWithinLimits(name: string, where: string, size: number, count: number): void {
  if (size <= LARGEST_PAGE && count <= MOST_ROWS) return;
  throw new ProRecError(
    "TOO_LARGE",
    `${printablePath(name)}: ${where} has a page of ${size} bytes and ${count} values; at most ${LARGEST_PAGE} and ${MOST_ROWS} are read at once.`,
    { details: { file: name }, hint: "Write it with smaller pages or row groups." },
  );
}

function decodePage(
  header: PageHeader,
  bytes: Uint8Array,
  column: ParquetColumn,
  chunk: ColumnMetaData,
  dictionary: ArrayLike<Cell> | undefined,
): Page {
  const optional = column.element.repetition_type === "OPTIONAL";
  const { data_page_header: v1, data_page_header_v2: v2 } = header;
  const page = v2 ?? v1!;
  const length = page.num_values;
  let levels: Uint8Array | undefined;
  let data: Uint8Array;
  if (v2) {
    const start = v2.repetition_levels_byte_length;
    const end = start + v2.definition_levels_byte_length;
    if (optional && end > start) levels = bytes.subarray(start, end);
    const rest = bytes.subarray(end);
    const size = header.uncompressed_page_size - end;
    data = decompress(v2.is_compressed === false ? "UNCOMPRESSED" : chunk.codec, rest, size);
  } else {
    data = decompress(chunk.codec, bytes, header.uncompressed_page_size);
    if (optional) {
      if (v1!.definition_level_encoding !== "RLE") throw new Error("its levels are not run-length encoded");
      const end = 4 + lengthAt(data);
      levels = data.subarray(4, end);
      data = data.subarray(end);
    }
  }
  const defined = levels && readRuns(levels, 1, length);
  const count = defined ? defined.reduce((sum, level) => sum + level, 0) : length;
  if (v2 && count !== length - v2.num_nulls) throw new RangeError("its nulls are miscounted");
  const coded = page.encoding.endsWith("_DICTIONARY") || page.encoding === "RLE";
  if (!coded) return spread(decodeValues(data, page.encoding, count, column), undefined, defined, length);
  if (page.encoding === "RLE" && column.element.type !== "BOOLEAN") throw new Error("RLE is for booleans");
  const { values, codes } = decodeCodes(data, page.encoding, count, dictionary);
  return spread(values, codes, defined, length);
}

/** Codes and what they stand for: a dictionary's values, or false and true. */
function decodeCodes(
  data: Uint8Array,
  encoding: string,
  count: number,
  dictionary: ArrayLike<Cell> | undefined,
): { values: ArrayLike<Cell>; codes: Int32Array } {
  if (encoding === "RLE") {
    return { values: [false, true], codes: readRuns(data.subarray(4, 4 + lengthAt(data)), 1, count) };
  }
  const values = count === 0 ? [] : dictionary;
  if (values === undefined) throw new Error("its dictionary is missing");
  const codes = count === 0 ? new Int32Array() : readRuns(data.subarray(1), data[0] ?? NaN, count);
  for (const code of codes) {
    if (!(code >= 0 && code < values.length)) throw new RangeError(`its dictionary has no value ${code}`);
  }
  return { values, codes };
}

function lengthAt(bytes: Uint8Array): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (length > bytes.length - 4) throw new RangeError(`${length} bytes of levels can't be`);
  return length;
}

/** Gives every row its value's place: those that are not `defined` have none. */
function spread(
  values: ArrayLike<Cell>,
  codes: Int32Array | undefined,
  defined: Int32Array | undefined,
  length: number,
): Page {
  if (defined === undefined || (codes ?? values).length === length) {
    return codes ? { length, values, places: codes } : { length, values };
  }
  for (let row = 0, next = 0; row < length; row++) {
    defined[row] = defined[row] === 0 ? -1 : codes ? codes[next++]! : next++;
  }
  return { length, values, places: defined };
}

/** Parses the header at `position` from as few bytes as it takes; a small page is in the same window. */
async function readHeader(
  file: BinaryFile,
  position: number,
  end: number,
): Promise<{ header: PageHeader; length: number; window: Uint8Array }> {
  const longest = Math.min(LARGEST_HEADER, end - position);
  for (let size = 1 << 11; ; size *= 32) {
    const window = new Uint8Array(Math.min(size, longest));
    await file.read(position, window);
    let length: number;
    try {
      length = structEnd(window, 0);
    } catch (error) {
      if (size >= longest) throw error;
      continue;
    }
    return {
      header: parquetHeader({ view: new DataView(window.buffer, 0, length), offset: 0 }),
      length,
      window,
    };
  }
}
