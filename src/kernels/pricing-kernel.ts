import type { Pricing } from "./kernels.ts";
import { openWorkspace } from "./workspace.ts";

export function wasmPricing(module: WebAssembly.Module, users: number, items: number): Pricing {
  const columns = Math.ceil(items / 4) * 4;
  const stride = columns % 1024 < 16 ? columns + 16 : columns;
  const space = openWorkspace(module, { costs: users * stride * 4, heights: (users + stride + 1) * 8 + 16 });
  const { run, at } = space;
  const costs = space.floats("costs");
  const heights = space.doubles("heights");
  return {
    heights,
    setRow(user, row) {
      costs.set(row, user * stride);
      costs.fill(Infinity, user * stride + items, (user + 1) * stride);
    },
    leastBelow: (user, bar) =>
      run.leastBelow(at.costs + user * stride * 4, columns, at.heights + users * 8, bar),
  };
}

/** The same in plain TypeScript. */
export function referencePricing(users: number, items: number): Pricing {
  const costs = new Float32Array(users * items);
  const heights = new Float64Array(users + items + 1);
  return {
    heights,
    setRow(user, row) {
      costs.set(row, user * items);
    },
    leastBelow(user, bar) {
      let least = bar;
      let best = -1;
      for (let item = 0; item < items; item++) {
        const value = costs[user * items + item]! - heights[users + item]!;
        if (value < least) {
          least = value;
          best = item;
        }
      }
      return best;
    },
  };
}
