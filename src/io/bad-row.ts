import { type ErrorDetails, ProRecError } from "../errors.ts";
import { printable, printablePath } from "./printable.ts";

/** The error for bad data: `what` is wrong at `where`, e.g. `clicks.csv, row 7, column "rating": ...`. */
export function badRow(where: ErrorDetails & { file: string }, what: string, hint?: string): ProRecError {
  const row = where.row === undefined ? "" : `, row ${where.row}`;
  const column = where.column === undefined ? "" : `, column "${printable(where.column)}"`;
  return new ProRecError("BAD_ROW", `${printablePath(where.file)}${row}${column}: ${what}`, {
    details: where,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** `value` in quotes, safe in a terminal. */
export function quoted(value: string): string {
  return `"${printable(value)}"`;
}
