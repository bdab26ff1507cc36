import type { CostMatrix } from "../scores.ts";
import type { Pricing } from "./kernels.ts";
import { openWorkspace } from "./workspace.ts";

/** The most items that are listed for a user. */
const MOST = 64;

export function wasmPricing(
  module: WebAssembly.Module,
  { cost, rows: users, columns: items }: CostMatrix,
  potentials: Float64Array,
): Pricing {
  const columns = Math.ceil(items / 8) * 8;
  const stride = columns % 1024 < 16 ? columns + 16 : columns;
  const space = openWorkspace(module, {
    reduced: users * stride * 4,
    heights: (users + stride + 1) * 4 + 32,
    costs: columns * cost.BYTES_PER_ELEMENT,
    potentials: columns * 8,
    values: MOST * 4,
    places: Math.max(MOST, columns) * 4,
    least: columns * 4,
    owners: columns * 4,
  });
  const { run, at } = space;
  const wide = cost instanceof Float64Array;
  const costs = wide ? space.doubles("costs") : space.floats("costs");
  space.doubles("potentials").fill(-Infinity).set(potentials.subarray(users));
  space.floats("least").fill(Infinity);
  const rowAt = (user: number) => at.reduced + user * stride * 4;
  for (let user = 0; user < users; user++) {
    costs.set(cost.subarray(user * items, (user + 1) * items));
    run.reduceRow(at.costs, wide, columns, potentials[user]!, at.potentials, rowAt(user));
    run.lowerColumns(rowAt(user), columns, user, at.least, at.owners);
  }
  const places = space.integers("places");
  return {
    heights: space.floats("heights").subarray(0, users + items + 1),
    leastBelow: (user, bar) => run.leastBelow(rowAt(user), columns, at.heights + users * 4, bar),
    allBelow(user, bar) {
      const count = run.allBelow(rowAt(user), columns, at.heights + users * 4, bar, at.places);
      return places.subarray(0, count);
    },
    nearest(user, most) {
      const count = run.nearest(rowAt(user), columns, Math.min(most, MOST), at.values, at.places);
      return places.subarray(0, count);
    },
    nearestUsers: () => space.integers("owners").subarray(0, items),
  };
}

/** The same in plain TypeScript. */
export function referencePricing(
  { cost, rows: users, columns: items }: CostMatrix,
  potentials: Float64Array,
): Pricing {
  const reduced = Float32Array.from(
    cost,
    (value, pair) => value - potentials[Math.floor(pair / items)]! - potentials[users + (pair % items)]!,
  );
  const heights = new Float32Array(users + items + 1);
  return {
    heights,
    allBelow(user, bar) {
      const limit = Math.fround(bar);
      const value = (item: number) => Math.fround(reduced[user * items + item]! - heights[users + item]!);
      return Uint32Array.from({ length: items }, (_, item) => item).filter((item) => value(item) < limit);
    },
    leastBelow(user, bar) {
      let least = Math.fround(bar);
      let best = -1;
      for (let item = 0; item < items; item++) {
        const value = Math.fround(reduced[user * items + item]! - heights[users + item]!);
        if (value < least) {
          least = value;
          best = item;
        }
      }
      return best;
    },
    nearest(user, most) {
      const row = reduced.subarray(user * items, (user + 1) * items);
      const order = Uint32Array.from(row, (_, item) => item).sort((a, b) => row[a]! - row[b]! || a - b);
      return order.slice(0, most);
    },
    nearestUsers() {
      return Uint32Array.from({ length: items }, (_, item) => {
        let best = 0;
        for (let user = 1; user < users; user++) {
          if (reduced[user * items + item]! < reduced[best * items + item]!) best = user;
        }
        return best;
      });
    },
  };
}
