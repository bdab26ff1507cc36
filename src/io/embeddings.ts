import { extname } from "node:path";
import { ProRecError } from "../errors.ts";
import { Ids } from "../interactions/ids.ts";
import { badRow, quoted } from "./bad-row.ts";
import { readBytes } from "./bytes.ts";
import type { Matrix } from "./matrix.ts";
import { readNpy } from "./npy.ts";
import { printable, printablePath } from "./printable.ts";
import { readSafetensors } from "./safetensors.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const LONGEST_ID = 1 << 20;

/** Factors from any model, with the ids of their rows. */
export interface Embeddings {
  readonly users: EmbeddedSide;
  readonly items: EmbeddedSide;
  /** Numbers a row, the same on both sides. */
  readonly rank: number;
}

export interface EmbeddedSide {
  readonly ids: Ids;
  /** ids.size x rank, row-major; every number is finite. */
  readonly factors: Float32Array;
}

/** `.npy` or `.safetensors` files of rows x factors, and text files with one id a line. */
export interface EmbeddingFiles {
  readonly users: string;
  readonly items: string;
  /** Without it the rows' numbers "0", "1", ... are the ids. */
  readonly userIds?: string | undefined;
  readonly itemIds?: string | undefined;
}

/**
 * Reads the user and item factors of a model that was trained elsewhere.
 * @throws ProRecError SHAPE_MISMATCH if the sides differ in rank or a side has not one id a row; BAD_ROW for an
 * id that comes twice or is not UTF-8; UNSUPPORTED_FORMAT for other extensions; and as `readNpy` and `readSafetensors`.
 */
export async function readEmbeddings(files: EmbeddingFiles): Promise<Embeddings> {
  const users = await readMatrixFile(files.users);
  const items = await readMatrixFile(files.items);
  const rank = users.shape[1];
  if (items.shape[1] !== rank) {
    throw new ProRecError(
      "SHAPE_MISMATCH",
      `${printablePath(files.users)} is ${users.shape.join(" x ")} and ${printablePath(files.items)} is ${items.shape.join(" x ")}: users and items must have the same number of factors.`,
      {
        details: { file: files.items },
        hint: "Save both from the same model, one row for each user or item.",
      },
    );
  }
  return {
    users: { ids: await idsOf(users, files.users, files.userIds), factors: users.data },
    items: { ids: await idsOf(items, files.items, files.itemIds), factors: items.data },
    rank,
  };
}

function readMatrixFile(path: string): Promise<Matrix> {
  const extension = extname(path).toLowerCase();
  if (extension === ".npy") return readNpy(path);
  if (extension === ".safetensors") return readSafetensors(path);
  throw new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(path)} should hold embeddings, but its name ends in ${printable(extension) || "no extension"}.`,
    { details: { file: path }, hint: "Save them as .npy or .safetensors." },
  );
}

async function idsOf(matrix: Matrix, path: string, idPath: string | undefined): Promise<Ids> {
  const rows = matrix.shape[0];
  const ids = idPath === undefined ? rowNumbers(rows) : await readIds(idPath);
  if (ids.size === rows) return ids;
  throw new ProRecError(
    "SHAPE_MISMATCH",
    `${printablePath(idPath!)} has ${ids.size} ids, but ${printablePath(path)} has ${rows} rows.`,
    { details: { file: idPath! }, hint: "Give one id a line, in the order of the rows." },
  );
}

function rowNumbers(rows: number): Ids {
  const ids = new Ids();
  for (let row = 0; row < rows; row++) ids.add(String(row));
  return ids;
}

/** One id a line, byte for byte; lines end in \n or \r\n, and a byte order mark may stand before the first. */
async function readIds(path: string): Promise<Ids> {
  const ids = new Ids();
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const take = (bytes: Buffer) => {
    const row = ids.size + 1;
    let id: string;
    try {
      id = utf8.decode(bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes);
    } catch {
      throw badId(path, row, "the id is not valid UTF-8.", bytes.toString("latin1"));
    }
    if (row === 1 && id.startsWith("\ufeff")) id = id.slice(1);
    const known = ids.indexOf(id);
    if (known >= 0) throw badId(path, row, `the id ${quoted(id)} stands in row ${known + 1} already.`, id);
    ids.add(id);
  };
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of readBytes({ path, name: path })) {
    const bytes = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      take(bytes.subarray(start, end));
      start = end + 1;
    }
    pending = bytes.subarray(start);
    if (pending.length > LONGEST_ID) throw badId(path, ids.size + 1, `the id has over ${LONGEST_ID} bytes.`);
  }
  if (pending.length > 0) take(pending);
  return ids;
}

function badId(file: string, row: number, what: string, value?: string): ProRecError {
  const where = { file, row, ...(value === undefined ? {} : { value }) };
  return badRow(where, what, "Give one id a line, each once, in the order of the rows.");
}
