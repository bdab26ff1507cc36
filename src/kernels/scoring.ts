import type { FactorScores, Scores } from "../scores.ts";
import type { ColumnSums } from "./kernels.ts";
import { ITEMS, lengthOf, packPanels, panelsOf, USERS } from "./panels.ts";
import type { Workspace } from "./workspace.ts";

/** Users whose columns are summed in float32 before float64 takes over. */
const TILE = 512;
/** Users whose rows are held at a time: enough to read the items seldom, few enough for the cache. */
export const ROWS = 16;
/** Largest magnitude of a binary score: sums of rows stay within float32. */
const LARGEST = 2 ** 110;
/** The exponent of a column without users: minus infinity where arithmetic must stay finite. */
const EMPTY = Math.fround(-2e38);

/** Scores of a few users at a time, and what they add to the columns. All are binary: t = score / (gamma log 2), exp(x) = 2^t. */
export interface Scoring {
  /** Numbers from one held row to the next. */
  readonly stride: number;
  /** No score of a held row is larger in magnitude. */
  readonly bounds: Float64Array;
  /** @throws RangeError unless the block has whole users. */
  usersIn(block: Float32Array): number;
  /** Puts the scores of up to 16 users into the section "rows". */
  hold(block: Float32Array, from: number, count: number): void;
  addColumns(block: Float32Array, items?: number): void;
  takeColumns(): ColumnSums;
}

type Section = "items" | "lengths" | "users" | "tile" | "exponents" | "sums" | "rows";

/** Sizes of the sections in bytes. */
export function scoringSections({ items, rank }: { items: number; rank: number }): Record<Section, number> {
  const columns = panelsOf(items, ITEMS) * ITEMS;
  return {
    items: columns * rank * 4,
    lengths: (columns / ITEMS) * 4,
    users: TILE * rank * 4,
    tile: TILE * ITEMS * 4,
    exponents: columns * 4,
    sums: columns * 8,
    rows: ROWS * rowStride(columns) * 4,
  };
}

export function createScoring(space: Workspace<Section>, scores: Scores, gamma: number): Scoring {
  const { items } = scores;
  const { run, at } = space;
  const panels = panelsOf(items, ITEMS);
  const stride = rowStride(panels * ITEMS);
  const scale = 1 / (gamma * Math.LN2);
  const bounds = new Float64Array(TILE);
  const exponents = space.floats("exponents").fill(EMPTY);
  const sums = space.doubles("sums");
  const source = scores.kind === "factors" ? fromFactors(scores) : fromRows();

  function fromFactors({ rank, itemFactors }: FactorScores) {
    const packed = space.floats("users");
    const lengths = space.floats("lengths");
    packPanels(
      itemFactors,
      { start: 0, step: rank, stride: 1 },
      items,
      rank,
      ITEMS,
      1,
      space.floats("items"),
    );
    for (let item = 0; item < items; item++) {
      const panel = Math.floor(item / ITEMS);
      lengths[panel] = Math.max(lengths[panel]!, lengthOf(itemFactors, item * rank, rank));
    }
    const longest = lengths.reduce((most, length) => Math.max(most, length));

    /** Packs `count` users, scaled. Returns the length of the longest. */
    function pack(block: Float32Array, from: number, count: number): number {
      let most = 0;
      for (let user = 0; user < count; user++) {
        const length = lengthOf(block, (from + user) * rank, rank) * scale;
        bounds[user] = checked(length * longest);
        most = Math.max(most, checked(length));
      }
      const place = { start: from * rank, step: rank, stride: 1 };
      packPanels(block, place, count, rank, USERS, scale, packed);
      return most;
    }

    return {
      width: rank,
      step: TILE,
      hold(block: Float32Array, from: number, count: number) {
        pack(block, from, count);
        run.scoreRows(at.users, panelsOf(count, USERS), at.items, panels, rank, at.rows, stride * 4);
      },
      add(block: Float32Array, from: number, count: number, panels: number) {
        const most = pack(block, from, count);
        const { users, items, lengths, tile } = at;
        run.addColumns(users, count, most, items, lengths, panels, rank, tile, at.exponents, at.sums);
      },
    };
  }

  function fromRows() {
    const rows = space.floats("rows");
    function hold(block: Float32Array, from: number, count: number) {
      for (let user = 0; user < count; user++) {
        const start = (from + user) * items;
        rows.set(block.subarray(start, start + items), user * stride);
        bounds[user] = checked(run.scaleRow(at.rows + user * stride * 4, items, scale));
      }
    }
    return {
      width: items,
      step: ROWS,
      hold,
      add(block: Float32Array, from: number, count: number, panels: number) {
        hold(block, from, count);
        run.addScores(at.rows, count, stride * 4, panels, at.exponents, at.sums);
      },
    };
  }

  function usersIn(block: Float32Array): number {
    const users = block.length / source.width;
    if (Number.isInteger(users)) return users;
    throw new RangeError(`A block of ${block.length} numbers has no whole users of ${source.width}.`);
  }

  return {
    stride,
    bounds,
    usersIn,
    hold: source.hold,
    addColumns(block, first = items) {
      const users = usersIn(block);
      const panels = panelsOf(first, ITEMS);
      const others = [exponents.slice(first, panels * ITEMS), sums.slice(first, panels * ITEMS)] as const;
      for (let from = 0; from < users; from += source.step) {
        source.add(block, from, Math.min(source.step, users - from), panels);
      }
      exponents.set(others[0], first);
      sums.set(others[1], first);
    },
    takeColumns() {
      const taken = { exponents: new Float64Array(items), sums: sums.slice(0, items) };
      for (let item = 0; item < items; item++) {
        if (exponents[item] !== EMPTY) taken.exponents[item] = exponents[item]!;
      }
      exponents.fill(EMPTY);
      sums.fill(0);
      return taken;
    },
  };
}

/**
 * A bound of binary scores or factors that stays within float32.
 * @throws RangeError otherwise
 */
function checked(bound: number): number {
  if (bound <= LARGEST) return bound;
  throw new RangeError(
    "A score over gamma is not a finite number or beyond 1e33: check the factors, or take a larger gamma.",
  );
}

/** Rows a multiple of 4 KiB apart would share cache lines. */
function rowStride(columns: number): number {
  return columns % 1024 < 16 ? columns + 16 : columns;
}
