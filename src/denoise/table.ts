import type { Cell, Column } from "../io/rows.ts";
import { ADDED_COLUMNS, type Denoised } from "./denoised.ts";

const EVIDENCE_COLUMNS = [
  { name: "kappa", kind: "integer" },
  { name: "margin", kind: "number" },
  { name: "popularity", kind: "integer" },
  { name: "neighbours", kind: "text" },
  { name: "reason", kind: "text" },
] as const;

/** The flagged interactions as a table: ids, label, evidence; worst first. Neighbours are a JSON list of ids. */
export function flaggedTable(
  denoised: Denoised,
  user = "user",
  item = "item",
): { columns: Column[]; rows: Iterable<Cell[]> } {
  const ids = [user, item].map((name): Column => ({ name, kind: "text" }));
  return { columns: [...ids, ...ADDED_COLUMNS, ...EVIDENCE_COLUMNS], rows: flaggedRows(denoised) };
}

function* flaggedRows(denoised: Denoised): Generator<Cell[]> {
  for (const { user, item, evidence, ...label } of denoised.flagged()) {
    const { kappa, margin, popularity, neighbours, reason } = evidence;
    const labels = ADDED_COLUMNS.map(({ name }) => label[name]);
    yield [user, item, ...labels, kappa, margin, popularity, JSON.stringify(neighbours), reason];
  }
}
