import type { Engine, SinkhornKernel } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import { breathe, type RunOptions } from "../progress.ts";
import { costReader, shapeOf, type TransportCost } from "./costs.ts";
import type { Marginals } from "./marginals.ts";

export interface ScalingOptions extends RunOptions {
  /** Temperatures to pass through, the last one the one that counts. */
  readonly gammas: readonly number[];
  /** L1 distance of the plan from a fixed point: from the marginals, where they are held. */
  readonly tolerance: number;
  /** The same for all temperatures but the last. */
  readonly looseTolerance: number;
  /** Most sweeps at a temperature. */
  readonly most: number;
  /** How hard marginals are held, rho / (rho + gamma) for a penalty of rho times the divergence; 1 holds them. */
  readonly hold?: number;
  readonly engine?: Engine | "auto" | undefined;
}

/** plan_ij = K_ij u_i v_j; the items add up to their marginals exactly where they are held. */
export interface Scaling {
  readonly kernel: SinkhornKernel;
  readonly users: Float64Array;
  readonly items: Float64Array;
  /** Dual values, in units of cost; minus infinity without mass. */
  readonly potentials: Marginals;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Pairs that are passed between two breaths. */
const NUMBERS = 2 ** 23;
/** Weights beyond 2 to this are taken into the kernel: what it has lost below 2^-126 is nothing until then. */
const LIMIT = 2 ** 50;

/**
 * Sinkhorn's iterations (Sinkhorn 1967; Cuturi 2013) on a kernel that takes in weights as they grow (Schmitzer 2019):
 * no temperature over- or underflows. A sweep passes every pair once. The first half-step is the relaxed solution of
 * the users' side (Eq. 6), items weighed by their share.
 */
export async function scaling(
  cost: TransportCost,
  marginals: Marginals,
  options: ScalingOptions,
): Promise<Scaling> {
  const { gammas, most, hold = 1, signal, onProgress } = options;
  const { users: q, items: p } = marginals;
  const { users, items } = shapeOf(cost);
  const kernel = loadKernels(options.engine).sinkhorn(cost);
  const step = Math.max(16, 16 * Math.floor(NUMBERS / items / 16));
  const offsets = p.map(Math.log2);
  const itemWeights = new Float64Array(items);
  let userWeights = new Float64Array(users);
  let fresh = new Float64Array(users);
  let iterations = 0;
  let converged = false;

  for (const [stage, gamma] of gammas.entries()) {
    if (stage > 0) for (let item = 0; item < items; item++) offsets[item]! *= gammas[stage - 1]! / gamma;
    const last = stage === gammas.length - 1;
    const tolerance = last ? options.tolerance : options.looseTolerance;
    let settled = false; // whether the weights of users are those of this kernel
    start(gamma);
    converged = false;
    for (let sweep = 0; sweep < most && !converged; sweep++) {
      const error = await pass();
      const columns = kernel.takeColumns();
      iterations++;
      onProgress?.({ stage: "sinkhorn", done: iterations, total: most * gammas.length });
      if (settled && error <= tolerance) {
        converged = true;
        break;
      }
      [userWeights, fresh] = [fresh, userWeights];
      settled = weighItems(columns);
      if (!settled) {
        absorb(gamma, columns);
        start(gamma);
      }
    }
    if (!last || !converged) absorb(gamma);
    if (last && !converged) {
      start(gamma);
      await pass();
      [userWeights, fresh] = [fresh, userWeights];
      kernel.takeColumns();
    }
  }
  const unit = gammas.at(-1)! * Math.LN2;
  return {
    kernel,
    users: userWeights,
    items: itemWeights,
    potentials: {
      users: userWeights.map((weight, user) => unit * (Math.log2(weight) - kernel.peaks[user]!)),
      items: itemWeights.map((weight, item) => unit * (Math.log2(weight) + offsets[item]!)),
    },
    iterations,
    converged,
  };

  function start(gamma: number): void {
    kernel.set(gamma, offsets);
    for (let item = 0; item < items; item++) itemWeights[item] = p[item]! > 0 ? 1 : 0;
  }

  /** Weighs all users anew, and says how far the plan of the weights before is from that. */
  async function pass(): Promise<number> {
    let error = 0;
    for (let from = 0; from < users; from += step) {
      await breathe(signal);
      kernel.pass(from, Math.min(from + step, users), itemWeights, (user, sum) => {
        const weight = weighUser(user, sum);
        fresh[user] = weight;
        error += Math.abs(userWeights[user]! - weight) * sum;
        return weight;
      });
    }
    return error;
  }

  function weighUser(user: number, sum: number): number {
    const share = q[user]!;
    if (hold === 1 || share === 0) return share === 0 ? 0 : share / sum;
    return 2 ** (Math.log2(share) - hold * Math.log2(sum) + (1 - hold) * kernel.peaks[user]!);
  }

  /** Weighs the items; false where a weight has left its range. */
  function weighItems(columns: Float64Array): boolean {
    let fine = true;
    for (let item = 0; item < items; item++) {
      const share = p[item]!;
      if (share === 0) continue;
      const sum = columns[item]!;
      const weight =
        hold === 1
          ? share / sum
          : 2 ** (Math.log2(share) - hold * Math.log2(sum) - (1 - hold) * offsets[item]!);
      itemWeights[item] = weight;
      fine &&= weight < LIMIT && weight > 1 / LIMIT;
    }
    return fine;
  }

  /** Takes the items' weights into the kernel; those of columns that were lost below float32 are found in float64. */
  function absorb(gamma: number, columns?: Float64Array): void {
    const lost: number[] = [];
    for (let item = 0; item < items; item++) {
      if (p[item] === 0) continue;
      if (columns !== undefined && !(columns[item]! > 1e-30)) lost.push(item);
      else offsets[item]! += Math.log2(itemWeights[item]!);
    }
    if (lost.length === 0) return;
    const most = new Float64Array(items).fill(-Infinity);
    const sums = new Float64Array(items);
    const read = costReader(cost);
    for (let user = 0; user < users; user++) {
      if (!(q[user]! > 0)) continue;
      const costs = read(user, user + 1);
      const height = Math.log2(userWeights[user]!) - kernel.peaks[user]!;
      for (const item of lost) {
        const exponent = height - costs[item]! / (gamma * Math.LN2);
        if (exponent > most[item]!) {
          sums[item] = sums[item]! * 2 ** (most[item]! - exponent) + 1;
          most[item] = exponent;
        } else {
          sums[item]! += 2 ** (exponent - most[item]!);
        }
      }
    }
    for (const item of lost) {
      offsets[item] = Math.log2(p[item]!) - hold * (most[item]! + Math.log2(sums[item]!));
    }
  }
}

/** Temperatures from where costs of this range are smooth down to gamma, each a `factor` of the one before. */
export function annealing(range: number, gamma: number, factor = 0.25): number[] {
  const gammas = [gamma];
  for (let warmer = gamma / factor; warmer < range / 25; warmer /= factor) gammas.unshift(warmer);
  return gammas;
}
