import type { Denoised } from "../denoise/denoised.ts";
import { randomFor, shuffle } from "../random.ts";

/** New weights for the interactions that were denoised, from what the denoising gave. */
export type Reweighting = (denoised: Denoised, seed: number) => Float32Array;

export interface Control {
  readonly definition: string;
  /**
   * "placebo": weights that can't tell noise from signal; a gain has to be larger than theirs.
   * "isolated": the denoising's weights without a side effect; a gain has to be there too.
   */
  readonly kind: "placebo" | "isolated";
  readonly weights: Reweighting;
}

/** What could make a gain without telling noise from signal. A gain that does not stand up to all of them is not denoising. */
export const CONTROLS: Readonly<Record<string, Control>> = {
  shuffled: {
    kind: "placebo",
    definition: "each user's weights, dealt out at random among the user's own interactions",
    weights: ({ input, weights }, seed) => {
      const random = randomFor(seed, "shuffled-control");
      const dealt = weights.slice();
      const { offsets } = input.matrix;
      for (let user = 0; user < input.users.size; user++) {
        shuffle(dealt.subarray(offsets[user], offsets[user + 1]), random);
      }
      return dealt;
    },
  },
  uniform: {
    kind: "placebo",
    definition: "the mean weight for every interaction, which only shifts the regularization",
    weights: ({ weights }) => new Float32Array(weights.length).fill(mean(weights)),
  },
  "mean-1": {
    kind: "isolated",
    definition: "the weights scaled to mean 1, which undoes that shift",
    weights: ({ weights }) => scaled(weights, 1 / mean(weights)),
  },
  "user-mean-1": {
    kind: "isolated",
    definition: "each user's weights scaled to mean 1, which leaves denoising without re-weighting of users",
    weights: ({ input, weights }) => {
      const { offsets } = input.matrix;
      const balanced = weights.slice();
      for (let user = 0; user < input.users.size; user++) {
        const own = balanced.subarray(offsets[user], offsets[user + 1]);
        own.set(scaled(own, 1 / mean(own)));
      }
      return balanced;
    },
  },
  "user-balance": {
    kind: "placebo",
    definition:
      "n_u^-.35 for each interaction of a user with n_u, at mean 1: re-weighting of users without denoising",
    weights: ({ input }) => {
      const { offsets } = input.matrix;
      const balance = new Float32Array(input.size);
      for (let user = 0; user < input.users.size; user++) {
        const count = offsets[user + 1]! - offsets[user]!;
        balance.fill(count ** -0.35, offsets[user], offsets[user + 1]);
      }
      return scaled(balance, 1 / mean(balance));
    },
  },
};

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function scaled(values: Float32Array, factor: number): Float32Array {
  return values.map((value) => value * factor);
}
