import { findEntry } from "../linalg/sparse.ts";
import type { Plan } from "../transport/plan.ts";
import type { Decisions } from "./decisions.ts";
import type { Explored } from "./explored.ts";
import type { PictureCell } from "./messages.ts";
import { sharesOf } from "./plan-rows.ts";
import type { Browser } from "./rows.ts";

/** Part of the matrix, users and items by their places: the most active and the most popular first. */
export interface Window {
  readonly users: readonly [from: number, to: number];
  readonly items: readonly [from: number, to: number];
}

export interface Picture {
  /**
   * The interactions in columns x rows bins, row-major: how many (uint32), of them flagged (uint32), and the sum of their
   * new weights (float32), one array after the other.
   */
  bins(window: Window, columns: number, rows: number): ArrayBuffer;
  /** 1 for each pair, row-major, that is no interaction but lies above its user's threshold: what the user prefers by the plan. */
  preferred(window: Window, plan: Plan): Uint8Array<ArrayBuffer>;
  cell(userPlace: number, itemPlace: number): PictureCell;
}

export function pictureOf(explored: Explored, browser: Browser, decisions: Decisions): Picture {
  const { input, noise, weights, matching, titles } = explored;
  const { offsets, indices } = input.matrix;
  const userAtPlace = byCount(input.userCounts());
  const itemAtPlace = byCount(input.itemCounts());
  const itemPlace = new Uint32Array(itemAtPlace.length);
  for (const [place, item] of itemAtPlace.entries()) itemPlace[item] = place;
  return {
    bins({ users, items }, columns, rows) {
      const bytes = new ArrayBuffer(12 * columns * rows);
      const counts = new Uint32Array(bytes, 0, columns * rows);
      const flagged = new Uint32Array(bytes, 4 * columns * rows, columns * rows);
      const sums = new Float32Array(bytes, 8 * columns * rows, columns * rows);
      const across = columns / (items[1] - items[0]);
      const down = rows / (users[1] - users[0]);
      for (let place = users[0]; place < users[1]; place++) {
        const user = userAtPlace[place]!;
        const first = Math.floor((place - users[0]) * down) * columns;
        for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
          const column = itemPlace[indices[entry]!]! - items[0];
          if (column < 0 || column >= items[1] - items[0]) continue;
          const bin = first + Math.floor(column * across);
          const decision = decisions.made.size > 0 ? decisions.made.get(entry) : undefined;
          counts[bin]!++;
          flagged[bin]! += decision === undefined ? noise[entry]! : Number(decision === "remove");
          sums[bin]! += decision === undefined ? weights[entry]! : Number(decision === "keep");
        }
      }
      return bytes;
    },
    preferred({ users, items }, plan) {
      const width = items[1] - items[0];
      const marks = new Uint8Array(width * (users[1] - users[0]));
      for (let place = users[0]; place < users[1]; place++) {
        const user = userAtPlace[place]!;
        const shares = sharesOf(plan, user);
        const threshold = matching.threshold[user]!;
        for (let column = 0; column < width; column++) {
          const item = itemAtPlace[items[0] + column]!;
          const above = threshold > 0 && shares[item]! >= threshold;
          if (above && findEntry(input.matrix, user, item) < 0)
            marks[(place - users[0]) * width + column] = 1;
        }
      }
      return marks;
    },
    cell(userPlace, itemPlace) {
      const user = userAtPlace[userPlace]!;
      const item = itemAtPlace[itemPlace]!;
      const entry = findEntry(input.matrix, user, item);
      return {
        ...{ user, item },
        userId: input.users.at(user),
        itemId: input.items.at(item),
        title: titles(item),
        row: entry < 0 ? null : browser.row(entry),
      };
    },
  };
}

/** Positions, the largest count first. */
function byCount(counts: Uint32Array): Uint32Array {
  return Uint32Array.from(counts.keys()).sort(
    (left, right) => counts[right]! - counts[left]! || left - right,
  );
}
