import type { Architecture } from "./architecture.ts";

/** embedding = relu(items' inputs W + user's own row + bias), a sigmoid for each item. */
export function denoisingAutoencoder(factors: number): Architecture {
  return {
    activation: "sigmoid",
    width: factors,
    depth: factors,
    userInputs: true,
    normalized: false,
    layers: [],
    forward(_, sums) {
      const embedding = sums.map((sum) => Math.max(sum, 0));
      return {
        embedding,
        backward: (gradient) => ({
          sums: gradient.map((slope, at) => (sums[at]! > 0 ? slope : 0)),
          layers: [],
        }),
      };
    },
  };
}
