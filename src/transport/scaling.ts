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
  const userWeights = new Float64Array(users);
  let iterations = 0;
  let converged = false;

  for (const [stage, gamma] of gammas.entries()) {
    if (stage > 0) for (let item = 0; item < items; item++) offsets[item]! *= gammas[stage - 1]! / gamma;
    const last = stage === gammas.length - 1;
    const tolerance = last ? options.tolerance : options.looseTolerance;
    const pace = overrelaxation(hold === 1);
    start(gamma);
    converged = false;
    for (let sweep = 0; sweep < most; sweep++) {
      const userError = await weighUsers(pace.factor);
      const columns = kernel.takeColumns();
      const error = userError + itemError(columns);
      iterations++;
      onProgress?.({ stage: "sinkhorn", done: iterations, total: most * gammas.length });
      converged = error <= tolerance;
      if (converged || (last && sweep === most - 1)) break;
      pace.observe(error);
      if (!weighItems(columns, pace.factor)) {
        absorb(gamma, columns);
        start(gamma);
        pace.restart();
      }
    }
    if (!last) absorb(gamma);
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
    userWeights.fill(0);
    for (let item = 0; item < items; item++) itemWeights[item] = p[item]! > 0 ? 1 : 0;
  }

  /** Weighs all users anew, and says how far they are from where they should be. */
  async function weighUsers(factor: number): Promise<number> {
    let error = 0;
    for (let from = 0; from < users; from += step) {
      await breathe(signal);
      kernel.pass(from, Math.min(from + step, users), itemWeights, (user, sum) => {
        const share = q[user]!;
        if (share === 0) return 0;
        const goal =
          hold === 1
            ? share / sum
            : 2 ** (Math.log2(share) - hold * Math.log2(sum) + (1 - hold) * kernel.peaks[user]!);
        const before = userWeights[user]!;
        const weight = before === 0 ? goal : beyond(before, goal, factor);
        userWeights[user] = weight;
        error += Math.abs(weight - goal) * sum;
        return weight;
      });
    }
    return error;
  }

  function goalOf(item: number, sum: number): number {
    const share = p[item]!;
    if (hold === 1) return share / sum;
    return 2 ** (Math.log2(share) - hold * Math.log2(sum) - (1 - hold) * offsets[item]!);
  }

  function itemError(columns: Float64Array): number {
    let error = 0;
    for (let item = 0; item < items; item++) {
      const sum = columns[item]!;
      if (p[item] === 0) continue;
      error += sum > 0 ? Math.abs(itemWeights[item]! - goalOf(item, sum)) * sum : p[item]!;
    }
    return error;
  }

  /** Weighs the items; false where a weight has left its range. */
  function weighItems(columns: Float64Array, factor: number): boolean {
    let fine = true;
    for (let item = 0; item < items; item++) {
      if (p[item] === 0) continue;
      const goal = goalOf(item, columns[item]!);
      const weight = beyond(itemWeights[item]!, goal, factor);
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

/** before^(1 - factor) goal^factor, to first order where they are close. */
function beyond(before: number, goal: number, factor: number): number {
  if (factor === 1) return goal;
  const ratio = goal / before;
  if (ratio > 0.9 && ratio < 1.1) return goal * (1 + (factor - 1) * (ratio - 1));
  return goal * ratio ** (factor - 1);
}

/** Sweeps over which a rate of convergence is measured. */
const WINDOW = 4;

/**
 * How far beyond its goal each weight is set (Lehmann, von Renesse, Sambale & Uschmajew 2022): from the observed rate
 * comes that of plain sweeps, and from that the best factor, as in successive over-relaxation (Young 1954).
 */
function overrelaxation(allowed: boolean) {
  let factor = 1;
  let errors: number[] = [];
  return {
    get factor() {
      return factor;
    },
    restart() {
      errors = [];
      factor = 1;
    },
    observe(error: number) {
      errors.push(error);
      if (!allowed || errors.length <= WINDOW) return;
      const rate = (error / errors[errors.length - 1 - WINDOW]!) ** (1 / WINDOW);
      if (rate >= 1) {
        factor = 1;
        errors = [];
      } else if (rate > factor - 1 + 0.05) {
        const plain = Math.min(0.9999, (rate + factor - 1) ** 2 / (rate * factor * factor));
        factor = 2 / (1 + Math.sqrt(1 - plain));
        errors = [];
      }
    },
  };
}
