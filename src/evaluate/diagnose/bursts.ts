import type { Interactions } from "../../interactions/interactions.ts";

/** An item with many of its clicks within a short time. A heuristic: a release or a campaign looks the same. */
export interface Burst {
  readonly item: string;
  readonly clicks: number;
  /** Of them within the window. */
  readonly within: number;
  /** First and last time in the window, as the log counts time. */
  readonly from: number;
  readonly to: number;
}

/** The window, as a share of the log's clicks in time. */
const WINDOW = 0.01;
/** What share of an item's clicks, and how many of them, it takes. */
const SHARE = 0.5;
const LEAST = 10;
const MOST_LISTED = 20;

/**
 * Items with half or more of their clicks, and at least ten, within a stretch of time that holds 1% of the log's: the
 * clock counts clicks, so that busy hours of the whole log are none of an item's.
 * @param times of each interaction in row order; NaN where it has none
 */
export function burstItems(
  interactions: Interactions,
  times: Float64Array,
): { found: number; items: Burst[] } {
  const { matrix, items } = interactions;
  const dated = Uint32Array.from(times.keys()).filter((entry) => !Number.isNaN(times[entry]!));
  dated.sort((left, right) => times[left]! - times[right]!);
  const clock = new Float64Array(times.length);
  for (let rank = 0; rank < dated.length; rank++) {
    const entry = dated[rank]!;
    const before = dated[rank - 1];
    // Equal times share a tick, so that a coarse clock makes no order of its own.
    clock[entry] =
      before !== undefined && times[before] === times[entry] ? clock[before]! : rank / dated.length;
  }
  const byItem = new Map<number, number[]>();
  for (const entry of dated) {
    const item = matrix.indices[entry]!;
    const own = byItem.get(item);
    if (own === undefined) byItem.set(item, [entry]);
    else own.push(entry);
  }
  const bursts: Burst[] = [];
  for (const [item, entries] of byItem) {
    let first = 0;
    let best = { within: 0, from: 0, to: 0 };
    for (let last = 0; last < entries.length; last++) {
      while (clock[entries[last]!]! - clock[entries[first]!]! > WINDOW) first++;
      const within = last - first + 1;
      if (within > best.within) best = { within, from: times[entries[first]!]!, to: times[entries[last]!]! };
    }
    if (best.within >= LEAST && best.within >= SHARE * entries.length) {
      bursts.push({ item: items.at(item), clicks: entries.length, ...best });
    }
  }
  bursts.sort((left, right) => right.within - left.within);
  return { found: bursts.length, items: bursts.slice(0, MOST_LISTED) };
}
