import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

// Writers and readers of logs that share no code with the product.

export type Row = readonly string[];

/** Rows as CSV, or with another delimiter. */
export function delimited(rows: readonly Row[], delimiter = ","): string {
  const cell = (text: string) => (/["\n\r,\t\ufeff]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(cell).join(delimiter)}\n`).join("");
}

/** The rows of delimited text (RFC 4180). */
export function parseDelimited(text: string, delimiter = ","): string[][] {
  const cell = new RegExp(`("(?:[^"]|"")*"|[^\\n${delimiter}]*)([\\n${delimiter}])`, "gy");
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, content, end] of text.matchAll(cell)) {
    row.push(content!.startsWith('"') ? content!.slice(1, -1).replaceAll('""', '"') : content!);
    if (end !== "\n") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** The table in a file of any format that ProRec writes: a row an object, its values as text, null or nothing as "". */
export async function readTable(path: string): Promise<Record<string, string>[]> {
  const bytes = readFileSync(path);
  if (path.endsWith(".parquet")) {
    const file = new Uint8Array(bytes).buffer;
    const parsers = { stringFromBytes: (bytes: Uint8Array) => Buffer.from(bytes).toString() };
    return (await parquetReadObjects({ file, compressors, parsers })).map(texts);
  }
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  const format = path.replace(/\.gz$/, "");
  if (/\.(ndjson|jsonl)$/.test(format)) {
    return text
      .trimEnd()
      .split("\n")
      .map((line) => texts(JSON.parse(line)));
  }
  const [names, ...rows] = parseDelimited(text, format.endsWith(".tsv") ? "\t" : ",");
  return rows.map((row) => Object.fromEntries(names!.map((name, column) => [name, row[column]!])));
}

function texts(row: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value ?? "")]));
}

/** A `.npy` file of rows x columns float32 numbers, or of another shape and type for trouble. */
export function npy(
  shape: readonly number[],
  values: Iterable<number>,
  { descr = "<f4", fortran = false } = {},
): Buffer {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${tuple}), }`;
  const padded = `${header.padEnd(117)}\n`;
  const prefix = Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1");
  return Buffer.concat([prefix, Buffer.from(padded), Buffer.from(Float32Array.from(values).buffer)]);
}

/**
 * user, item, rating, timestamp of two groups of users with tastes of their own and some clicks beside them.
 * `name` turns "u7" and "i3" into ids.
 */
export function groupLog({ users = 30, items = 24, name = (id: string) => id } = {}): Row[] {
  const rows: Row[] = [["user", "item", "rating", "timestamp"]];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      const draw = (Math.imul(user * 1009 + item + 1, 0x9e3779b1) >>> 12) % 97;
      const chosen = user % 2 === item % 2 ? draw < 60 : draw < 4;
      if (!chosen) continue;
      rows.push([name(`u${user}`), name(`i${item}`), String(1 + (draw % 5)), String(881_250_949 + draw)]);
    }
  }
  return rows;
}

/**
 * user, item, timestamp of two tastes, a user that clicks every other item once, and an item pushed within a minute.
 * `accidents` clicks of each user are on any item.
 */
export function oddLog({ machine = "machine", pushed = "pushed", users = 120, accidents = 0 } = {}): Row[] {
  const rows: Row[] = [["user", "item", "timestamp"]];
  const click = (user: string, item: string, at = 1_600_000_000 + 60 * rows.length) =>
    rows.push([user, item, String(at)]);
  let state = 7;
  const below = (bound: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * bound);
  };
  for (let user = 0; user < users; user++) {
    const mine = new Set<number>();
    while (mine.size < 14) mine.add((user % 2) * 75 + Math.floor(75 * (below(1000) / 1000) ** 3));
    for (let accident = 0; accident < accidents; accident++) mine.add(below(150));
    for (const item of mine) click(`u${user}`, `i${item}`);
  }
  for (let item = 0; item < 150; item += 2) click(machine, `i${item}`);
  for (let user = 0; user < 30; user++) click(`u${user}`, pushed, 1_600_120_000);
  return rows;
}
