import type { AdamStep } from "./kernels.ts";

/** Decay of the averages of gradients and of squared ones, and what keeps from dividing by 0 (Kingma & Ba's own). */
export const FIRST_DECAY = 0.9;
export const SECOND_DECAY = 0.999;
const EPSILON = 1e-8;

/** The step's rate and epsilon once the averages' bias toward 0 is corrected. */
export function corrected({ step, learningRate }: AdamStep): { rate: number; epsilon: number } {
  const root = Math.sqrt(1 - SECOND_DECAY ** step);
  return { rate: (learningRate * root) / (1 - FIRST_DECAY ** step), epsilon: EPSILON * root };
}
