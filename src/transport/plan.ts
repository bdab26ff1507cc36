import { ProRecError } from "../errors.ts";
import type { Shape } from "./costs.ts";

/** The pairs that get mass, by user and then item. */
export interface PlanEntries {
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  readonly mass: Float64Array;
}

/** How much mass goes from each user to each item; by rows, at given pairs, or whole where it fits. */
export class Plan implements Shape {
  readonly users: number;
  readonly items: number;
  /** The pairs with mass, of a solver whose plan has few. */
  readonly entries: PlanEntries | undefined;
  /** Writes one user's row. */
  readonly fill: (user: number, row: Float64Array) => void;

  constructor(
    { users, items }: Shape,
    fill: (user: number, row: Float64Array) => void,
    entries?: PlanEntries,
  ) {
    this.users = users;
    this.items = items;
    this.entries = entries;
    this.fill = fill;
  }

  /** Rows start..end-1, row-major. */
  rows(start: number, end: number): Float64Array {
    if (!(start >= 0 && start <= end && end <= this.users)) {
      throw new RangeError(`There are no rows ${start} to ${end} among ${this.users}.`);
    }
    const rows = new Float64Array((end - start) * this.items);
    for (let user = start; user < end; user++) {
      this.fill(user, rows.subarray((user - start) * this.items, (user - start + 1) * this.items));
    }
    return rows;
  }

  /** The mass of pairs (users[k], items[k]); cheapest with the users in order. */
  at(users: ArrayLike<number>, items: ArrayLike<number>): Float64Array {
    const row = new Float64Array(this.items);
    let held = -1;
    return Float64Array.from({ length: users.length }, (_, pair) => {
      const user = users[pair]!;
      const item = items[pair]!;
      if (!(user < this.users && item < this.items)) {
        throw new RangeError(`There is no pair (${user}, ${item}) among ${this.users} x ${this.items}.`);
      }
      if (user !== held) this.fill(user, row);
      held = user;
      return row[item]!;
    });
  }

  /** The whole plan, row-major. @throws ProRecError TOO_LARGE where no array holds it */
  dense(): Float64Array {
    const numbers = this.users * this.items;
    try {
      return this.rows(0, this.users);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new ProRecError(
        "TOO_LARGE",
        `The plan has ${numbers} numbers, ${Math.ceil((numbers * 8) / 1e6)} MB.`,
        {
          hint: "Take it by rows, or at the pairs you need.",
          cause,
        },
      );
    }
  }
}

/** A plan of few pairs. */
export function sparsePlan(shape: Shape, entries: PlanEntries): Plan {
  const offsets = new Uint32Array(shape.users + 1);
  for (const user of entries.users) offsets[user + 1]!++;
  for (let user = 0; user < shape.users; user++) offsets[user + 1]! += offsets[user]!;
  const fill = (user: number, row: Float64Array) => {
    row.fill(0);
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) row[entries.items[at]!] = entries.mass[at]!;
  };
  return new Plan(shape, fill, entries);
}
