import type { Scores } from "../scores.ts";
import { createItemSide, NOTHING } from "./item-side.ts";
import type { RowMatches, TransportKernel, UserBlock } from "./kernels.ts";
import { createScoring, ROWS, scoringSections } from "./scoring.ts";
import { MOST_ITEMS, splitSections } from "./split-kernel.ts";
import { openWorkspace } from "./workspace.ts";

/** A row is narrow if its powers, the weights and their products stay within float32: binary logarithms. */
const NARROW = { score: 64, heaviest: 60, lightest: -126, mass: -40 };

/** The transport step in WebAssembly. */
export function wasmTransport(module: WebAssembly.Module, scores: Scores, gamma: number): TransportKernel {
  checkShape(scores, gamma);
  const { items } = scores;
  const rank = scores.kind === "factors" ? scores.rank : 0;
  const space = openWorkspace(module, {
    ...scoringSections({ items, rank }),
    weights: items * 4 + 16,
    logs: items * 4 + 16,
    itemExponents: items * 4 + 16,
    itemOffsets: items * 4 + 16,
    indices: items * 4,
    observed: items * 4,
    ranks: items * 4,
    ...splitSections(items),
  });
  const { run, at } = space;
  const scoring = createScoring(space, scores, gamma);
  const side = createItemSide(items, {
    weights: space.floats("weights"),
    logs: space.floats("logs"),
    exponents: space.floats("itemExponents"),
    offsets: space.floats("itemOffsets"),
  });
  const { stride, bounds } = scoring;
  const rows = space.floats("rows");
  const indices = space.integers("indices");
  const observed = space.floats("observed");
  const ranks = space.integers("ranks");
  const floats = space.floats("result");
  const doubles = space.doubles("result");
  const integers = space.integers("result");

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
    const sum = doubles[0]!;
    limits.low[user] = floats[2]! * Math.LN2;
    limits.high[user] = floats[3]! * Math.LN2;
    if (narrow) {
      const weight = share ? share / sum : 0;
      const log = share ? Math.log2(weight) : NOTHING;
      run.planRow(row, items, at.weights, at.logs, weight, log, at.result);
      return 0;
    }
    const peak = share ? floats[4]! : 0;
    const offset = share ? Math.log2(share) - Math.log2(sum) : NOTHING;
    run.planWideRow(row, items, at.itemExponents, at.itemOffsets, peak, offset, at.result);
    const exponent = floats[4]!;
    if (exponent > NOTHING / 2) return exponent;
    rows.fill(0, place * stride, place * stride + items);
    doubles.fill(0, 0, 2);
    return 0;
  }

  function matchRow(place: number, user: number, block: UserBlock, out: RowMatches): void {
    const row = at.rows + place * stride * 4;
    const power = 2 ** planRow(place, block.shares?.[user], out, user);
    const total = doubles[0]!;
    out.mass[user] = total * power;
    out.cost[user] = (doubles[1]! * Math.LN2 - total) * power;
    out.kappa[user] = 0;
    out.threshold[user] = 0;
    const first = block.offsets[user]! - block.offsets[0]!;
    const entries = block.offsets[user + 1]! - block.offsets[user]!;
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

  /** Calls `work` for each user while its scores are held at `place`. */
  function eachRow(block: Float32Array, work: (place: number, user: number) => void): void {
    const users = scoring.usersIn(block);
    for (let from = 0; from < users; from += ROWS) {
      const count = Math.min(ROWS, users - from);
      scoring.hold(block, from, count);
      for (let place = 0; place < count; place++) work(place, from + place);
    }
  }

  return {
    addColumns: scoring.addColumns,
    takeColumns: scoring.takeColumns,
    setItemSide: side.set,
    planRows(block, shares, plan) {
      const users = scoring.usersIn(block);
      const limits = { low: new Float32Array(users), high: new Float32Array(users) };
      const shifts = new Float64Array(users);
      eachRow(block, (place, user) => {
        shifts[user] = planRow(place, shares?.[user], limits, user);
        plan.set(rows.subarray(place * stride, place * stride + items), user * items);
      });
      return shifts;
    },
    matchRows(block, out) {
      if (scoring.usersIn(block.rows) !== block.offsets.length - 1) {
        throw new RangeError(`${block.offsets.length} offsets for ${scoring.usersIn(block.rows)} users.`);
      }
      if (block.kept !== undefined && !(block.kept >= 1))
        throw new RangeError(`${block.kept} items to keep.`);
      eachRow(block.rows, (place, user) => matchRow(place, user, block, out));
    },
  };
}

interface Limits {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** @throws RangeError for scores that no kernel can be made for. */
function checkShape(scores: Scores, gamma: number): void {
  const { items } = scores;
  if (!(items >= 1 && items <= MOST_ITEMS)) {
    throw new RangeError(`${items} items: 1 to ${MOST_ITEMS} can be matched.`);
  }
  if (!(gamma > 0)) throw new RangeError(`gamma is ${gamma}: it must be greater than 0.`);
  if (scores.kind === "rows") return;
  const { rank, itemFactors } = scores;
  if (!(rank >= 1) || itemFactors.length !== items * rank) {
    throw new RangeError(`${itemFactors.length} factors are not ${items} items of ${rank}.`);
  }
}
