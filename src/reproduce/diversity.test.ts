import fc from "fast-check";
import { expect, it } from "vitest";
import { interactionsFromPairs } from "../interactions/interactions.ts";
import { genreDiversity, itemDiversity } from "./diversity.ts";

it("is 1 - the mean cosine over pairs of the user's items", () => {
  const pair = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 7 }));
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 40 }), (pairs) => {
      const log = interactionsFromPairs(pairs.map(([user, item]) => [`u${user}`, `i${item}`] as const));
      const usersOf = new Map<string, Set<string>>();
      const itemsOf = new Map<string, Set<string>>();
      for (const [user, item] of pairs.map(([user, item]) => [`u${user}`, `i${item}`] as const)) {
        usersOf.set(item, (usersOf.get(item) ?? new Set()).add(user));
        itemsOf.set(user, (itemsOf.get(user) ?? new Set()).add(item));
      }
      const found = itemDiversity(log);
      for (const [user, items] of itemsOf) {
        const cosines: number[] = [];
        for (const left of items) {
          for (const right of items) {
            if (left >= right) continue;
            const [a, b] = [usersOf.get(left)!, usersOf.get(right)!];
            cosines.push([...a].filter((each) => b.has(each)).length / Math.sqrt(a.size * b.size));
          }
        }
        const expected = 1 - cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
        if (cosines.length === 0) expect(found[log.users.indexOf(user)]).toBeNaN();
        else expect(found[log.users.indexOf(user)]).toBeCloseTo(expected, 10);
      }
    }),
  );
});

it("counts genres as if all were as frequent", () => {
  const log = interactionsFromPairs([
    ["one", "a"],
    ["one", "b"],
    ["two", "a"],
    ["two", "c"],
  ]);
  const film = (...genres: string[]) => ({ title: "", genres });
  const films = new Map([
    ["a", film("War")],
    ["b", film("War")],
    ["c", film("Drama")],
  ]);
  const [one, two] = genreDiversity(log, films);
  expect(one).toBeCloseTo(1, 12);
  expect(two).toBeCloseTo(2, 12);
});
