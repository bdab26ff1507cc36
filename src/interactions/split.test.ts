import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Interactions, interactionsFromPairs } from "./interactions.ts";
import { mergeInteractions, splitInteractions } from "./split.ts";

const anyInteractions = fc
  .uniqueArray(fc.tuple(fc.nat(9), fc.nat(12)), { minLength: 1, maxLength: 80, selector: String })
  .map((pairs) => interactionsFromPairs(pairs.map(([user, item]) => [`u${user}`, `i${item}`])));

const anyShares = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([test, rest]) => ({ test, validation: (1 - test) * rest }));

function pairs({ users, items, matrix }: Interactions): string[] {
  const found: string[] = [];
  for (let user = 0; user < matrix.rows; user++) {
    for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
      found.push(`${users.at(user)} ${items.at(matrix.indices[entry]!)} ${matrix.values[entry]}`);
    }
  }
  return found;
}

describe("splitInteractions", () => {
  it.each(["global", "user"] as const)(
    "cuts by %s into parts that are disjoint and together everything",
    (by) => {
      fc.assert(
        fc.property(anyInteractions, anyShares, fc.integer(), (log, shares, seed) => {
          const { train, validation, test } = splitInteractions(log, { ...shares, by, seed });
          const parts = [train, validation, test].flatMap(pairs);
          expect(parts.sort()).toEqual(pairs(log).sort());
          for (const part of [train, validation, test]) {
            expect(part.users).toBe(log.users);
            expect(part.items).toBe(log.items);
          }
        }),
      );
    },
  );

  it("gives 5:2:3 in exact counts", () => {
    const log = interactionsFromPairs(
      Array.from({ length: 1000 }, (_, index) => [`u${index % 37}`, `i${index}`]),
    );
    const parts = splitInteractions(log, { train: 0.5, validation: 0.2, test: 0.3, seed: 1 });
    expect([parts.train.size, parts.validation.size, parts.test.size]).toEqual([500, 200, 300]);
  });

  it("leaves out what the shares don't claim", () => {
    const log = interactionsFromPairs(Array.from({ length: 10 }, (_, index) => ["u", `i${index}`]));
    const parts = splitInteractions(log, { train: 0.5, test: 0.3, seed: 1 });
    expect([parts.train.size, parts.validation.size, parts.test.size]).toEqual([5, 0, 3]);
  });

  it("keeps something of everyone in train when it splits by user", () => {
    fc.assert(
      fc.property(anyInteractions, anyShares, fc.integer(), (log, shares, seed) => {
        fc.pre(shares.test + shares.validation < 1);
        const { train } = splitInteractions(log, { ...shares, by: "user", seed });
        expect(train.userCounts().every((count) => count > 0)).toBe(true);
      }),
    );
  });

  it("splits each user's own interactions in the given ratio", () => {
    const log = interactionsFromPairs(
      Array.from({ length: 400 }, (_, index) => [`u${index % 20}`, `i${Math.floor(index / 20)}`]),
    );
    const { train, validation, test } = splitInteractions(log, {
      validation: 0.2,
      test: 0.3,
      by: "user",
      seed: 3,
    });
    expect(train.userCounts()).toEqual(new Uint32Array(20).fill(10));
    expect(validation.userCounts()).toEqual(new Uint32Array(20).fill(4));
    expect(test.userCounts()).toEqual(new Uint32Array(20).fill(6));
  });

  it("draws every interaction into test equally often", () => {
    const log = interactionsFromPairs(
      Array.from({ length: 10 }, (_, index) => [`u${index % 3}`, `i${index}`]),
    );
    const hits = new Map<string, number>();
    for (let seed = 0; seed < 2000; seed++) {
      for (const pair of pairs(splitInteractions(log, { test: 0.3, seed }).test)) {
        hits.set(pair, (hits.get(pair) ?? 0) + 1);
      }
    }
    // 600 expected, standard deviation 20.5.
    for (const pair of pairs(log)) expect(Math.abs(hits.get(pair)! - 600)).toBeLessThan(90);
  });

  it("is the same for the same seed, another for another", () => {
    const log = interactionsFromPairs(
      Array.from({ length: 100 }, (_, index) => [`u${index % 7}`, `i${index}`]),
    );
    const test = (seed: number) => pairs(splitInteractions(log, { test: 0.3, seed }).test);
    expect(test(1)).toEqual(test(1));
    expect(test(1)).not.toEqual(test(2));
  });

  it.each([{ test: 1.1 }, { test: -0.1 }, { test: Number.NaN }, { train: 0.8, test: 0.3 }])(
    "refuses the shares %o",
    (shares) => {
      const log = interactionsFromPairs([["u", "i"]]);
      expect(() => splitInteractions(log, { ...shares, seed: 1 })).toThrow(RangeError);
    },
  );
});

describe("mergeInteractions", () => {
  it("puts a split together again, weights included", () => {
    fc.assert(
      fc.property(anyInteractions, anyShares, (log, shares) => {
        const weighted = log.withWeights(Float32Array.from({ length: log.size }, (_, index) => index + 1));
        const { train, validation, test } = splitInteractions(weighted, { ...shares, seed: 1 });
        const merged = mergeInteractions(mergeInteractions(train, validation), test);
        expect(merged.matrix).toEqual(weighted.matrix);
      }),
    );
  });

  it("keeps the left weight of a pair in both", () => {
    const log = interactionsFromPairs([["u", "i"]]);
    const heavy = log.withWeights(Float32Array.of(3));
    expect(mergeInteractions(heavy, log).matrix.values).toEqual(Float32Array.of(3));
  });

  it("refuses interactions over other ids", () => {
    const log = () => interactionsFromPairs([["u", "i"]]);
    expect(() => mergeInteractions(log(), log())).toThrow(RangeError);
  });
});
