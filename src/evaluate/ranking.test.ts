import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SparseMatrix, sparseFromPairs } from "../linalg/sparse.ts";
import type { Scores } from "../scores.ts";
import { METRICS } from "./metrics.ts";
import { evaluateUsers } from "./ranking.ts";

const ITEMS = 7;

function sparse(rows: number, pairs: readonly (readonly [number, number])[]): SparseMatrix {
  const column = (index: 0 | 1) => Uint32Array.from(pairs, (pair) => pair[index]);
  return sparseFromPairs(rows, ITEMS, column(0), column(1));
}

/** Every user scores item j with weights[j] (rank one), so that the ranking is known. */
function sameScores(users: number, weights: number[]): Scores {
  return {
    kind: "factors",
    users,
    items: weights.length,
    rank: 1,
    userFactors: new Float32Array(users).fill(1),
    itemFactors: Float32Array.from(weights),
  };
}

const falling = [7, 6, 5, 4, 3, 2, 1];

describe("evaluateUsers", () => {
  it("ranks what is not seen, skips users without a test item", async () => {
    const seen = sparse(3, [
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    const test = sparse(3, [
      [0, 2],
      [0, 6],
      [2, 1],
    ]);
    const result = await evaluateUsers(sameScores(3, falling), seen, test, { k: 3 });
    expect(result.users).toEqual(Uint32Array.of(0, 2));
    // User 0 is shown 2, 3, 4; user 2 is shown 0, 1, 2.
    expect(result.values["recall@3"]).toEqual(Float64Array.of(1 / 2, 1));
    expect(result.values["precision@3"]).toEqual(Float64Array.of(1 / 3, 1 / 3));
    expect(result.values["map@3"]).toEqual(Float64Array.of(1 / 2, 1 / 2));
    expect(result.values["paper.ndcg@3"]![1]).toBeCloseTo(1 / Math.log2(3), 12);
  });

  it("does not let excluded pairs be candidates", async () => {
    const none = sparse(1, []);
    const test = sparse(1, [[0, 2]]);
    const options = { k: 1, metrics: ["hr"] as const };
    const excluded = sparse(1, [
      [0, 0],
      [0, 1],
    ]);
    const scores = sameScores(1, falling);
    expect((await evaluateUsers(scores, none, test, options)).values).toEqual({ "hr@1": Float64Array.of(0) });
    expect((await evaluateUsers(scores, none, test, { ...options, excluded })).values).toEqual({
      "hr@1": Float64Array.of(1),
    });
  });

  it("takes scores with more users than the test has (bots)", async () => {
    const test = sparse(2, [[1, 0]]);
    const result = await evaluateUsers(sameScores(5, falling), sparse(5, [[4, 0]]), test, { k: 1 });
    expect(result.users).toEqual(Uint32Array.of(1));
    expect(result.values["hr@1"]).toEqual(Float64Array.of(1));
  });

  it("gives empty columns when nobody has a test item, and zeros when all is seen", async () => {
    const nobody = await evaluateUsers(sameScores(2, falling), sparse(2, []), sparse(2, []));
    expect(nobody.values["ndcg@5"]).toEqual(new Float64Array(0));
    const all = sparse(
      1,
      falling.map((_, item) => [0, item] as const),
    );
    const { values } = await evaluateUsers(sameScores(1, falling), all, sparse(1, [[0, 3]]));
    for (const column of Object.values(values)) expect(column).toEqual(Float64Array.of(0));
  });

  it("equals a full sort on any scores, of factors and of rows, over several blocks", async () => {
    const pair = fc.tuple(fc.nat(8), fc.nat(ITEMS - 1));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 9 * ITEMS, maxLength: 9 * ITEMS }),
        fc.array(pair, { maxLength: 25 }),
        fc.array(pair, { maxLength: 25 }),
        fc.integer({ min: 1, max: 8 }),
        async (table, seenPairs, testPairs, k) => {
          const seen = sparse(9, seenPairs);
          const test = sparse(9, testPairs);
          const scores: Scores = {
            kind: "rows",
            users: 9,
            items: ITEMS,
            fill: (start, end, out) => out.set(table.slice(start * ITEMS, end * ITEMS)),
          };
          const { users, values } = await evaluateUsers(scores, seen, test, { k });
          for (const [index, user] of users.entries()) {
            const has = (pairs: [number, number][], item: number) =>
              pairs.some(([u, i]) => u === user && i === item);
            const ranked = Array.from({ length: ITEMS }, (_, item) => item)
              .filter((item) => !has(seenPairs, item))
              .sort((a, b) => table[user * ITEMS + b]! - table[user * ITEMS + a]! || a - b);
            const hits = ranked.slice(0, k).map((item) => (has(testPairs, item) ? 1 : 0));
            const testItems = new Set(testPairs.filter(([u]) => u === user).map(([, item]) => item)).size;
            expect(values[`paper.map@${k}`]![index]).toBe(METRICS["paper.map"].value(hits, testItems, k));
            expect(values[`ndcg@${k}`]![index]).toBe(METRICS.ndcg.value(hits, testItems, k));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("evaluates over block borders as within one block", async () => {
    // 2^18 scores a block: with 2^17 items two users a block.
    const items = 2 ** 17;
    const itemFactors = Float32Array.from({ length: items }, (_, item) => -item);
    const users = 5;
    const scores: Scores = {
      kind: "factors",
      users,
      items,
      rank: 1,
      userFactors: Float32Array.of(1, -1, 1, -1, 1),
      itemFactors,
    };
    const rows = Uint32Array.of(0, 1, 3, 4);
    const test = sparseFromPairs(users, items, rows, Uint32Array.of(0, items - 1, 0, 0));
    const none = sparseFromPairs(users, items, new Uint32Array(0), new Uint32Array(0));
    const { users: found, values } = await evaluateUsers(scores, none, test, { k: 1 });
    expect(found).toEqual(rows);
    expect(values["hr@1"]).toEqual(Float64Array.of(1, 1, 0, 1));
  });

  it("stops when told to", async () => {
    const signal = AbortSignal.abort();
    const run = evaluateUsers(sameScores(1, falling), sparse(1, []), sparse(1, [[0, 0]]), { signal });
    await expect(run).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("refuses shapes that do not fit and a k below 1", async () => {
    const test = sparse(3, [[0, 0]]);
    await expect(evaluateUsers(sameScores(2, falling), test, test)).rejects.toThrow(/3 x 7/);
    await expect(evaluateUsers(sameScores(3, [1]), test, test)).rejects.toThrow(RangeError);
    await expect(evaluateUsers(sameScores(3, falling), test, test, { k: 0 })).rejects.toThrow(/k is 0/);
  });
});
