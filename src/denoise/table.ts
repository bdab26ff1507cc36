import { inertJson } from "../io/printable.ts";
import type { Cell, Column } from "../io/rows.ts";
import type { Flag } from "./evidence.ts";
import { ADDED_COLUMNS, type Label, labelAt } from "./label.ts";
import type { Labelled } from "./outcome.ts";

/** A table that is made row by row. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: Iterable<readonly Cell[]>;
}

/** The columns that back a flag. */
export const EVIDENCE_COLUMNS = [
  { name: "kappa", kind: "integer" },
  { name: "margin", kind: "number" },
  { name: "popularity", kind: "integer" },
  { name: "neighbours", kind: "text" },
  { name: "reason", kind: "text" },
] as const;

/** Every interaction with its label, in row order. */
export function denoisedTable(denoised: Labelled): Table {
  return { columns: [...idColumns("user", "item"), ...ADDED_COLUMNS], rows: denoisedRows(denoised) };
}

/** The flagged interactions with label and evidence, worst first. Neighbours are a JSON list of ids. */
export function flaggedTable(flags: Iterable<Flag>, [user, item]: readonly [string, string]): Table {
  return {
    columns: [...idColumns(user, item), ...ADDED_COLUMNS, ...EVIDENCE_COLUMNS],
    rows: flaggedRows(flags),
  };
}

function idColumns(...names: string[]): Column[] {
  return names.map((name) => ({ name, kind: "text" }));
}

function* denoisedRows(denoised: Labelled): Generator<Cell[]> {
  const { users, items, matrix } = denoised.input;
  for (let user = 0; user < users.size; user++) {
    for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
      yield [users.at(user), items.at(matrix.indices[entry]!), ...labelCells(labelAt(denoised, user, entry))];
    }
  }
}

function* flaggedRows(flags: Iterable<Flag>): Generator<Cell[]> {
  for (const { user, item, evidence, ...label } of flags) {
    const { kappa, margin, popularity, neighbours, reason } = evidence;
    yield [user, item, ...labelCells(label), kappa, margin, popularity, inertJson(neighbours), reason];
  }
}

/** A label's values in the order of `ADDED_COLUMNS`. */
function labelCells(label: Label): number[] {
  return ADDED_COLUMNS.map(({ name }) => label[name]);
}
