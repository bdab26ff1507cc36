import { expect, it } from "vitest";
import type { SparseMatrix } from "../../dist/linalg/sparse.js";
import type { FactorScores } from "../../dist/scores.js";
import { popularityMarginals } from "../../dist/transport/marginals.js";
import { matchInteractions } from "../../dist/transport/match.js";

/** Just large enough that threads are started. */
const [USERS, ITEMS, RANK, SEEN] = [10_000, 10_400, 100, 3];

/** Factors whose lengths fall with the row number, and three items a user. */
function problem(): { scores: FactorScores; matrix: SparseMatrix } {
  const side = (rows: number, scale: number) =>
    Float32Array.from({ length: rows * RANK }, (_, at) => {
      const random = Math.imul(at + 1, 0x9e3779b1) / 2 ** 31;
      return (scale * (random + 0.02)) / (1 + Math.floor(at / RANK)) ** 0.7;
    });
  const userFactors = side(USERS, 0.5);
  const matrix = {
    rows: USERS,
    columns: ITEMS,
    offsets: Uint32Array.from({ length: USERS + 1 }, (_, user) => user * SEEN),
    indices: Uint32Array.from({ length: USERS * SEEN }, (_, at) => (at % SEEN) * 3000 + (at % 2000)),
    values: new Float32Array(USERS * SEEN).fill(1),
  };
  return {
    scores: {
      kind: "factors",
      users: USERS,
      items: ITEMS,
      rank: RANK,
      userFactors,
      itemFactors: side(ITEMS, 1),
    },
    matrix,
  };
}

const { scores, matrix } = problem();

it.each([
  { sums: "near and far", method: "near-far", exactColumns: false },
  { sums: "in full", method: "exact", exactColumns: true },
])("the transport has the same bits from 1, 2, 3 and 7 threads, items' sums $sums", async (kind) => {
  const step = (threads: number) =>
    matchInteractions(scores, matrix, popularityMarginals(matrix), {
      ...{ gamma: 0.1, side: "relaxed", threshold: "personal", exactColumns: kind.exactColumns, threads },
    });
  const one = await step(1);
  expect(one.certificate.method).toBe(kind.method);
  expect(new Set(one.kappa).size).toBeGreaterThan(20);
  for (const threads of [2, 3, 7]) {
    const several = await step(threads);
    expect(several.threads).toBe(threads);
    for (const name of ["match", "rank", "kappa", "threshold"] as const) {
      expect(Buffer.compare(Buffer.from(several[name].buffer), Buffer.from(one[name].buffer))).toBe(0);
    }
    const { planMass, transportCost, scoreRange, certificate } = one;
    expect(several).toMatchObject({ planMass, transportCost, scoreRange, certificate });
  }
});
