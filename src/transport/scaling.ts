import type { Engine, SinkhornKernel } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import { type Crew, openCrew, type Threads } from "../parallel/crew.ts";
import { inSharedMemory, sharedFloat64 } from "../parallel/shared.ts";
import type { RunOptions } from "../progress.ts";
import { type Acceleration, anderson } from "./anderson.ts";
import { eachBlock, shapeOf, shared, type TransportCost } from "./costs.ts";
import { add, distanceOf, farthest, type ItemSide, lostItems, stepsOf, weigh } from "./item-weights.ts";
import type { Marginals } from "./marginals.ts";
import { worthwhileThreads } from "./match.ts";
import { costTask, type SweepJob, sweepBlocks, sweepTask } from "./sweeps.ts";

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
  /** Steps that the acceleration looks back. Default 8. */
  readonly depth?: number;
  /** Whether the plan's cost is added up, a pass over all pairs; 0 otherwise. Default true. */
  readonly priced?: boolean;
  readonly engine?: Engine | "auto" | undefined;
  /** Threads that compute where the costs are factors and there is work for them; no effect on the result. Default 1. */
  readonly threads?: Threads | undefined;
}

/** plan_ij = K_ij u_i v_j; the users add up to their marginals exactly where they are held. */
export interface Scaling {
  /** K, for rows of the plan. */
  readonly kernel: SinkhornKernel;
  readonly users: Float64Array;
  readonly items: Float64Array;
  /** Dual values, in units of cost; minus infinity without mass. */
  readonly potentials: Marginals;
  readonly cost: number;
  readonly mass: number;
  readonly marginalError: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Binary logarithm of a weight that goes into the kernel: what that has lost below 2^-126 is nothing until then. */
const LIMIT = 50;

/**
 * Sinkhorn's iterations (Sinkhorn 1967; Cuturi 2013) on a kernel that takes in weights as they grow (Schmitzer 2019):
 * no temperature over- or underflows. A sweep passes every pair once; Anderson's acceleration says where the items'
 * potentials go. The first half-step is the relaxed solution of the users' side (Eq. 6), items weighed by their share.
 */
export async function scaling(
  cost: TransportCost,
  marginals: Marginals,
  options: ScalingOptions,
): Promise<Scaling> {
  const crew = openCrew(
    !("cost" in cost) && cost.kind === "factors" ? worthwhileThreads(cost, options.threads) : 0,
  );
  try {
    return await scale(crew, crew.threads > 0 ? shared(cost) : cost, marginals, options);
  } finally {
    await crew.close();
  }
}

let jobs = 0;

async function scale(
  crew: Crew,
  cost: TransportCost,
  { users: q, items: p }: Marginals,
  options: ScalingOptions,
): Promise<Scaling> {
  const { gammas, most, hold = 1, depth = 8, priced = true, signal, onProgress } = options;
  const { users, items } = shapeOf(cost);
  const blocks = sweepBlocks(cost);
  const { engine } = loadKernels(options.engine);
  const ownKernel = crew.threads > 0 ? undefined : loadKernels(engine).sinkhorn(cost);
  let job: SweepJob = {
    ...{ id: jobs++, version: 0, engine, kernel: ownKernel, cost, gamma: 0, hold },
    shares: inSharedMemory(q),
    offsets: sharedFloat64(items),
    itemWeights: sharedFloat64(items),
    userWeights: sharedFloat64(users),
    peaks: sharedFloat64(users),
  };
  const { offsets, itemWeights, userWeights, peaks } = job;
  const side: ItemSide = { shares: p, hold, offsets, weights: itemWeights };
  /** Binary logarithms of the items' weights; 0 without a share. */
  let logs: Float64Array = new Float64Array(items);
  for (let item = 0; item < items; item++) offsets[item] = Math.log2(p[item]!);
  let sums = { columns: new Float64Array(items), mass: 0, error: 0 };
  let iterations = 0;
  let converged = false;

  for (const [stage, gamma] of gammas.entries()) {
    if (stage > 0) {
      const warmer = gammas[stage - 1]! / gamma;
      for (let item = 0; item < items; item++) offsets[item] = (offsets[item]! + logs[item]!) * warmer;
      logs.fill(0);
    }
    const last = stage === gammas.length - 1;
    const tolerance = last ? options.tolerance : options.looseTolerance;
    const acceleration = guarded(anderson(p, depth));
    takeIn(gamma);
    converged = false;
    for (let sweep = 0; sweep < most; sweep++) {
      sums = await passed();
      const steps = stepsOf(side, sums.columns, logs);
      const lost = lostItems(side, sums.columns);
      if (lost.length > 0) await recover(lost, gamma, steps);
      const error = distanceOf(side, sums.columns, steps);
      iterations++;
      onProgress?.({ stage: "sinkhorn", done: iterations, total: most * gammas.length });
      converged = error <= tolerance;
      if (converged || (last && sweep === most - 1)) break;
      logs = acceleration.next(logs, steps, error);
      if (lost.length > 0 || farthest(logs) > LIMIT) {
        takeIn(gamma);
        acceleration.restart();
      } else {
        weigh(side, logs);
      }
    }
  }
  let total = 0;
  if (priced) {
    await crew.run(costTask, job, blocks, { signal, stage: "sinkhorn" }, (value) => {
      total += value;
    });
  }
  const unit = gammas.at(-1)! * Math.LN2;
  return {
    kernel: ownKernel ?? openKernel(),
    users: userWeights,
    items: itemWeights,
    potentials: {
      users: userWeights.map((weight, user) => unit * (Math.log2(weight) - peaks[user]!)),
      items: offsets.map((offset, item) => unit * (logs[item]! + offset)),
    },
    cost: total,
    mass: sums.mass,
    marginalError: sums.columns.reduce(
      (error, sum, item) => error + Math.abs(sum * itemWeights[item]! - p[item]!),
      sums.error,
    ),
    iterations,
    converged,
  };

  /** Puts the weights into the kernel; what float32 can't hold of them stays outside. */
  function takeIn(gamma: number): void {
    for (let item = 0; item < items; item++) {
      const before = offsets[item]!;
      offsets[item] = Math.fround(before + logs[item]!);
      if (p[item]! > 0) logs[item]! += before - offsets[item]!;
    }
    weigh(side, logs);
    peaks.fill(NaN);
    ownKernel?.set(gamma, offsets, peaks);
    job = { ...job, gamma, version: job.version + 1 };
  }

  /** Weighs all users anew and sums the columns over them, in block order. */
  async function passed() {
    const columns = new Float64Array(items);
    let mass = 0;
    let error = 0;
    await crew.run(sweepTask, job, blocks, { signal, stage: "sinkhorn" }, (sums) => {
      add(columns, sums.columns);
      mass += sums.mass;
      error += sums.error;
    });
    return { columns, mass, error };
  }

  /** Steps of items whose columns were lost below float32, in float64. */
  async function recover(lost: number[], gamma: number, steps: Float64Array): Promise<void> {
    const most = new Float64Array(items).fill(-Infinity);
    const powers = new Float64Array(items);
    await eachBlock(cost, options, (costs, start, end) => {
      for (let user = start; user < end; user++) {
        if (!(q[user]! > 0)) continue;
        const row = (user - start) * items;
        const height = Math.log2(userWeights[user]!) - peaks[user]!;
        for (const item of lost) {
          const exponent = height - costs[row + item]! / (gamma * Math.LN2);
          if (exponent > most[item]!) {
            powers[item] = powers[item]! * 2 ** (most[item]! - exponent) + 1;
            most[item] = exponent;
          } else {
            powers[item]! += 2 ** (exponent - most[item]!);
          }
        }
      }
    });
    for (const item of lost) {
      const goal = Math.log2(p[item]!) - hold * (most[item]! + Math.log2(powers[item]!));
      steps[item] = goal - offsets[item]! - logs[item]!;
    }
  }

  /** Of this thread, where others did the work. */
  function openKernel(): SinkhornKernel {
    const kernel = loadKernels(engine).sinkhorn(cost);
    kernel.set(job.gamma, offsets, peaks);
    return kernel;
  }
}

/** Temperatures from where costs of this range are smooth down to gamma, each a `factor` of the one before. */
export function annealing(range: number, gamma: number, factor = 0.25): number[] {
  const gammas = [gamma];
  for (let warmer = gamma / factor; warmer < range / 25; warmer /= factor) gammas.unshift(warmer);
  return gammas;
}

/**
 * Plain steps where the acceleration fails: they always come nearer. Each time the error doubles it starts anew, after
 * twice as many plain steps.
 */
function guarded(acceleration: Acceleration) {
  let least = Infinity;
  let wait = 0;
  let patience = 1;
  function restart(): void {
    acceleration.restart();
    least = Infinity;
  }
  return {
    restart,
    next(logs: Float64Array, steps: Float64Array, error: number): Float64Array {
      if (error > 2 * least) {
        restart();
        wait = patience;
        patience *= 2;
      }
      least = Math.min(least, error);
      const plain = logs.slice();
      add(plain, steps);
      if (wait-- > 0) return plain;
      const next = acceleration.next(logs, steps);
      return farthest(next) < 4 * LIMIT ? next : plain;
    },
  };
}
