import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sparseFromPairs } from "../linalg/sparse.ts";
import { ML_100K_SHAPE, type SynthesizeOptions, synthesize } from "./synthesize.ts";
import type { SyntheticShape } from "./synthetic-plan.ts";

const ratings = "../shared/data/ml-100k/u.data";
const missing = !existsSync(ratings);

/** All rows of a generated log. */
function rowsOf(options: SynthesizeOptions, shape?: SyntheticShape) {
  const users: number[] = [];
  const items: number[] = [];
  const noise: number[] = [];
  for (const block of synthesize(options, shape).blocks()) {
    for (let user = 0; user < block.offsets.length - 1; user++) {
      for (let row = block.offsets[user]!; row < block.offsets[user + 1]!; row++) {
        users.push(block.firstUser + user);
        items.push(block.items[row]!);
        noise.push(block.noise[row]!);
      }
    }
  }
  return { users, items, noise };
}

function counts(values: readonly number[], length: number): number[] {
  const counted = new Array<number>(length).fill(0);
  for (const value of values) counted[value]!++;
  return counted;
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((left, right) => left - right)[Math.floor(share * (values.length - 1))]!;
}

/** Shapes that a log can have, dense and tight ones among them. */
const anyShape = fc
  .record({
    users: fc.integer({ min: 1, max: 40 }),
    items: fc.integer({ min: 1, max: 40 }),
    fill: fc.double({ min: 0, max: 1, noNaN: true }),
    noise: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.6, noNaN: true })),
    seed: fc.integer(),
  })
  .map(({ users, items, fill, noise, seed }) => {
    const least = Math.max(users, items);
    return { users, items, interactions: Math.round(least + fill * (users * items - least)), noise, seed };
  })
  .filter(({ items, interactions, noise }) => interactions - Math.round(noise * interactions) >= items);

