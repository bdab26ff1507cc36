import type { Ids } from "../interactions/ids.ts";
import { badRow, quoted } from "./bad-row.ts";
import { cellText } from "./cell.ts";
import type { Role, Roles } from "./roles.ts";
import type { Cell, RowBatch, RowSource } from "./rows.ts";
import { decodedAnyway, encoded } from "./utf8.ts";

/** What the rows of a batch say, by their position in the batch. */
export interface LogRows {
  /** @throws ProRecError BAD_ROW if it is empty. */
  user(row: number): string;
  /** @throws ProRecError BAD_ROW if it is empty. */
  item(row: number): string;
  /** NaN without a rating column. @throws ProRecError BAD_ROW if it isn't a finite number. */
  rating(row: number): number;
}

export function logRows(source: RowSource, roles: Roles, batch: RowBatch): LogRows {
  const column = (role: Role) => batch.columns[roles[role]!]!;
  const where = (role: Role, row: number, value: string) => {
    const { name } = source.columns[roles[role]!]!;
    return { file: batch.file, row: batch.rowNumber(row), column: name, value };
  };
  const id = (role: "user" | "item") => {
    const cells = column(role);
    return (row: number) => {
      const text = cellText(cells[row]!);
      if (text === "")
        throw badRow(where(role, row, text), `the ${role} is empty.`, "Give every row both ids.");
      return text;
    };
  };
  const rating = (cells: readonly Cell[]) => (row: number) => {
    const text = cellText(cells[row]!);
    const value = decimalNumber(text);
    if (Number.isFinite(value)) return value;
    throw badRow(
      where("rating", row, text),
      `${quoted(text)} where a rating belongs; ratings are finite numbers.`,
      "Correct it, or choose another column with --columns rating=NAME, or none with --columns rating=-.",
    );
  };
  return {
    user: id("user"),
    item: id("item"),
    rating: roles.rating === undefined ? () => NaN : rating(column("rating")),
  };
}

/** What Number makes of it, but NaN for what no one means: nothing, and other bases. */
export function decimalNumber(text: string): number {
  return /^\s*$|[xob]/i.test(text) ? Number.NaN : Number(text);
}

/** The id's position. A new id is copied: V8 keeps the whole text alive that a string was cut from. */
export function positionOf(ids: Ids, id: string): number {
  const known = ids.indexOf(id);
  return known >= 0 ? known : ids.add(decodedAnyway(encoded(id)));
}
