import type { RowMatches } from "../src/kernels/kernels.ts";
import { randomFor } from "../src/random.ts";
import { type FactorScores, fillScores, type RowScores } from "../src/scores.ts";

/** Small random transport problems for tests of the kernels. */

export interface Shape {
  users: number;
  items: number;
  rank: number;
}

export function factors({ users, items, rank }: Shape, seed: number, scale = 1): FactorScores {
  const random = randomFor(seed, "factors");
  const normal = (size: number, scale: number) =>
    Float32Array.from({ length: size }, () => random.normal() * scale);
  return {
    kind: "factors",
    users,
    items,
    rank,
    userFactors: normal(users * rank, scale),
    itemFactors: normal(items * rank, 1 / Math.sqrt(rank)),
  };
}

export function rowsOf(scores: FactorScores): RowScores & { block: Float32Array } {
  const { users, items } = scores;
  const block = new Float32Array(users * items);
  fillScores(scores, 0, users, block);
  return { kind: "rows", users, items, block, fill: () => {} };
}

/** Shares that add up to 1; every `cold`-th is 0. */
export function shares(size: number, seed: number, cold = Infinity): Float64Array {
  const random = randomFor(seed, "shares");
  const values = Float64Array.from({ length: size }, (_, at) =>
    at % cold === cold - 1 ? 0 : 0.1 + random.uniform(),
  );
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

/** Every third item of each user. */
export function entriesOf(users: number, items: number) {
  const indices: number[] = [];
  const offsets = [0];
  for (let user = 0; user < users; user++) {
    for (let item = user % 3; item < items; item += 3) indices.push(item);
    offsets.push(indices.length);
  }
  return { offsets: Uint32Array.from(offsets), indices: Uint32Array.from(indices) };
}

export function emptyMatches(users: number, entries: number): RowMatches {
  return {
    match: new Float32Array(entries),
    rank: new Uint32Array(entries),
    kappa: new Uint32Array(users),
    threshold: new Float32Array(users),
    mass: new Float64Array(users),
    cost: new Float64Array(users),
    low: new Float32Array(users),
    high: new Float32Array(users),
  };
}

/** @throws Error naming the first number that is off by more than a share of `tolerance`. */
export function expectClose(actual: Iterable<number>, expected: ArrayLike<number>, tolerance: number) {
  for (const [at, value] of [...actual].entries()) {
    const other = expected[at]!;
    if (!(Math.abs(value - other) <= tolerance * Math.max(Math.abs(value), Math.abs(other), 1e-30))) {
      throw new Error(`Number ${at} is ${value}, expected ${other}.`);
    }
  }
}
