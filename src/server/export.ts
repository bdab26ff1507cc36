import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ADDED_COLUMNS, labelAt } from "../denoise/label.ts";
import { writeAnnotated } from "../io/annotate.ts";
import { forgetTemporaryFile, rememberTemporaryFile } from "../io/atomic.ts";
import { writeRewritten } from "../io/rewrite.ts";
import type { Cell, Column } from "../io/rows.ts";
import { writeRows } from "../io/write-rows.ts";
import { findEntry } from "../linalg/sparse.ts";
import type { Decisions } from "./decisions.ts";
import type { Explored } from "./explored.ts";

export const EXPORT_FORMATS = ["csv", "parquet"] as const;
/** All rows with weights; those not removed by hand; those kept by the threshold or by hand. */
export const EXPORT_ROWS = ["weights", "decided", "kept"] as const;

export interface ExportChoice {
  readonly format: (typeof EXPORT_FORMATS)[number];
  readonly rows: (typeof EXPORT_ROWS)[number];
}

export interface ExportedFile {
  readonly bytes: number;
  readonly stream: ReadableStream<Uint8Array>;
}

const PAIR: readonly Column[] = [
  { name: "user", kind: "text" },
  { name: "item", kind: "text" },
];
const NOTHING = { instead: true, pairs: [] };

/**
 * Makes the file in a temporary folder and hands out its bytes; it is gone once they are read or given up. Decisions by hand
 * go before labels: kept weighs 1, removed weighs 0.
 * @throws ProRecError INPUT_CHANGED if the log did, ABORTED, UNWRITABLE_FILE
 */
export async function exportFile(
  explored: Explored,
  { made }: Pick<Decisions, "made">,
  { format, rows }: ExportChoice,
  signal: AbortSignal,
): Promise<ExportedFile> {
  const folder = await mkdtemp(join(tmpdir(), `prorec-export-${process.pid}-`));
  rememberTemporaryFile(folder);
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    forgetTemporaryFile(folder);
  };
  try {
    const path = join(folder, `rows.${format}`);
    await (explored.log === undefined ? writeRun : writeLog)(explored, made, rows, path, signal);
    const { size } = await stat(path);
    const file = createReadStream(path);
    file.once("close", remove);
    return { bytes: size, stream: Readable.toWeb(file) as ReadableStream<Uint8Array> };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function writeLog(
  explored: Explored,
  made: Decisions["made"],
  rows: ExportChoice["rows"],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { input } = explored;
  const log = explored.log!;
  const pair = (user: string, item: string): [row: number, entry: number] => {
    const row = input.users.indexOf(user);
    return [row, findEntry(input.matrix, row, input.items.indexOf(item))];
  };
  if (rows === "weights") {
    const valuesOf = (user: string, item: string) => {
      const [row, entry] = pair(user, item);
      return cellsOf(explored, made, row, entry);
    };
    return writeAnnotated(log, path, ADDED_COLUMNS, valuesOf, { signal });
  }
  const changeOf = (user: string, item: string) =>
    stays(explored, made, rows, pair(user, item)[1]) ? undefined : NOTHING;
  return writeRewritten(log, path, changeOf, { signal });
}

async function writeRun(
  explored: Explored,
  made: Decisions["made"],
  which: ExportChoice["rows"],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { users, items, matrix } = explored.input;
  const columns = which === "weights" ? [...PAIR, ...ADDED_COLUMNS] : PAIR;
  function* rows(): Generator<Cell[]> {
    for (let user = 0; user < users.size; user++) {
      for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
        const pair = [users.at(user), items.at(matrix.indices[entry]!)];
        if (which === "weights") yield [...pair, ...cellsOf(explored, made, user, entry)];
        else if (stays(explored, made, which, entry)) yield pair;
      }
    }
  }
  await writeRows(path, columns, rows(), signal);
}

/** A row's label, or what was decided instead, in the order of `ADDED_COLUMNS`. */
function cellsOf(explored: Explored, made: Decisions["made"], user: number, entry: number): number[] {
  const label = labelAt(explored, user, entry);
  const decision = made.get(entry);
  const { weight, noise } =
    decision === undefined
      ? label
      : { weight: decision === "keep" ? 1 : 0, noise: decision === "keep" ? 0 : 1 };
  return ADDED_COLUMNS.map(({ name }) => ({ ...label, weight, noise })[name]);
}

function stays(
  explored: Explored,
  made: Decisions["made"],
  rows: "decided" | "kept",
  entry: number,
): boolean {
  const decision = made.get(entry);
  if (decision !== undefined) return decision === "keep";
  return rows === "decided" || explored.noise[entry] === 0;
}
