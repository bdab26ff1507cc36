import { breathe } from "../../progress.ts";
import { accidentalShares } from "./accidental.ts";
import { OBSERVED, POPULAR, UNIFORM } from "./decoys.ts";
import type { ScoredRows } from "./scored-rows.ts";
import { decoySuspicion } from "./suspicion.ts";

/** A log with decoys, and all that its clicks are judged by; a number a row. */
export interface Judged {
  /** OBSERVED, UNIFORM or POPULAR. */
  readonly kinds: Uint8Array;
  readonly features: readonly Float32Array[];
  readonly userClicks: Float32Array;
  /** The group of the row's user that the jackknife leaves out. */
  readonly groups: Uint8Array;
}

/** The rows of each log as the two kinds of decoys explain them: the second only what the first leaves. */
export interface Attribution {
  readonly first: readonly ScoredRows[];
  readonly second: readonly ScoredRows[];
}

/** Below this share the log counts as free of accidental clicks. */
export const LEAST_RATE = 0.03;

/**
 * Decides which kind of decoys explains clicks first: the one of which more fits inside the observed clicks when it is
 * alone. Either kind fits partly where only the other is, so what goes first takes clicks from what follows. Uniform ones
 * go first where fewer clicks by popularity fit than would count.
 */
export async function attribute(
  judged: readonly Judged[],
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Attribution> {
  const alone: Alone[] = [];
  for (const kind of [UNIFORM, POPULAR]) {
    await breathe(signal);
    const rows = judged.map((log, index) => scoredRows(log, kind, undefined, seed + index));
    const shares = accidentalShares(rows);
    alone.push({ kind, rows, shares, share: meanObserved(judged, shares) });
  }
  await breathe(signal);
  const [uniform, popular] = alone as [Alone, Alone];
  const byPopularity = popular.share >= LEAST_RATE && popular.share > uniform.share;
  const [first, { kind }] = byPopularity ? [popular, uniform] : [uniform, popular];
  const second = judged.map((log, index) => scoredRows(log, kind, first.shares[index], seed + index));
  return { first: first.rows, second };
}

interface Alone {
  readonly kind: number;
  readonly rows: readonly ScoredRows[];
  readonly shares: readonly Float32Array[];
  /** Of the observed clicks, if no other kind explained any. */
  readonly share: number;
}

/** g = g_1 + (1 - g_1) g_2 of every row of each log, without the users of one group if it is given. */
export function probabilities(
  judged: readonly Judged[],
  { first, second }: Attribution,
  leftOut = -1,
): Float32Array[] {
  const without = (rows: ScoredRows, index: number, weights: Float32Array) => ({
    ...rows,
    weights: weights.map((weight, row) => (judged[index]!.groups[row] === leftOut ? 0 : weight)),
  });
  const byFirst = accidentalShares(first.map((rows, index) => without(rows, index, rows.weights)));
  const rest = second.map((rows, index) => {
    const { kinds } = judged[index]!;
    const weights = rows.weights.map((weight, row) =>
      kinds[row] === OBSERVED ? 1 - byFirst[index]![row]! : weight,
    );
    return without(rows, index, weights);
  });
  return accidentalShares(rest).map((bySecond, index) =>
    bySecond.map((share, row) => byFirst[index]![row]! + (1 - byFirst[index]![row]!) * share),
  );
}

/** Decoys of a kind beside the observed clicks, which count as far as they are not `explained`. */
function scoredRows(
  log: Judged,
  kind: number,
  explained: Float32Array | undefined,
  seed: number,
): ScoredRows {
  const decoys = log.kinds.map((own) => (own === kind ? 1 : 0));
  const weights = Float32Array.from(log.kinds, (own, row) =>
    own === OBSERVED ? 1 - (explained?.[row] ?? 0) : own === kind ? 1 : 0,
  );
  const suspicion = decoySuspicion(log.features, decoys, weights, seed * 4 + kind);
  return { suspicion, decoys, weights, userClicks: log.userClicks };
}

function meanObserved(judged: readonly Judged[], shares: readonly Float32Array[]): number {
  let sum = 0;
  let count = 0;
  for (const [index, { kinds }] of judged.entries()) {
    for (let row = 0; row < kinds.length; row++) {
      if (kinds[row] !== OBSERVED) continue;
      sum += shares[index]![row]!;
      count++;
    }
  }
  return sum / count;
}
