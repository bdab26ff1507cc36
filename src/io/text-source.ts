import { ProRecError } from "../errors.ts";
import { throwIfAborted } from "../progress.ts";
import { badRow } from "./bad-row.ts";
import { type InputFile, readBytes } from "./bytes.ts";
import { newDigest, statusOf } from "./disk.ts";
import { printablePath } from "./printable.ts";
import type { Column, RowBatch, RowSource } from "./rows.ts";
import { concatenated, decoded } from "./utf8.ts";

/** Takes whole rows off the front of `bytes`, which start `offset` bytes into the text; nothing follows the `last` ones. */
export type BlockReader = (
  bytes: Uint8Array,
  offset: number,
  last: boolean,
) => { consumed: number; batch?: RowBatch };

/** No row is longer; so an open quote in a large file is found before memory runs out. */
const LONGEST_ROW = 16 * 2 ** 20;
const NO_ROWS = "Check that it was written to its end.";
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Rows of a text file. `newReader` starts one pass. */
export async function textSource(
  file: InputFile,
  columns: readonly Column[],
  newReader: () => BlockReader,
): Promise<RowSource> {
  const opened = await statusOf(file.path);
  let known: string | undefined;
  let done = 0;

  const touched = async () => {
    const now = await statusOf(file.path).catch(() => undefined);
    return now?.version !== opened.version;
  };

  async function* batches(signal?: AbortSignal): AsyncGenerator<RowBatch> {
    const hash = newDigest();
    let rows = 0;
    done = 0;
    const bytes = readBytes(file, (raw) => {
      hash.update(raw);
      done += raw.length;
    });
    try {
      for await (const batch of readBlocks(bytes, newReader(), file.name)) {
        throwIfAborted(signal);
        rows += batch.length;
        yield batch;
      }
      if (rows === 0) throw badRow({ file: file.name }, "there are no data rows.", NO_ROWS);
    } catch (error) {
      if (known !== undefined && (await touched())) throw inputChanged(file.name, error);
      throw error;
    }
    const digest = hash.hex();
    known ??= digest;
    if (digest !== known) throw inputChanged(file.name);
  }

  return {
    name: file.name,
    files: [file.path],
    columns,
    batches,
    progress: () => ({ done, total: opened.size }),
    digest() {
      if (known === undefined) throw new TypeError(`${file.name} has not been read to its end yet.`);
      return known;
    },
    close: async () => {},
  };
}

/** Feeds a reader block by block; what it leaves is put before the next block. */
export async function* readBlocks(
  blocks: AsyncIterable<Uint8Array>,
  read: BlockReader,
  name: string,
): AsyncGenerator<RowBatch> {
  let pending = new Uint8Array(0) as Uint8Array;
  let offset = 0;
  let atStart = true;
  const take = (last: boolean) => {
    if (atStart) {
      const text = withoutByteOrderMark(pending);
      offset = pending.length - text.length;
      pending = text;
      atStart = false;
    }
    const { consumed, batch } = read(pending, offset, last);
    pending = pending.subarray(consumed);
    offset += consumed;
    return batch;
  };
  for await (const block of blocks) {
    pending = pending.length === 0 ? block : concatenated([pending, block]);
    if (atStart && pending.length < BYTE_ORDER_MARK.length) continue;
    const batch = take(false);
    if (batch) yield batch;
    if (pending.length > LONGEST_ROW) {
      const rowStart = `The row that starts at byte ${offset} is longer than ${LONGEST_ROW / 2 ** 20} MiB`;
      throw badRow({ file: name, offset }, `${rowStart}. Is a quote left open?`);
    }
  }
  const batch = take(true);
  if (batch) yield batch;
}

export function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  const marked = BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte);
  return marked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}

/**
 * The text of UTF-8 bytes that start `offset` bytes into a file; `rowAt` tells the row of an offset in `bytes`.
 * @throws ProRecError BAD_ROW with the byte that is not UTF-8.
 */
export function decodeUtf8(
  bytes: Uint8Array,
  file: string,
  offset: number,
  rowAt: (position: number) => number,
): string {
  const text = decoded(bytes);
  if (text !== undefined) return text;
  const position = firstInvalid(bytes);
  const row = rowAt(position);
  const value = `0x${bytes[position]!.toString(16)}`;
  throw badRow(
    { file, row, value, offset: offset + position },
    `byte ${offset + position} (counted from 0), ${value}, is not valid UTF-8.`,
    "Save the file as UTF-8, e.g. with iconv -f LATIN1 -t UTF-8.",
  );
}

function firstInvalid(bytes: Uint8Array): number {
  let position = 0;
  while (position < bytes.length) {
    const lead = bytes[position]!;
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (decoded(bytes.subarray(position, position + size)) === undefined) return position;
    position += size;
  }
  return position;
}

function inputChanged(file: string, cause?: unknown): ProRecError {
  return new ProRecError("INPUT_CHANGED", `${printablePath(file)} changed while it was being read.`, {
    details: { file },
    hint: "Run again when nothing writes to it, or work on a copy.",
    cause,
  });
}
