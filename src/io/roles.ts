import { ProRecError } from "../errors.ts";
import { quoted } from "./bad-row.ts";
import { printablePath } from "./printable.ts";

export type Role = "user" | "item" | "rating" | "timestamp";

export const ROLES: readonly Role[] = ["user", "item", "rating", "timestamp"];

/** Columns chosen by name or by position counted from 1; rating or timestamp "-": the log has none. */
export type ColumnChoices = { readonly [role in Role]?: string | number | undefined };

/** Which column (counted from 0) plays which role. */
export interface Roles {
  readonly user: number;
  readonly item: number;
  readonly rating?: number;
  readonly timestamp?: number;
}

/** Names by which columns are recognised, the better first; compared without case, spaces and punctuation. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  user: names(
    "user_id user uid username visitor_id visitor customer_id customer client_id client member_id member",
    "account_id account reviewer_id reviewer subscriber_id subscriber person_id person session_id session",
    "customer_number customer_no user_number user_name user_email customer_email",
  ),
  item: names(
    "item_id item iid product_id product movie_id movie track_id track song_id song artist_id artist",
    "book_id book isbn asin sku_id sku article_id article video_id video game_id game app_id app",
    "business_id business content_id content product_sku product_code product_number item_sku item_code item_number",
  ),
  rating: names("rating ratings score stars star overall rate grade book_rating preference"),
  timestamp: names(
    "timestamp unix_timestamp unix_review_time time datetime date ts event_time created_at review_time rated_at",
  ),
};

function names(...lists: string[]): string[] {
  return lists.flatMap((list) => list.split(" ").map(normalized));
}

function normalized(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** The column whose name says that it plays `role`, or -1. */
export function recognisedColumn(columns: readonly string[], role: Role): number {
  const candidates = columns.map(normalized);
  for (const name of NAMES[role]) {
    const column = candidates.indexOf(name);
    if (column >= 0) return column;
  }
  return -1;
}

/**
 * Gives every role its column: as chosen, else by name.
 * @throws ProRecError UNKNOWN_COLUMN that lists the columns, for a choice that isn't there or no recognisable user or item.
 */
export function assignRoles(file: string, columns: readonly string[], choices: ColumnChoices = {}): Roles {
  const chosen = new Map<Role, number>();
  for (const role of ROLES) {
    const choice = choices[role];
    if (choice === undefined) continue;
    chosen.set(role, choice === "-" && optional(role) ? -1 : columnOf(file, columns, role, choice));
  }
  const taken = new Set(chosen.values());
  const assigned = (role: Role) => {
    const column = chosen.get(role) ?? recognisedColumn(columns, role);
    return column >= 0 && (chosen.has(role) || !taken.has(column)) ? column : undefined;
  };
  const [user, item, rating, timestamp] = ROLES.map(assigned);
  if (user === undefined || item === undefined) {
    const missing = user === undefined ? "user" : "item";
    const example = [user, item].map(
      (column, side) => `${ROLES[side]}=${columns[column ?? -1]?.trim() ?? "NAME"}`,
    );
    const hint = `Choose with --columns "${example.join(",")}"; positions from 1 work too, and are what a file without a header needs.`;
    throw unknownColumn(file, columns, `No column's name says that it holds the ${missing}`, hint);
  }
  if (user === item)
    throw unknownColumn(file, columns, `Column ${quoted(columns[user]!)} can't be both user and item`);
  return {
    user,
    item,
    ...(rating === undefined ? {} : { rating }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

/** What a position means: 1 or "1"; names are undefined here. */
export function positionOf(choice: string | number): number | undefined {
  if (typeof choice === "number") return choice;
  return /^[0-9]+$/.test(choice) ? Number(choice) : undefined;
}

function columnOf(file: string, columns: readonly string[], role: Role, choice: string | number): number {
  const named = typeof choice === "string" ? columnNamed(columns, choice) : -1;
  if (named >= 0) return named;
  const position = positionOf(choice);
  if (position === undefined)
    throw unknownColumn(file, columns, `There is no column ${quoted(String(choice))} for the ${role}`);
  if (Number.isInteger(position) && position >= 1 && position <= columns.length) return position - 1;
  throw unknownColumn(
    file,
    columns,
    `There is no column ${position} for the ${role}; positions are 1 to ${columns.length}`,
  );
}

/** The column of that name; else the only one that differs from it in no more than case, spaces and punctuation; else -1. */
function columnNamed(columns: readonly string[], name: string): number {
  const exact = columns.indexOf(name);
  const meant = normalized(name);
  if (exact >= 0 || meant === "" || positionOf(name) !== undefined) return exact;
  const alike = [...columns.keys()].filter((column) => normalized(columns[column]!) === meant);
  return alike.length === 1 ? alike[0]! : -1;
}

function optional(role: Role): boolean {
  return role === "rating" || role === "timestamp";
}

export function unknownColumn(
  file: string,
  columns: readonly string[],
  what: string,
  hint = "Choose with --columns user=NAME,item=NAME (also rating=, timestamp=); positions from 1 work too, and are what a file without a header needs.",
): ProRecError {
  return new ProRecError(
    "UNKNOWN_COLUMN",
    `${printablePath(file)}: ${what}. The columns are ${columns.map(quoted).join(", ")}.`,
    { details: { file, columns }, hint },
  );
}
