import type { Engine, Floats } from "../../kernels/kernels.ts";
import { loadKernels } from "../../kernels/load.ts";
import type { SparseMatrix } from "../../linalg/sparse.ts";
import { ifWorth, openCrew, threadCount } from "../../parallel/crew.ts";
import { randomFor, shuffle } from "../../random.ts";
import type { FitOptions } from "../recommender.ts";
import { type Architecture, withOnes } from "./architecture.ts";
import { batchOf } from "./batches.ts";
import { assertTrainingFits } from "./memory.ts";
import type { TrainingOptions } from "./options.ts";
import { type Site, sparseTimes } from "./sparse-layer.ts";
import { initialState, type NetworkState, trainBatch } from "./training.ts";
import { holdOut, validationGain } from "./validation.ts";

/** Where training stands after an epoch: all that it takes to go on. */
export interface Progressed {
  /** The search for the best number of epochs, or the fit to all interactions. */
  readonly phase: "search" | "fit";
  /** Epochs done in this phase. */
  readonly epoch: number;
  /** The best validation of the search and its epoch. */
  readonly best: { readonly epoch: number; readonly gain: number };
  readonly state: NetworkState;
}

/** Multiplications of a mini-batch below which handing it to threads costs more than it saves. */
const WORTH_THREADS = 1e8;
/** Users that are embedded at a time. */
const EMBEDDED = 512;

/**
 * Trains on a part of the interactions until the rest is predicted no better, then anew on all of them for as many epochs
 * as were best.
 * @throws ProRecError TOO_LARGE with figures before any work, NOT_CONVERGED, ABORTED
 */
export async function fitNetwork(
  architecture: Architecture,
  matrix: SparseMatrix,
  options: TrainingOptions,
  run: FitOptions & {
    readonly onEpoch?: ((at: Progressed) => void | Promise<void>) | undefined;
    readonly resume?: Progressed | undefined;
  } = {},
): Promise<NetworkState> {
  const { epochs, patience, validation, seed } = options;
  const products = options.batchSize * matrix.columns * (architecture.depth + 1) * 3;
  const threads = ifWorth(products > WORTH_THREADS, run.threads);
  assertTrainingFits(architecture, matrix, options, threadCount(threads));
  const crew = openCrew(threads);
  const { engine } = loadKernels(run.engine);
  const site: Site = { engine, crew, signal: run.signal };
  const fresh = (on: SparseMatrix) => initialState(architecture, on, seed, engine);
  const parts = validation > 0 ? holdOut(matrix, validation, seed) : undefined;
  let at: Progressed = run.resume ?? {
    phase: parts ? "search" : "fit",
    epoch: 0,
    best: { epoch: parts ? 0 : epochs, gain: -1 },
    state: fresh(parts?.training ?? matrix),
  };
  const report = (done: number, total: number) =>
    run.onProgress?.({ stage: `train (${at.phase})`, done, total });
  try {
    if (parts && at.phase === "search") {
      while (at.epoch < epochs && at.epoch - at.best.epoch < patience) {
        report(at.epoch, epochs);
        await trainEpoch(architecture, at, parts.training, options, site);
        const scores = scoresOf(architecture, parts.training, at.state, engine);
        const gain = await validationGain(scores, parts.training, parts.validation, run.signal);
        const epoch = at.epoch + 1;
        at = { ...at, epoch, best: gain > at.best.gain ? { epoch, gain } : at.best };
        await run.onEpoch?.(at);
      }
      at = { ...at, phase: "fit", epoch: 0, state: fresh(matrix) };
    }
    while (at.epoch < at.best.epoch) {
      report(at.epoch, at.best.epoch);
      await trainEpoch(architecture, at, matrix, options, site);
      at = { ...at, epoch: at.epoch + 1 };
      await run.onEpoch?.(at);
    }
    report(at.epoch, at.epoch);
  } finally {
    await crew.close();
  }
  return at.state;
}

/** Every user with interactions once, in an order of the epoch's own. */
async function trainEpoch(
  architecture: Architecture,
  { phase, epoch, state }: Progressed,
  matrix: SparseMatrix,
  options: TrainingOptions,
  site: Site,
): Promise<void> {
  const { seed, batchSize, dropout, annealing } = options;
  const random = (purpose: string) => randomFor(seed, `network/${phase}/${purpose}`, epoch);
  const users = Uint32Array.from({ length: matrix.rows }, (_, user) => user).filter(
    (user) => matrix.offsets[user]! < matrix.offsets[user + 1]!,
  );
  shuffle(users, random("order"));
  const corruption = { random: random("corruption"), dropout };
  const noise = random("noise");
  for (let start = 0; start < users.length; start += batchSize) {
    const batch = batchOf(matrix, users.subarray(start, start + batchSize), architecture, corruption);
    const progress = epoch + start / users.length;
    const klWeight = options.klWeight * (progress < annealing ? progress / annealing : 1);
    await trainBatch(architecture, state, batch, { ...options, klWeight }, noise, site);
  }
}

/** The network's logits as a factor pair: (embedding, 1) of each user and the rows of the last layer. */
export function scoresOf(
  architecture: Architecture,
  matrix: SparseMatrix,
  state: Omit<NetworkState, "steps">,
  engine?: Engine | "auto",
) {
  const users = Uint32Array.from({ length: matrix.rows }, (_, user) => user);
  const rank = architecture.depth + 1;
  const userFactors = new Float32Array(matrix.rows * rank);
  const layers = state.layers.map(({ values }) => values);
  for (let start = 0; start < matrix.rows; start += EMBEDDED) {
    const some = users.subarray(start, start + EMBEDDED);
    userFactors.set(embed(architecture, matrix, some, state.input.values, layers, engine), start * rank);
  }
  return {
    kind: "factors",
    users: matrix.rows,
    items: matrix.columns,
    rank,
    userFactors,
    itemFactors: Float32Array.from(state.output.values),
    activation: architecture.activation,
  } as const;
}

/** (embedding, 1) of some users of a matrix, as trained. */
export function embed(
  architecture: Architecture,
  matrix: SparseMatrix,
  users: Uint32Array,
  input: Floats,
  layers: readonly Floats[],
  engine?: Engine | "auto",
): Floats {
  const { inputs } = batchOf(matrix, users, architecture);
  const sums = sparseTimes(inputs, input, architecture.width);
  const { embedding } = architecture.forward(loadKernels(engine).networks, sums, layers);
  return withOnes(embedding, architecture.depth);
}
