import { breathe } from "../progress.ts";
import { IntegerCodes, type Integers } from "./integer-codes.ts";
import type { Cell, CodedCells, RowBatch } from "./rows.ts";

const BATCH_ROWS = 1 << 13;

/** Some consecutive rows of a column. */
export interface Page {
  readonly length: number;
  readonly values: ArrayLike<Cell>;
  /** Where row r's value is in `values`, -1 for null; without it row r's is `values[r]`. */
  readonly places?: Int32Array;
}

/**
 * Batches of rows from columns that come in pages of their own lengths, a page of each at a time. Columns are read to
 * their end, where they may find that what they gave was wrong.
 * @param pages a column's, with `rows` rows in all
 */
export async function* batchesOfPages(
  file: string,
  pages: readonly AsyncGenerator<Page>[],
  rows: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RowBatch> {
  const cursors = pages.map(cursorOf);
  try {
    for (let row = 0; row < rows; ) {
      let length = Math.min(BATCH_ROWS, rows - row);
      for (const cursor of cursors) length = Math.min(length, await cursor.ready());
      await breathe(signal);
      const first = row + 1;
      const slices = cursors.map((cursor) => cursor.take(length));
      yield {
        file,
        length,
        columns: lazily(slices.map((slice) => () => cellsOf(slice))),
        coded: (column) => cursors[column]!.coded(slices[column]!),
        rowNumber: (index) => first + index,
      };
      row += length;
    }
    for (const each of pages) {
      for await (const { length } of each)
        if (length > 0) throw new Error("A column has more rows than announced.");
    }
  } finally {
    for (const each of pages) await each.return(undefined);
  }
}

/** Rows `start` to `end` of a page. */
interface Slice {
  readonly page: Page;
  readonly start: number;
  readonly end: number;
}

interface Cursor {
  /** Rows that are left in the page, at least one. */
  ready(): Promise<number>;
  take(length: number): Slice;
  coded(slice: Slice): CodedCells | undefined;
}

/** Reads on in a column's pages. */
function cursorOf(pages: AsyncGenerator<Page>): Cursor {
  let page: Page = { length: 0, values: [] };
  let start = 0;
  let integers: IntegerCodes | undefined;
  let translated: CodedCells = { values: [], codes: new Int32Array() };
  return {
    async ready() {
      while (start === page.length) {
        const { done, value } = await pages.next();
        if (done) throw new Error("A column has fewer rows than announced.");
        page = value;
        start = 0;
      }
      return page.length - start;
    },
    take(length) {
      start += length;
      return { page, start: start - length, end: start };
    },
    coded({ page: { values, places }, start, end }) {
      if (!isIntegers(values)) return places && { values, codes: places.subarray(start, end) };
      integers ??= new IntegerCodes();
      if (!places) return { values: integers.values, codes: integers.of(values.subarray(start, end)) };
      if (translated.values !== values) translated = { values, codes: integers.of(values) };
      const { codes } = translated;
      return {
        values: integers.values,
        codes: places.subarray(start, end).map((place) => (place < 0 ? -1 : codes[place]!)),
      };
    },
  };
}

function isIntegers(values: ArrayLike<Cell>): values is Integers {
  return (
    values instanceof BigInt64Array ||
    values instanceof BigUint64Array ||
    values instanceof Int32Array ||
    values instanceof Uint32Array
  );
}

function cellsOf({ page: { values, places }, start, end }: Slice): Cell[] {
  const cells = new Array<Cell>(end - start);
  for (let row = start; row < end; row++) {
    const place = places ? places[row]! : row;
    cells[row - start] = place < 0 ? null : values[place]!;
  }
  return cells;
}

/** An array whose elements are made when they are asked for: most readers want few of the columns. */
function lazily<T>(makers: readonly (() => T)[]): readonly T[] {
  const array: T[] = [];
  for (const [index, make] of makers.entries()) {
    let made: T | undefined;
    Object.defineProperty(array, index, {
      enumerable: true,
      get() {
        made ??= make();
        return made;
      },
    });
  }
  return array;
}
