import { access, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { unwritable } from "../io/atomic.ts";
import { cellText } from "../io/cell.ts";
import { printablePath } from "../io/printable.ts";
import { outputFormat } from "../io/sink.ts";
import { openSource } from "../io/source.ts";
import { writeRows } from "../io/write-rows.ts";
import { findEntry } from "../linalg/sparse.ts";
import type { Decision, DecisionCounts } from "./messages.ts";

/** What people decided about single interactions, kept in a side file. */
export interface Decisions {
  /** By entry. */
  readonly made: ReadonlyMap<number, Decision>;
  /** Grows with every change. */
  readonly version: number;
  counts(): DecisionCounts;
  /** Takes decisions (null: none any more) and settles once the side file has them. @throws ProRecError UNWRITABLE_FILE */
  decide(changes: Iterable<readonly [entry: number, decision: Decision | null]>): Promise<void>;
}

const COLUMNS = ["user", "item", "decision"].map((name) => ({ name, kind: "text" }) as const);

/**
 * Decisions from the side file, a CSV of user, item and "keep" or "remove", or none where there is no file yet. Pairs that
 * are not in the log stay in the file. Every write replaces the file whole.
 * @throws ProRecError BAD_ROW for another decision or file; UNSUPPORTED_FORMAT by its extension; UNWRITABLE_FILE without
 * its folder
 */
export async function openDecisions(path: string, input: Interactions): Promise<Decisions> {
  outputFormat(path);
  const { users, items, matrix } = input;
  const made = new Map<number, Decision>();
  const foreign: string[][] = [];
  for (const [user, item, decision] of await readDecisions(path)) {
    if (!isDecision(decision)) throw bad(path, `"${decision}" is neither keep nor remove`);
    const row = users.indexOf(user!);
    const column = items.indexOf(item!);
    const entry = row < 0 || column < 0 ? -1 : findEntry(matrix, row, column);
    if (entry < 0) foreign.push([user!, item!, decision]);
    else made.set(entry, decision);
  }
  let version = 0;
  let saved = 0;
  let saving: Promise<void> = Promise.resolve();

  function* rows(): Generator<string[]> {
    yield* foreign;
    for (const entry of Array.from(made.keys()).sort((left, right) => left - right)) {
      yield [users.at(userAt(matrix.offsets, entry)), items.at(matrix.indices[entry]!), made.get(entry)!];
    }
  }
  const save = async () => {
    if (saved === version) return;
    const written = version;
    const table = Array.from(rows());
    if (table.length > 0) await writeRows(path, COLUMNS, table);
    else await rm(path, { force: true });
    saved = written;
  };
  return {
    made,
    get version() {
      return version;
    },
    counts() {
      let keep = 0;
      for (const decision of made.values()) if (decision === "keep") keep++;
      return { keep, remove: made.size - keep, file: path };
    },
    async decide(changes) {
      for (const [entry, decision] of changes) {
        if ((made.get(entry) ?? null) === decision) continue;
        if (decision === null) made.delete(entry);
        else made.set(entry, decision);
        version++;
      }
      const next = saving.then(save, save);
      saving = next.catch(() => {});
      await next;
    },
  };
}

async function readDecisions(path: string): Promise<string[][]> {
  const present = await access(path).then(
    () => true,
    () => false,
  );
  if (!present) {
    await access(dirname(path)).catch((error) => Promise.reject(unwritable(path, error)));
    return [];
  }
  const source = await openSource(path);
  try {
    if (source.columns.map(({ name }) => name).join() !== "user,item,decision") {
      throw bad(path, "its columns are not user, item and decision");
    }
    const rows: string[][] = [];
    for await (const { columns, length } of source.batches()) {
      for (let row = 0; row < length; row++) rows.push(columns.map((cells) => cellText(cells[row]!)));
    }
    return rows;
  } finally {
    await source.close();
  }
}

function isDecision(text: string | undefined): text is Decision {
  return text === "keep" || text === "remove";
}

function bad(path: string, what: string): ProRecError {
  return new ProRecError("BAD_ROW", `${printablePath(path)} holds no decisions: ${what}.`, {
    details: { file: path },
    hint: "Move it away, or name another file with --decisions.",
  });
}

/** The user whose interaction stands at `entry`. */
export function userAt(offsets: Uint32Array, entry: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= entry) low = middle;
    else high = middle;
  }
  return low;
}
