import { open } from "node:fs/promises";
import { ProRecError } from "../errors.ts";
import { badRow } from "./bad-row.ts";
import { type InputFile, readBytes, unreadable } from "./bytes.ts";
import { compressionOf } from "./compression.ts";
import { MAGIC } from "./container.ts";
import { openDelimited } from "./csv.ts";
import { sniffLayout } from "./layout.ts";
import { openNdjson } from "./ndjson.ts";
import { printablePath } from "./printable.ts";
import type { ColumnChoices } from "./roles.ts";
import type { RowSource } from "./rows.ts";
import { withoutByteOrderMark } from "./text-source.ts";

/** How much of a text file is looked at to find its format, delimiter, header and keys. */
const HEAD = 2 ** 20;
const PARQUET = "PAR1";
const ZIP = "PK\x03\x04";

/** Opens a regular file, telling its format by its content first and its extension second. */
export async function openFile(path: string, name: string, columns: ColumnChoices): Promise<RowSource> {
  const magic = await firstBytes(path, name);
  if (magic.toString("latin1") === PARQUET || /\.parquet$/i.test(name)) {
    return (await import("./parquet.ts")).openParquet(path, name);
  }
  if (magic.toString("latin1") === ZIP || /\.npz$/i.test(name)) {
    return (await import("./npz.ts")).openNpz(path, name);
  }
  const file: InputFile = { path, name, compression: compressionOf(magic) };
  const head = await wholeLines(file);
  const start = head.subarray(0, 4096).toString("latin1").trimStart();
  if (start === "" && head.length < 4096)
    throw badRow({ file: name }, "the file is empty.", "A log has at least a user and an item in every row.");
  if (start.startsWith(PARQUET)) {
    throw new ProRecError(
      "UNSUPPORTED_FORMAT",
      `${printablePath(name)} is Parquet inside ${file.compression}.`,
      {
        details: { file: name },
        hint: "Decompress it first; Parquet compresses by itself.",
      },
    );
  }
  if (start.startsWith(MAGIC)) {
    throw new ProRecError(
      "UNSUPPORTED_FORMAT",
      `${printablePath(name)} is a file that ProRec saved, not a log.`,
      {
        details: { file: name },
        hint: "A model goes to prorec recommend --model-file.",
      },
    );
  }
  const isJson = start.startsWith("{") || /\.(ndjson|jsonl|json)(\.gz|\.zst)?$/i.test(name);
  const isDelimited = /\.(csv|tsv|tab)(\.gz|\.zst)?$/i.test(name);
  if (isJson && !isDelimited) return openNdjson(file, head);
  return openDelimited(file, sniffLayout(name, head, columns));
}

async function firstBytes(path: string, name: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** The whole lines at the file's start, without a byte order mark, ended by a newline even at the file's end. */
async function wholeLines(file: InputFile): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let length = 0;
  for await (const block of readBytes(file)) {
    blocks.push(block);
    length += block.length;
    if (length >= HEAD) break;
  }
  const head = withoutByteOrderMark(Buffer.concat(blocks));
  if (length >= HEAD) return head.subarray(0, head.lastIndexOf(0x0a) + 1);
  return head.length === 0 || head.at(-1) === 0x0a ? head : Buffer.concat([head, Buffer.from("\n")]);
}
