import { sparseFromPairs } from "../linalg/sparse.ts";
import { randomFor } from "../random.ts";
import { popularityMarginals } from "../transport/marginals.ts";
import { matchInteractions } from "../transport/match.ts";
import type { Cell, Workbench } from "./cell.ts";
import { median, timed } from "./measure.ts";

/** CPU seconds of the transport with n users and n items, random embeddings, one thread: medians. */
export interface ComplexityCell {
  readonly times: readonly { readonly n: number; readonly seconds: number }[];
}

const SIZES = [1000, 2000, 4000, 8000];
const RANK = 64;
const REPEATS = 3;

export const complexityCell: Cell = {
  name: "claims/complexity",
  logs: [],
  async compute({ engine, signal, quick }: Workbench): Promise<ComplexityCell> {
    const times: { n: number; seconds: number }[] = [];
    for (const n of quick ? SIZES.slice(0, 3) : SIZES) {
      const seconds: number[] = [];
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const { scores, matrix } = problem(n, repeat);
        const options = {
          ...({ gamma: 0.1, side: "relaxed", threshold: "personal" } as const),
          exactColumns: true,
        };
        const run = () =>
          matchInteractions(scores, matrix, popularityMarginals(matrix), { ...options, engine, signal });
        seconds.push((await timed(run)).cpu);
      }
      times.push({ n, seconds: median(seconds) });
    }
    return { times };
  },
};

/** The exponent b of time = a n^b, by least squares on logarithms. */
export function exponentOf({ times }: ComplexityCell): number {
  const points = times.map(({ n, seconds }) => [Math.log(n), Math.log(seconds)] as const);
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return covariance / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

function problem(n: number, repeat: number) {
  const random = randomFor(repeat, "complexity", n);
  const factors = () => Float32Array.from({ length: n * RANK }, () => random.normal() / RANK);
  const positions = Uint32Array.from({ length: n }, (_, index) => index);
  const scores = {
    ...({ kind: "factors", users: n, items: n, rank: RANK } as const),
    ...{ userFactors: factors(), itemFactors: factors() },
  };
  return { scores, matrix: sparseFromPairs(n, n, positions, positions) };
}
