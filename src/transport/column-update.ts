import { emptyColumnSums, mergeColumnSums } from "../kernels/column-sums.ts";
import type { ColumnSums } from "../kernels/kernels.ts";
import type { RunOptions } from "../progress.ts";
import type { FactorScores } from "../scores.ts";
import { columnSumsOf, type MatchOptions } from "./match.ts";

/** Where less than this share of a sum stays, subtraction would leave little but rounding: it is made anew. */
const LEAST_LEFT = 0.1;
/** Users whose factors are gathered at a time. */
const GATHERED = 1 << 16;

type SumOptions = RunOptions & Pick<MatchOptions, "gamma" | "threads" | "engine">;

/**
 * The items' sums after the rows of some users changed and users and items came: what the changed rows gave is taken
 * away, what they give now is added. New items, and those of which too little would stay, are summed over everyone.
 * An error in `before` grows at most tenfold, relative to the sum.
 * @param before the sums over `old`; `now` has the users and items of `old` at their positions and the same items' factors
 * @param changed positions in `now`, ascending, the new users among them
 */
export async function updatedColumns(
  before: ColumnSums,
  old: FactorScores,
  now: FactorScores,
  changed: Uint32Array,
  options: SumOptions,
): Promise<{ columns: ColumnSums; anew: number }> {
  const gone = await columnSumsOf(
    ofUsers(
      old,
      changed.filter((user) => user < old.users),
    ),
    options,
  );
  const columns = emptyColumnSums(now.items);
  const anew: number[] = [];
  for (let item = 0; item < now.items; item++) {
    const exponent = before.exponents[item] ?? 0;
    const sum = before.sums[item] ?? 0;
    const left = item < old.items ? sum - gone.sums[item]! * 2 ** (gone.exponents[item]! - exponent) : 0;
    if (left > LEAST_LEFT * sum) {
      columns.exponents[item] = exponent;
      columns.sums[item] = left;
    } else anew.push(item);
  }
  const some = await sumsOfOthers(ofItems(now, anew), changed, options);
  for (const [index, item] of anew.entries()) {
    columns.exponents[item] = some.exponents[index]!;
    columns.sums[item] = some.sums[index]!;
  }
  mergeColumnSums(columns, await columnSumsOf(ofUsers(now, changed), options));
  return { columns, anew: anew.length };
}

/** The scores of some users, in their order. */
export function ofUsers(scores: FactorScores, users: Uint32Array): FactorScores {
  return { ...scores, users: users.length, userFactors: gathered(scores.userFactors, scores.rank, users) };
}

function ofItems(scores: FactorScores, items: readonly number[]): FactorScores {
  return { ...scores, items: items.length, itemFactors: gathered(scores.itemFactors, scores.rank, items) };
}

function gathered(factors: Float32Array, rank: number, rows: Uint32Array | readonly number[]): Float32Array {
  const some = new Float32Array(rows.length * rank);
  for (const [index, row] of rows.entries()) {
    some.set(factors.subarray(row * rank, (row + 1) * rank), index * rank);
  }
  return some;
}

/** The sums over everyone but some users. */
async function sumsOfOthers(
  scores: FactorScores,
  without: Uint32Array,
  options: SumOptions,
): Promise<ColumnSums> {
  const total = emptyColumnSums(scores.items);
  if (scores.items === 0) return total;
  const left = new Uint8Array(scores.users).fill(1);
  for (const user of without) left[user] = 0;
  for (let start = 0; start < scores.users; start += GATHERED) {
    const end = Math.min(start + GATHERED, scores.users);
    const users = Uint32Array.from({ length: end - start }, (_, index) => start + index).filter(
      (user) => left[user] === 1,
    );
    mergeColumnSums(total, await columnSumsOf(ofUsers(scores, users), options));
  }
  return total;
}