describe("synthesize", () => {
  it("has exactly the asked rows, no pair twice, every user and every item, and the asked noise", () => {
    fc.assert(
      fc.property(anyShape, (options) => {
        const { users, items, noise } = rowsOf(options);
        expect(users).toHaveLength(options.interactions);
        expect(new Set(users.map((user, row) => `${user} ${items[row]}`)).size).toBe(options.interactions);
        expect(new Set(users).size).toBe(options.users);
        const genuine = items.filter((_, row) => noise[row] === 0);
        expect(new Set(genuine).size).toBe(options.items);
        expect(items.length - genuine.length).toBe(Math.round(options.noise * options.interactions));
      }),
      { numRuns: 200 },
    );
  });

  it("spans several blocks of users and gives the same bits in every pass", () => {
    const options = { users: 2500, items: 300, interactions: 8_000, noise: 0.1, seed: 5 };
    const log = synthesize(options);
    const first = [...log.blocks()];
    expect(first.map((block) => block.firstUser)).toEqual([0, 1024, 2048]);
    expect([...log.blocks()]).toEqual(first);
    expect([...synthesize({ ...options, seed: 6 }).blocks()]).not.toEqual(first);
    const { users, items } = rowsOf(options);
    expect(users).toHaveLength(8_000);
    // Sorted by user, then item: what compressing the pairs gives back in the same order.
    const matrix = sparseFromPairs(2500, 300, Uint32Array.from(users), Uint32Array.from(items));
    expect([...matrix.indices]).toEqual(items);
  });

  it("plants noise that is uniform over items and proportional to the users' clicks", () => {
    const { users, items, noise } = rowsOf({
      users: 1000,
      items: 400,
      interactions: 40_000,
      noise: 0.25,
      seed: 3,
    });
    const genuine = Array.from({ length: 1000 }, () => new Set<number>());
    const planted = new Array<number>(1000).fill(0);
    for (const [row, user] of users.entries()) {
      if (noise[row] === 1) planted[user]!++;
      else genuine[user]!.add(items[row]!);
    }
    const popularity = counts(
      items.filter((_, row) => noise[row] === 0),
      400,
    );
    const popular = popularity.map((count) => count > quantile(popularity, 0.75));
    // A user's noise falls evenly on the items that taste left.
    const expected = planted.map((count, user) => {
      const free = popular.filter((isPopular, item) => isPopular && !genuine[user]!.has(item)).length;
      return (count * free) / (400 - genuine[user]!.size);
    });
    const found = items.filter((item, row) => noise[row] === 1 && popular[item]).length;
    expect(found / (1000 * average(expected))).toBeCloseTo(1, 1);
    const busy = planted.flatMap((count, user) =>
      count + genuine[user]!.size > 60 ? [count / (count + genuine[user]!.size)] : [],
    );
    expect(average(busy)).toBeCloseTo(0.25, 1);
  });

  it("clusters tastes: users agree far more unevenly than popularity alone would make them", () => {
    const unevenness = (shape: SyntheticShape) => {
      const options = { users: 200, items: 600, interactions: 8000, noise: 0, seed: 2 };
      const { users, items } = rowsOf(options, shape);
      const rows = Array.from({ length: 200 }, () => new Set<number>());
      for (const [row, user] of users.entries()) rows[user]!.add(items[row]!);
      const busy = rows.filter((own) => own.size > 30);
      const agreement = busy.flatMap((left, user) =>
        busy.slice(user + 1).map((right) => {
          const shared = [...left].filter((item) => right.has(item)).length;
          return shared / Math.sqrt(left.size * right.size);
        }),
      );
      const mean = average(agreement);
      return Math.sqrt(average(agreement.map((value) => (value - mean) ** 2))) / mean;
    };
    expect(unevenness(ML_100K_SHAPE)).toBeGreaterThan(1.5 * unevenness({ ...ML_100K_SHAPE, background: 1 }));
  });

  it("names users and items by stable ids that do not follow popularity", () => {
    const log = synthesize({ users: 2000, items: 1500, interactions: 60_000, noise: 0.1, seed: 1 });
    expect([log.userId(123), log.itemId(42)]).toEqual(["u000123", "item-0042"]);
    const large = synthesize({ users: 2, items: 20_001, interactions: 20_001, noise: 0, seed: 1 });
    expect([large.itemId(7), large.itemId(20_000)]).toEqual(["item-00007", "item-20000"]);
    const { items } = rowsOf(log);
    const popularity = counts(items, 1500);
    const half = (part: number[]) => part.reduce((sum, count) => sum + count, 0) / items.length;
    expect(half(popularity.slice(0, 750))).toBeCloseTo(0.5, 1);
  });

  it.skipIf(missing)(
    `has ML-100k's degree distributions at its shape${missing ? " (no ../shared)" : ""}`,
    () => {
      const liked = readFileSync(ratings, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split("\t"))
        .filter(([, , rating]) => Number(rating) >= 4);
      const real = (column: number) => {
        const counted = new Map<string, number>();
        for (const row of liked) counted.set(row[column]!, (counted.get(row[column]!) ?? 0) + 1);
        return [...counted.values()];
      };
      const log = rowsOf({ users: 942, items: 1447, interactions: 55_375, noise: 0, seed: 1 });
      const generated = [counts(log.users, 942), counts(log.items, 1447)];
      for (const side of [0, 1]) {
        for (const share of [0.25, 0.5, 0.75, 0.9, 0.95, 0.99]) {
          const ratio = quantile(generated[side]!, share) / quantile(real(side), share);
          expect(ratio).toBeGreaterThan(0.65);
          expect(ratio).toBeLessThan(1.55);
        }
      }
      const logs = real(0).map(Math.log);
      const mean = average(logs);
      expect(Math.sqrt(average(logs.map((log) => (log - mean) ** 2)))).toBeCloseTo(
        ML_100K_SHAPE.userSpread,
        3,
      );
    },
  );

  it.each([
    { users: 0, items: 5, interactions: 5, noise: 0 },
    { users: 5, items: 5, interactions: 26, noise: 0 },
    { users: 5, items: 5, interactions: 4, noise: 0 },
    { users: 2, items: 5, interactions: 5, noise: 0.5 },
    { users: 2, items: 2, interactions: 3.5, noise: 0 },
    { users: 2, items: 2, interactions: 3, noise: 1 },
    { users: 2, items: 2, interactions: 3, noise: Number.NaN },
  ])("refuses %o", (options) => {
    expect(() => synthesize({ ...options, seed: 1 })).toThrow(RangeError);
  });
});

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
