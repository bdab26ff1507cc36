import type { Ids } from "../interactions/ids.ts";
import { cellText } from "../io/cell.ts";
import { recognisedColumn, unknownColumn } from "../io/roles.ts";
import { openSource } from "../io/source.ts";

/** The title of the item at a position, or null. */
export type ItemTitles = (item: number) => string | null;

export const untitled: ItemTitles = () => null;

const TITLE =
  /^(title|name|label|description|(item|movie|track|product|book|song|artist)[ _-]?(title|name))$/i;
/** Characters of a title that are kept. */
const LONGEST = 200;

/** What a table said of the log's items. */
export interface TitleTable {
  readonly titles: ItemTitles;
  /** The column that they are from. */
  readonly column: string;
  /** Items of the log that have one. */
  readonly known: number;
}

/**
 * Titles from a table in any format that logs have: the column that is called title or name, else the second, beside the
 * item's id, else the first. Items that the log doesn't have are passed over.
 * @throws ProRecError UNKNOWN_COLUMN for a table of one column, and what `openSource` throws
 */
export async function readTitles(path: string, items: Ids, signal?: AbortSignal): Promise<TitleTable> {
  const source = await openSource(path, { signal });
  try {
    const names = source.columns.map(({ name }) => name);
    if (names.length < 2) {
      throw unknownColumn(source.name, names, "Titles need two columns", "Give the items' ids and titles.");
    }
    const id = Math.max(0, recognisedColumn(names, "item"));
    const named = names.findIndex((name, column) => column !== id && TITLE.test(name));
    const title = named >= 0 ? named : id === 0 ? 1 : 0;
    const titles: string[] = [];
    for await (const batch of source.batches(signal)) {
      for (let row = 0; row < batch.length; row++) {
        const item = items.indexOf(cellText(batch.columns[id]![row]!));
        if (item >= 0) titles[item] = cellText(batch.columns[title]![row]!).slice(0, LONGEST);
      }
    }
    const known = titles.filter((text) => text).length;
    return { titles: (item) => titles[item] || null, column: names[title]!, known };
  } finally {
    await source.close();
  }
}
