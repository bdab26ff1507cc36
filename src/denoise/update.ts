import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { mergeInteractions } from "../interactions/split.ts";
import { overSameIds } from "../interactions/unite.ts";
import { printablePath } from "../io/printable.ts";
import { findEntry, rowCounts, type SparseMatrix, someRows } from "../linalg/sparse.ts";
import { foldable, foldIn } from "../models/fold-in.ts";
import type { FittedRecommender } from "../models/recommender.ts";
import { atOnce, type RunOptions } from "../progress.ts";
import { randomFor, shuffle } from "../random.ts";
import type { FactorScores } from "../scores.ts";
import { ofUsers, updatedColumns } from "../transport/column-update.ts";
import { popularityMarginals, uniformMarginals } from "../transport/marginals.ts";
import { type MatchOptions, matchInteractions, type Side } from "../transport/match.ts";
import { Denoised } from "./denoised.ts";
import { noiseFlags, overEntries, relabelled, relevanceOf, weightsOf } from "./relabel.ts";
import type { SavedRun } from "./saved-run.ts";
import { type StaleLabels, type Staleness, staleness } from "./staleness.ts";

export interface UpdateOptions extends RunOptions, Pick<MatchOptions, "threads" | "engine"> {
  /** Draws the users whose old labels are checked. Default 1. */
  readonly seed?: number | undefined;
}

/** What an update did, and how far it may be from a full run. */
export interface UpdateFigures {
  /** What the run did not have. */
  readonly added: { readonly users: number; readonly items: number; readonly interactions: number };
  /** Interactions of the new rows that the run had already. */
  readonly known: number;
  /** Users whose rows changed: all of their interactions have new labels, `changed` of the old ones another verdict. */
  readonly rescored: { readonly users: number; readonly interactions: number; readonly changed: number };
  /** Items whose sums were made anew. */
  readonly columnsAnew: number;
  /** Share of all interactions that is new: how far the factors may have moved. */
  readonly growth: number;
  /** How many of the other users' labels a full transport with these factors would change. */
  readonly others: Staleness;
}

export interface Updated {
  /** All interactions with their labels. Figures of the whole plan (mass, cost, objective) are the run's. */
  readonly denoised: Denoised;
  readonly fitted: FittedRecommender;
  readonly figures: UpdateFigures;
}

/** A run of one round to go on with: from its folder, or as `denoise` gave it and the model as it was fitted to its input. */
export type UpdatableRun = Pick<SavedRun, "denoised" | "fitted"> & Partial<Pick<SavedRun, "folder">>;

/** Other users whose rows are matched to see how old their labels are. */
const CHECKED = 1024;

/**
 * Folds new interactions into a run: their users and new items get factors with the known items' factors held, the
 * items' sums are updated by the changed rows, and the users' rows are matched and relabelled. Others keep their labels.
 * @throws ProRecError UNSUPPORTED_FORMAT for a model or a transport that has no such update
 */
export async function update(
  run: UpdatableRun,
  fresh: Interactions,
  options: UpdateOptions = {},
): Promise<Updated> {
  assertUpdatable(run);
  const { denoised: before, fitted } = run;
  const { settings } = before;
  const [base, added] = overSameIds(before.input, fresh);
  const input = mergeInteractions(base, added);
  const counts = rowCounts(input.matrix);
  const oldCounts = rowCounts(base.matrix);
  const users = Uint32Array.from(counts, (_, user) => user);
  const touched = users.filter((user) => counts[user] !== oldCounts[user]);
  const others = users.filter((user) => counts[user] === oldCounts[user]);

  const folded = await foldIn(fitted, input, touched, options.signal);
  const scores = folded.scores as FactorScores;
  const marginals = (settings.marginals === "uniform" ? uniformMarginals : popularityMarginals)(input.matrix);
  const common = { gamma: settings.gamma, ...options };
  const sums = before.matching.columns
    ? await updatedColumns(before.matching.columns, fitted.scores as FactorScores, scores, touched, common)
    : { columns: undefined, anew: 0 };
  const label = async (some: Uint32Array): Promise<Labels> => {
    const matrix = someRows(input.matrix, some);
    const shares = {
      users: Float64Array.from(some, (user) => marginals.users[user]!),
      items: marginals.items,
    };
    const { threshold, transport, beta, lambda } = settings;
    const matching = await matchInteractions(ofUsers(scores, some), matrix, shares, {
      ...common,
      ...{ side: transport as Side, threshold, columns: sums.columns },
    });
    const relevance = atOnce(relevanceOf(matching, matrix.offsets, beta));
    const weights = atOnce(weightsOf(atOnce(relabelled(matrix.values, relevance, lambda)), matrix.values));
    return { ...matching, relevance, weights, noise: atOnce(noiseFlags(matching, matrix.offsets)), matrix };
  };

  const labels = emptyLabels(input.matrix);
  const old = { ...before.matching, ...{ relevance: before.relevance, weights: before.weights } };
  copyLabels(labels, others, { ...old, noise: before.noise, matrix: base.matrix }, others);
  const rescored = await label(touched);
  copyLabels(labels, touched, rescored, touched.keys());
  const checked = someOf(others, options.seed ?? 1);
  const { match, rank, kappa, threshold, relevance, weights, noise } = labels;
  return {
    denoised: new Denoised({
      ...{ input, model: folded.model, settings, scores, relevance, weights, noise },
      matching: { ...before.matching, match, rank, kappa, threshold, columns: sums.columns },
      objective: before.objective,
      seconds: { fit: 0, transport: 0 },
    }),
    fitted: folded,
    figures: {
      added: {
        users: input.users.size - before.input.users.size,
        items: input.items.size - before.input.items.size,
        interactions: input.size - before.input.size,
      },
      known: before.input.size + fresh.size - input.size,
      rescored: {
        users: touched.length,
        interactions: rescored.noise.length,
        changed: changedVerdicts(before.noise, base.matrix, labels),
      },
      columnsAnew: sums.anew,
      growth: (input.size - before.input.size) / input.size,
      others: staleness(labels, checked, await label(checked), others),
    },
  };
}

