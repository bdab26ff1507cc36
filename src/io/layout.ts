import { ProRecError } from "../errors.ts";
import { badRow, quoted } from "./bad-row.ts";
import { cellParser, type DelimitedLayout } from "./csv.ts";
import { printablePath } from "./printable.ts";
import { isBlank, scanRecords, withoutReturns } from "./records.ts";
import { type ColumnChoices, positionOf, ROLES, type Role, recognisedColumn } from "./roles.ts";
import { concatenated, decodedAnyway } from "./utf8.ts";

const DELIMITERS = [",", "\t", ";", "|"];
const SAMPLE = 200;

/** The first rows of delimited text: those that have as many cells as the very first. */
interface Sample {
  readonly delimiter: string;
  readonly width: number;
  readonly rows: readonly Uint8Array[];
}

/**
 * How delimited text is laid out, from its first bytes: the delimiter that cuts most rows like the first (of equals
 * the extension's, then the one that makes more columns), and whether the first row holds names.
 * @throws ProRecError UNSUPPORTED_FORMAT for text without columns, BAD_ROW for a name that stands twice.
 */
export function sniffLayout(file: string, head: Uint8Array, choices: ColumnChoices): DelimitedLayout {
  const samples = DELIMITERS.map((delimiter) => sampleOf(head, delimiter)).filter(({ width }) => width > 1);
  const most = Math.max(...samples.map(({ rows }) => rows.length));
  const preferred = /\.(tsv|tab)(\.gz|\.zst)?$/i.test(file) ? "\t" : undefined;
  const [best] = samples
    .filter(({ rows }) => rows.length === most)
    .sort(
      (left, right) =>
        +(right.delimiter === preferred) - +(left.delimiter === preferred) || right.width - left.width,
    );
  if (best === undefined) throw withoutColumns(file, head);
  const { delimiter, width, rows } = best;
  const columns = cellParser(delimiter, width)(decodedAnyway(concatenated(rows)), rows.length);
  const header = hasHeader(columns, choices);
  const names = header ? columns.map((cells) => cells[0]!) : defaultNames(width, choices);
  const twice = names.find((name, column) => names.indexOf(name) !== column);
  if (twice !== undefined) {
    throw badRow({ file, row: 1, column: twice }, "two columns have this name.", "Rename one of them.");
  }
  return { delimiter, header, names };
}

function sampleOf(head: Uint8Array, delimiter: string): Sample {
  const records = scanRecords(head, delimiter.charCodeAt(0));
  const rows: Uint8Array[] = [];
  let width = 0;
  let start = 0;
  for (const [index, end] of records.ends.entries()) {
    if (rows.length === SAMPLE) break;
    if (!isBlank(head, start, end)) {
      if (width === 0) width = records.cells[index]!;
      if (records.cells[index] === width) rows.push(withoutReturns(head.subarray(start, end), [end - start]));
    }
    start = end;
  }
  return { delimiter, width, rows };
}

/**
 * A first row with a chosen name, or known ones for user and item, is a header; one with a number is data; one known
 * name makes a header; a value that comes again below it, data; text above numbers, a header. If nothing tells:
 * chosen positions mean data, else it is a header.
 */
function hasHeader(columns: readonly (readonly string[])[], choices: ColumnChoices): boolean {
  const first = columns.map((cells) => cells[0]!);
  const chosen = ROLES.flatMap((role) => choices[role] ?? []).filter((choice) => choice !== "-");
  const chosenNames = chosen.filter((choice) => positionOf(choice) === undefined);
  if (chosenNames.some((name) => first.includes(String(name)))) return true;
  const recognised = ["user", "item"].filter((role) => recognisedColumn(first, role as Role) >= 0);
  if (recognised.length === 2) return true;
  if (first.some(isNumber)) return false;
  if (recognised.length === 1) return true;
  if (columns.some(([name, ...cells]) => name !== "" && cells.includes(name!))) return false;
  if (columns.some(([, ...cells]) => cells.length > 0 && cells.every(isNumber))) return true;
  return chosen.length === 0 || chosenNames.length > 0;
}

function isNumber(cell: string): boolean {
  return cell.trim() !== "" && Number.isFinite(Number(cell));
}

/**
 * user, item, rating, timestamp, column5, ...; where positions are chosen, those columns are named after their role,
 * and the usual rating and timestamp only if user and item are the first two.
 */
function defaultNames(width: number, choices: ColumnChoices): string[] {
  const names = Array.from({ length: width }, (_, column) => `column${column + 1}`);
  const free = new Set(names);
  const place = (role: Role, column: number) => {
    if (free.delete(names[column]!)) names[column] = role;
  };
  for (const role of ROLES) place(role, (positionOf(choices[role] ?? "") ?? 0) - 1);
  if (["user", "item"].some((role) => names.indexOf(role) > 1)) return names;
  for (const [column, role] of ROLES.entries()) if (!names.includes(role)) place(role, column);
  return names;
}

function withoutColumns(file: string, head: Uint8Array): ProRecError {
  const line = decodedAnyway(head.subarray(0, 200)).split(/\r?\n/, 1)[0]!;
  if (line.startsWith('"')) {
    const what = `no row ends; a quote is opened and may never be closed: ${quoted(line)}.`;
    return badRow({ file, row: 1, value: line }, what, "Close the quote.");
  }
  return new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(file)} has no columns separated by comma, tab, semicolon or bar; it starts with ${quoted(line)}.`,
    {
      details: { file, value: line },
      hint: line.includes("::")
        ? "Change the double colons first, e.g. with sed 's/::/\\t/g'."
        : "A log has at least two columns, user and item. Take lines above its header out first, e.g. with tail -n +2.",
    },
  );
}
