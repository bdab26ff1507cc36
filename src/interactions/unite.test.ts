import fc from "fast-check";
import { expect, it } from "vitest";
import { type Interactions, interactionsFromPairs } from "./interactions.ts";
import { onIds, overSameIds, without } from "./unite.ts";

const anyLog = fc
  .uniqueArray(fc.tuple(fc.nat(9), fc.nat(12)), { minLength: 1, maxLength: 60, selector: String })
  .map((pairs) => interactionsFromPairs(pairs.map(([user, item]) => [`u${user}`, `i${item}`])))
  .map((log) => log.withWeights(Float32Array.from({ length: log.size }, (_, entry) => entry + 1)));

/** Every interaction as a text, in an order of its own. */
function triples({ users, items, matrix }: Interactions): string[] {
  return [...users]
    .flatMap((user, row) =>
      Array.from({ length: matrix.offsets[row + 1]! - matrix.offsets[row]! }, (_, index) => {
        const entry = matrix.offsets[row]! + index;
        return `${user} ${items.at(matrix.indices[entry]!)} ${matrix.values[entry]}`;
      }),
    )
    .sort();
}

it("keeps every interaction of both and puts both on one table", () => {
  fc.assert(
    fc.property(anyLog, anyLog, (first, second) => {
      const united = overSameIds(first, second);
      expect(united.map(triples)).toEqual([first, second].map(triples));
      expect(united[0].users).toBe(united[1].users);
      expect(united[0].items).toBe(united[1].items);
      expect([...united[0].users].slice(0, first.users.size)).toEqual([...first.users]);
      expect([...united[0].items].slice(0, first.items.size)).toEqual([...first.items]);
      expect(new Set(united[0].users)).toEqual(new Set([...first.users, ...second.users]));
      expect(united[0].matrix.indices).toEqual(first.matrix.indices);
    }),
  );
});

it("takes out the pairs that others have, whatever their weights", () => {
  fc.assert(
    fc.property(anyLog, anyLog, (first, second) => {
      const [left, right] = overSameIds(first, second);
      const pairs = (log: Interactions) => triples(log).map((triple) => triple.replace(/ \d+$/, ""));
      const taken = new Set(pairs(right));
      expect(pairs(without(left, right))).toEqual(pairs(left).filter((pair) => !taken.has(pair)));
    }),
  );
});

it("refuses a table that lacks an id", () => {
  const [first, second] = [interactionsFromPairs([["a", "x"]]), interactionsFromPairs([["b", "x"]])];
  expect(() => onIds(first, second.users, second.items)).toThrow('no position for the id "a"');
});
