import type { Scores } from "../scores.ts";
import { createItemSide } from "./item-side.ts";
import type { ColumnSums, RowMatches, TransportKernel, UserBlock } from "./kernels.ts";
import { ITEMS, lengthOf, packPanels, panelsOf, USERS } from "./panels.ts";
import { MOST_ITEMS, splitSections } from "./split-kernel.ts";
import { openWorkspace } from "./workspace.ts";

/** Users whose columns are summed in float32 before float64 takes over. */
const TILE = 512;
/** Users whose rows are held at a time: enough to read the items seldom, few enough for the cache. */
const ROWS = 16;
/** Largest magnitude of a binary score: sums of rows stay within float32. */
const LARGEST = 2 ** 110;
/** A row is narrow if its powers, the weights and their products stay within float32: binary logarithms. */
const NARROW = { score: 64, heaviest: 60, lightest: -126, mass: -40 };
/** Minus infinity where arithmetic must stay finite: the exponent of no users, and the logarithm of no mass. */
const EMPTY = -2e38;
const NOTHING = -1e38;

/** The transport step in WebAssembly. Scores are binary inside: t = score / (gamma log 2), so that exp(x) = 2^t. */
export function wasmTransport(module: WebAssembly.Module, scores: Scores, gamma: number): TransportKernel {
  const { items } = scores;
  if (items < 1 || items > MOST_ITEMS)
    throw new RangeError(`${items} items: 1 to ${MOST_ITEMS} can be matched.`);
  if (!(gamma > 0)) throw new RangeError(`gamma is ${gamma}: it must be greater than 0.`);
  const depth = scores.kind === "factors" ? scores.rank : 0;
  const width = scores.kind === "factors" ? depth : items;
  const panels = panelsOf(items, ITEMS);
  const stride = rowStride(panels * ITEMS);
  const scale = 1 / (gamma * Math.LN2);
  const space = openWorkspace(module, {
    items: panels * ITEMS * depth * 4,
    lengths: panels * 4,
    users: TILE * depth * 4,
    tile: TILE * ITEMS * 4,
    exponents: panels * ITEMS * 4,
    sums: panels * ITEMS * 8,
    weights: panels * ITEMS * 4,
    logs: panels * ITEMS * 4,
    itemExponents: panels * ITEMS * 4,
    itemOffsets: panels * ITEMS * 4,
    rows: ROWS * stride * 4,
    indices: items * 4,
    observed: items * 4,
    ranks: items * 4,
    ...splitSections(items),
  });
  const { run, at } = space;
  const packed = space.floats("users");
  const rows = space.floats("rows");
  const exponents = space.floats("exponents").fill(EMPTY);
  const sums = space.doubles("sums");
  const indices = space.integers("indices");
  const observed = space.floats("observed");
  const ranks = space.integers("ranks");
  const [floats, doubles, integers] = [
    space.floats("result"),
    space.doubles("result"),
    space.integers("result"),
  ];
  const side = createItemSide(items, {
    weights: space.floats("weights"),
    logs: space.floats("logs"),
    exponents: space.floats("itemExponents"),
    offsets: space.floats("itemOffsets"),
  });
  /** Bounds of |t| of the users that are packed or held. */
  const bounds = new Float64Array(TILE);
  const longest = scores.kind === "factors" ? packItems(scores.itemFactors) : 0;

  /** Packs the items. Returns the length of the longest, in binary scores of a user of length 1. */
  function packItems(factors: Float32Array): number {
    packPanels(factors, { start: 0, step: depth, stride: 1 }, items, depth, ITEMS, 1, space.floats("items"));
    const lengths = space.floats("lengths");
    for (let item = 0; item < items; item++) {
      const panel = Math.floor(item / ITEMS);
      lengths[panel] = Math.max(lengths[panel]!, lengthOf(factors, item * depth, depth));
    }
    return lengths.reduce((most, length) => Math.max(most, length)) * scale;
  }

  /** Packs `count` users. Returns the length of the longest, as scaled. */
  function packUsers(block: Float32Array, from: number, count: number): number {
    let most = 0;
    for (let user = 0; user < count; user++) {
      const length = lengthOf(block, (from + user) * depth, depth);
      bounds[user] = checked(length * longest, length * scale);
      most = Math.max(most, length * scale);
    }
    packPanels(block, { start: from * depth, step: depth, stride: 1 }, count, depth, USERS, scale, packed);
    return most;
  }

  /** Holds the binary scores of `count` users. */
  function holdRows(block: Float32Array, from: number, count: number): void {
    if (scores.kind === "factors") {
      packUsers(block, from, count);
      run.scoreRows(at.users, panelsOf(count, USERS), at.items, panels, depth, at.rows, stride * 4);
      return;
    }
    for (let user = 0; user < count; user++) {
      const start = (from + user) * items;
      rows.set(block.subarray(start, start + items), user * stride);
      bounds[user] = checked(run.scaleRow(at.rows + user * stride * 4, items, scale));
    }
  }

  function addColumns(block: Float32Array): void {
    const users = block.length / width;
    const step = scores.kind === "factors" ? TILE : ROWS;
    for (let from = 0; from < users; from += step) {
      const count = Math.min(step, users - from);
      if (scores.kind === "factors") {
        const most = packUsers(block, from, count);
        run.addColumns(
          at.users,
          count,
          most,
          at.items,
          at.lengths,
          panels,
          depth,
          at.tile,
          at.exponents,
          at.sums,
        );
      } else {
        holdRows(block, from, count);
        run.addScores(at.rows, count, stride * 4, panels, at.exponents, at.sums);
      }
    }
  }

  function takeColumns(): ColumnSums {
    const taken = {
      exponents: Float64Array.from(exponents.subarray(0, items), (exponent, item) =>
        sums[item] === 0 ? 0 : exponent,
      ),
      sums: sums.slice(0, items),
    };
    exponents.fill(EMPTY);
    sums.fill(0);
    return taken;
  }

  /** Whether one side of a row has so much mass that what underflows is nothing beside it. */
  function hasMass(share: number | undefined): boolean {
    if (share) return Math.log2(share) > NARROW.mass;
    return side.heaviest > NARROW.mass && side.lightest > NARROW.lightest;
  }

  /**
   * Turns the row held at `place` into the plan over 2 to the exponent that it returns. The row's total and cost
   * (both over that power, the cost binary) are then in doubles[0] and [1].
   */
  function planRow(place: number, share: number | undefined, limits: Limits, user: number): number {
    const row = at.rows + place * stride * 4;
    const narrow = bounds[place]! <= NARROW.score && side.heaviest < NARROW.heaviest && hasMass(share);
    if (narrow) run.powerRow(row, items, at.result);
    else run.sumWideRow(row, items, at.result);
    limits.low[user] = floats[2]! * Math.LN2;
    limits.high[user] = floats[3]! * Math.LN2;
    const sum = doubles[0]!;
    if (narrow) {
      const weight = share ? share / sum : 0;
      run.planRow(
        row,
        items,
        at.weights,
        at.logs,
        weight,
        weight > 0 ? Math.log2(weight) : NOTHING,
        at.result,
      );
      return 0;
    }
    const offset = share ? Math.log2(share) - Math.log2(sum) : NOTHING;
    run.planWideRow(row, items, at.itemExponents, at.itemOffsets, share ? floats[4]! : 0, offset, at.result);
    const exponent = floats[4]!;
    if (exponent > NOTHING / 2) return exponent;
    rows.fill(0, place * stride, place * stride + items);
    doubles[0] = 0;
    doubles[1] = 0;
    return 0;
  }

  function planRows(block: Float32Array, shares: Float64Array | undefined, plan: Float32Array): Float64Array {
    const users = block.length / width;
    const shifts = new Float64Array(users);
    const limits = { low: new Float32Array(users), high: new Float32Array(users) };
    for (let from = 0; from < users; from += ROWS) {
      const count = Math.min(ROWS, users - from);
      holdRows(block, from, count);
      for (let place = 0; place < count; place++) {
        const user = from + place;
        shifts[user] = planRow(place, shares?.[user], limits, user);
        plan.set(rows.subarray(place * stride, place * stride + items), user * items);
      }
    }
    return shifts;
  }

  function matchRows(block: UserBlock, out: RowMatches): void {
    const users = block.offsets.length - 1;
    for (let from = 0; from < users; from += ROWS) {
      const count = Math.min(ROWS, users - from);
      holdRows(block.rows, from, count);
      for (let place = 0; place < count; place++) matchRow(place, from + place, block, out);
    }
  }

  function matchRow(place: number, user: number, block: UserBlock, out: RowMatches): void {
    const power = 2 ** planRow(place, block.shares?.[user], out, user);
    const row = at.rows + place * stride * 4;
    const total = doubles[0]!;
    out.mass[user] = total * power;
    out.cost[user] = (doubles[1]! * Math.LN2 - total) * power;
    const first = block.offsets[user]! - block.offsets[0]!;
    const entries = block.offsets[user + 1]! - block.offsets[user]!;
    out.kappa[user] = 0;
    out.threshold[user] = 0;
    if (entries === 0) return;
    indices.set(block.indices.subarray(first, first + entries));
    if (indices[entries - 1]! >= items) throw new RangeError(`There is no item ${indices[entries - 1]}.`);
    const inverse = total > 0 ? 1 / total : 0;
    run.gather(row, at.indices, entries, at.observed);
    for (let entry = 0; entry < entries; entry++) out.match[first + entry] = observed[entry]! * inverse;
    run.split(row, items, total, at.list, at.scratch, at.result);
    const [kappa, listed, , cut] = integers;
    out.kappa[user] = kappa!;
    out.threshold[user] = floats[2]! * inverse;
    run.rank(at.observed, entries, cut!, at.list, listed!, row, items, at.ranks, at.scratch);
    out.rank.set(ranks.subarray(0, entries), first);
    if (block.kept === undefined) return;
    out.kappa[user] = Math.min(block.kept, items);
    out.threshold[user] = run.nthLargest(row, items, out.kappa[user]!, at.list, at.scratch) * inverse;
  }

  return { addColumns, takeColumns, setItemSide: side.set, planRows, matchRows };
}

interface Limits {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/**
 * A bound of binary scores, if it and the scaled factors behind it stay within float32.
 * @throws RangeError otherwise
 */
function checked(bound: number, factors = 0): number {
  if (bound <= LARGEST && factors <= LARGEST) return bound;
  throw new RangeError(
    "A score over gamma is not a finite number or beyond 1e33: check the factors, or take a larger gamma.",
  );
}

/** Rows a multiple of 4 KiB apart would share cache lines. */
function rowStride(columns: number): number {
  return columns % 1024 < 16 ? columns + 16 : columns;
}
