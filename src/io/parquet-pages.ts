import type { ColumnMetaData, FileMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { quoted } from "./bad-row.ts";
import { type BinaryFile, corrupt } from "./binary.ts";

type PageHeader = ReturnType<typeof parquetHeader>;

/**
 * Checks that the page headers of flat columns add up to the rows of their group. hyparquet trusts them, and a
 * damaged one can keep it busy forever.
 * @throws ProRecError CORRUPT_FILE, or what hyparquet throws for a header that can't be parsed.
 */
export async function checkPages(file: BinaryFile, metadata: FileMetaData): Promise<void> {
  for (const group of metadata.row_groups) {
    for (const { meta_data } of group.columns) {
      if (meta_data === undefined) throw corrupt(file.name, "a column's description is missing");
      await checkColumn(file, meta_data, Number(group.num_rows));
    }
  }
}

async function checkColumn(file: BinaryFile, column: ColumnMetaData, rows: number): Promise<void> {
  const name = quoted(column.path_in_schema.join("."));
  let position = Number(column.dictionary_page_offset || column.data_page_offset);
  const end = position + Number(column.total_compressed_size);
  if (!(position >= 0 && end <= file.size))
    throw corrupt(file.name, `its column ${name} is not inside the file`);
  for (let found = 0; found !== rows; ) {
    const { header, length } = await readHeader(file, position, end);
    const values = valuesOf(header);
    const next = position + length + header.compressed_page_size;
    found += header.type === "DICTIONARY_PAGE" ? 0 : values;
    if (!(values >= 0 && next > position && next <= end && found <= rows)) {
      throw corrupt(file.name, `the page of its column ${name} at byte ${position} can't be`);
    }
    position = next;
  }
}

/** How many values a page holds; NaN if its header is not that of a flat column's page. */
function valuesOf(header: PageHeader): number {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
  const { compressed_page_size, uncompressed_page_size } = header;
  const sizes = [compressed_page_size, uncompressed_page_size];
  if (header.type === "DATA_PAGE_V2" && v2) {
    const levels = v2.definition_levels_byte_length;
    sizes.push(v2.num_nulls, v2.num_values - v2.num_nulls, levels, compressed_page_size - levels);
  }
  const counts = { DATA_PAGE: v1, DATA_PAGE_V2: v2, DICTIONARY_PAGE: dictionary, INDEX_PAGE: undefined };
  return sizes.every((size) => size >= 0) ? (counts[header.type]?.num_values ?? NaN) : NaN;
}

/** Parses the header at `position` from as few bytes as it takes: statistics can make it long. */
async function readHeader(
  file: BinaryFile,
  position: number,
  end: number,
): Promise<{ header: PageHeader; length: number }> {
  for (let window = 1 << 12; ; window *= 16) {
    const bytes = new Uint8Array(Math.min(window, end - position));
    await file.read(position, bytes);
    const reader = { view: new DataView(bytes.buffer), offset: 0 };
    try {
      return { header: parquetHeader(reader), length: reader.offset };
    } catch (error) {
      if (window >= end - position) throw error;
    }
  }
}
