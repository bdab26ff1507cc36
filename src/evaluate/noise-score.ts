import { ProRecError } from "../errors.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { printable } from "../io/printable.ts";
import { columnCounts, findEntry, type SparseMatrix } from "../linalg/sparse.ts";
import type { FitOptions } from "../models/recommender.ts";
import { Svd } from "../models/svd.ts";
import type { FactorScores } from "../scores.ts";
import { type Detection, scoreDetection } from "./detection.ts";

/** A denoised log of which it is known what is noise; arrays in the row order of `interactions`. */
export interface KnownNoise {
  readonly interactions: Interactions;
  /** rho of each interaction. */
  readonly match: Float32Array;
  /** 1 for a flagged interaction, else 0. */
  readonly flags: Uint8Array;
  /** 1 for known noise, else 0. */
  readonly truth: Uint8Array;
}

/** How well the noise was found, beside what needs no transport. */
export interface NoiseScore extends Detection {
  readonly controls: { readonly popularity: Detection; readonly rawScore: Detection };
}

/** Rank of the SVD whose scores are a control: 5 to 10 find noise best. */
const RAW_RANK = 10;

/**
 * Scores the flags, and -match as suspicion. Controls flag as many interactions, the most suspicious ones:
 * `popularity` suspects those of items that few chose, `rawScore` those with a low score in a PureSVD of rank 10.
 */
export async function scoreNoise(
  { interactions, match, flags, truth }: KnownNoise,
  options: FitOptions & { readonly seed?: number } = {},
): Promise<NoiseScore> {
  const { matrix } = interactions;
  const popularity = columnCounts(matrix);
  const raw = await new Svd({ factors: RAW_RANK, seed: options.seed ?? 1 }).fit(interactions, options);
  const flagged = flags.reduce((sum, flag) => sum + flag, 0);
  const control = (trust: Float32Array) => {
    const suspicion = negated(trust);
    return scoreDetection({ suspicion, flags: mostSuspicious(suspicion, flagged), truth });
  };
  return {
    ...scoreDetection({ suspicion: negated(match), flags, truth }),
    controls: {
      popularity: control(Float32Array.from(matrix.indices, (item) => popularity[item]!)),
      rawScore: control(observedScores(raw.scores as FactorScores, matrix)),
    },
  };
}

/**
 * For each interaction 1 if `truth` lists its pair, else 0.
 * @throws ProRecError SHAPE_MISMATCH naming a pair that is no interaction
 */
export function truthFlags({ users, items, matrix }: Interactions, truth: Interactions): Uint8Array {
  const flags = new Uint8Array(matrix.indices.length);
  const { offsets, indices } = truth.matrix;
  for (const [row, user] of [...truth.users].entries()) {
    const position = users.indexOf(user);
    for (let index = offsets[row]!; index < offsets[row + 1]!; index++) {
      const item = truth.items.at(indices[index]!);
      const column = items.indexOf(item);
      const entry = position < 0 || column < 0 ? -1 : findEntry(matrix, position, column);
      if (entry < 0) throw unknownPair(user, item);
      flags[entry] = 1;
    }
  }
  return flags;
}

function unknownPair(user: string, item: string): ProRecError {
  return new ProRecError(
    "SHAPE_MISMATCH",
    `The truth lists user "${printable(user)}" with item "${printable(item)}", which is no interaction of the denoised log.`,
    { details: { user, item }, hint: "Give the truth that belongs to the log that was denoised." },
  );
}

function negated(values: Float32Array): Float32Array {
  return values.map((value) => -value);
}

/** 1 for the `count` largest, of equal ones the first. */
function mostSuspicious(suspicion: Float32Array, count: number): Uint8Array {
  const order = Uint32Array.from(suspicion, (_, entry) => entry);
  order.sort((left, right) => suspicion[right]! - suspicion[left]! || left - right);
  const flags = new Uint8Array(suspicion.length);
  for (const entry of order.subarray(0, count)) flags[entry] = 1;
  return flags;
}

/** The scores of the matrix's entries alone. */
function observedScores(
  { rank, userFactors, itemFactors }: FactorScores,
  { rows, offsets, indices }: SparseMatrix,
): Float32Array {
  const observed = new Float32Array(indices.length);
  for (let user = 0; user < rows; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      const left = user * rank;
      const right = indices[entry]! * rank;
      let score = 0;
      for (let k = 0; k < rank; k++) score += userFactors[left + k]! * itemFactors[right + k]!;
      observed[entry] = score;
    }
  }
  return observed;
}
