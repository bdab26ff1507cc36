import type { Ids } from "../interactions/ids.ts";
import { badRow, quoted } from "./bad-row.ts";
import { cellText } from "./cell.ts";
import type { Role, Roles } from "./roles.ts";
import type { Cell, RowBatch, RowSource } from "./rows.ts";

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
    let cells: readonly Cell[] | undefined;
    return (row: number) => {
      cells ??= column(role); // which makes them; codes may do without
      const text = cellText(cells[row]!);
      if (text === "")
        throw badRow(where(role, row, text), `the ${role} is empty.`, "Give every row both ids.");
      return text;
    };
  };
  const rating = (cells: readonly Cell[]) => (row: number) => {
    const cell = cells[row]!;
    if (typeof cell === "number" && Number.isFinite(cell)) return cell;
    const text = cellText(cell);
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

/** The positions of the ids in a column, which new ids get too. */
export interface IdPositions {
  /** Those of a batch's rows, whose ids are `idOf`. */
  of(batch: RowBatch, idOf: (row: number) => string): (row: number) => number;
}

/** Where batches have codes, an id is looked up once for each value behind them. */
export function idPositions(ids: Ids, column: number): IdPositions {
  let values: ArrayLike<Cell> | undefined;
  let known = new Int32Array();
  return {
    of(batch, idOf) {
      const coded = batch.coded?.(column);
      if (coded === undefined) return (row) => positionOf(ids, idOf(row));
      const size = coded.values.length;
      if (coded.values !== values) known = new Int32Array(size).fill(-1);
      else if (size > known.length) {
        const larger = new Int32Array(2 * size).fill(-1);
        larger.set(known);
        known = larger;
      }
      ({ values } = coded);
      return (row) => {
        const code = coded.codes[row]!;
        if (!(known[code]! >= 0)) known[code] = positionOf(ids, idOf(row)); // which throws for null, code -1
        return known[code]!;
      };
    },
  };
}

/** The id's position. A new id is copied: V8 keeps the whole text alive that a string was cut from. */
function positionOf(ids: Ids, id: string): number {
  const known = ids.indexOf(id);
  return known >= 0 ? known : ids.add(Buffer.from(id).toString());
}
