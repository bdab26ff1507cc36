import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findEntry } from "../linalg/sparse.ts";
import { corrupt, NOISE_KINDS, type NoiseKind } from "./corrupt.ts";
import { injectionInto } from "./injection.ts";
import { interactionsFromPairs } from "./interactions.ts";

const pairs = Array.from({ length: 40 }, (_, user) =>
  Array.from({ length: 1 + (user % 7) }, (_, click): [string, string] => [
    `u${user}`,
    `i${(user * 3 + click * 5) % 31}`,
  ]),
).flat();
const log = interactionsFromPairs(pairs);

/** What a pass over the log writes: genuine pairs with those that come after or instead of them. */
function written(kind: NoiseKind, seed: number) {
  const corrupted = corrupt(log, { kind, rate: 0.2, seed });
  const injection = injectionInto(log, corrupted, seed);
  const rows = pairs.map(([user, item]) => {
    const change = injection.changeOf(user, item);
    return { user, item, stays: !change?.instead, added: change?.pairs ?? [] };
  });
  return { corrupted, injection, rows };
}

describe.each(Object.keys(NOISE_KINDS) as NoiseKind[])("injectionInto: %s", (kind) => {
  it("gives every injected pair one place and so makes the noisy log", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { corrupted, injection, rows } = written(kind, seed);
        const { interactions: noisy, noise } = corrupted;
        const all = rows.flatMap(({ user, item, stays, added }) => [
          ...(stays ? [[user, item]] : []),
          ...added,
        ]);
        const expected = pairsOf(noisy);
        const distinct = new Set(all.map(String)); // two accounts may have clicked the same
        if (kind !== "merged") expect(all).toHaveLength(distinct.size);
        expect([...distinct].sort()).toEqual(expected.map(String).sort());
        expect(injection.pairs.map(String)).toEqual(
          expected.filter((_, entry) => noise[entry] === 1).map(String),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("puts a user's noise at the user's own rows, a new user's anywhere", () => {
    const { rows } = written(kind, 3);
    for (const { user, added } of rows) {
      if (kind === "merged") expect(added.length).toBeLessThanOrEqual(1);
      else for (const [other] of added) expect(other === user || other.startsWith("bot-")).toBe(true);
    }
  });

  it("is the same for the same seed", () => {
    expect(written(kind, 3).rows).toEqual(written(kind, 3).rows);
    expect(written(kind, 3).rows).not.toEqual(written(kind, 4).rows);
  });
});

it("replaces every row of a repeated pair, and adds after the first alone", () => {
  for (const kind of ["replace", "add"] as const) {
    const { injection, rows } = { ...written(kind, 1) };
    const changed = rows.find(({ added }) => added.length > 0)!;
    const again = injection.changeOf(changed.user, changed.item);
    expect(again).toEqual(kind === "replace" ? { instead: true, pairs: changed.added } : undefined);
  }
  expect(written("add", 1).injection.changeOf("nobody", "i1")).toBeUndefined();
});

function pairsOf({ users, items, matrix }: typeof log): [string, string][] {
  return [...users].flatMap((user, row) =>
    [...items]
      .map((item, column): [string, string, number] => [user, item, findEntry(matrix, row, column)])
      .filter(([, , entry]) => entry >= 0)
      .map(([user, item]): [string, string] => [user, item]),
  );
}