/** Labels of a matrix's interactions and users, in the order of its rows. */
interface Labels extends StaleLabels {
  readonly match: Float32Array;
  readonly rank: Uint32Array;
  readonly relevance: Float32Array;
  readonly weights: Float32Array;
  readonly kappa: Uint32Array;
  readonly threshold: Float32Array;
}

function emptyLabels(matrix: SparseMatrix): Labels {
  const { length } = matrix.indices;
  const [match, relevance, weights] = [0, 1, 2].map(() => new Float32Array(length));
  return {
    ...{ match: match!, relevance: relevance!, weights: weights!, rank: new Uint32Array(length) },
    ...{ noise: new Uint8Array(length), kappa: new Uint32Array(matrix.rows) },
    ...{ threshold: new Float32Array(matrix.rows), matrix },
  };
}

/** Gives users the labels that stand in the rows `from` of another table, which have the same interactions. */
function copyLabels(to: Labels, users: Uint32Array, labels: Labels, from: Iterable<number>): void {
  const rows = from[Symbol.iterator]();
  for (const user of users) {
    const row: number = rows.next().value;
    const [start, end] = [labels.matrix.offsets[row]!, labels.matrix.offsets[row + 1]!];
    const at = to.matrix.offsets[user]!;
    for (const name of ["match", "rank", "relevance", "weights", "noise"] as const) {
      to[name].set(labels[name].subarray(start, end), at);
    }
    to.kappa[user] = labels.kappa[row]!;
    to.threshold[user] = labels.threshold[row]!;
  }
}

/** How many interactions of the matrix have another verdict in the labels of a larger one. */
function changedVerdicts(noise: Uint8Array, matrix: SparseMatrix, labels: Labels): number {
  let changed = 0;
  atOnce(
    overEntries(matrix.offsets, (user, entry) => {
      const now = findEntry(labels.matrix, user, matrix.indices[entry]!);
      if (labels.noise[now] !== noise[entry]) changed++;
    }),
  );
  return changed;
}

/** At most so many users as are checked, ascending. */
function someOf(users: Uint32Array, seed: number): Uint32Array {
  const drawn = users.slice();
  if (drawn.length > CHECKED) shuffle(drawn, randomFor(seed, "update/checked"));
  return drawn.subarray(0, CHECKED).sort();
}

function assertUpdatable({ folder = "It", denoised, fitted }: UpdatableRun): void {
  const { transport } = denoised.settings;
  const refuse = (what: string, hint: string) => {
    const message = `${printablePath(folder)} is a run with ${what}.`;
    throw new ProRecError("UNSUPPORTED_FORMAT", message, { details: { file: folder }, hint });
  };
  const again = "or run prorec denoise on the whole log.";
  if (!foldable(fitted)) {
    refuse(
      `--model ${fitted.model.name}, which takes no new items without a new fit`,
      `Take svd, nce-plrec or wrmf, ${again}`,
    );
  }
  if (!["relaxed", "item-side", "user-side"].includes(transport)) {
    refuse(
      `--transport ${transport}, whose plan is one for everyone`,
      `Take relaxed, item-side or user-side, ${again}`,
    );
  }
  if (transport !== "user-side" && denoised.matching.columns === undefined) {
    refuse("no sums of the items", `It was saved by another ProRec: run prorec denoise on the whole log.`);
  }
}
