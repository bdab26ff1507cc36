import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findEntry, type SparseMatrix } from "../linalg/sparse.ts";
import { type Corrupted, corrupt, NOISE_KINDS, type NoiseKind } from "./corrupt.ts";
import { type Interactions, interactionsFromPairs } from "./interactions.ts";
import { splitInteractions } from "./split.ts";

const KINDS = Object.keys(NOISE_KINDS) as NoiseKind[];

/** 60 users x 80 items; user u has 1 + u % 20 items, low positions far more often. */
function sampleLog(): Interactions {
  const pairs: [string, string][] = Array.from({ length: 80 }, (_, item) => ["u0", `i${item}`]);
  for (let user = 1; user < 60; user++) {
    for (let click = 0; click <= user % 20; click++)
      pairs.push([`u${user}`, `i${(click * (user % 4)) % 80}`]);
  }
  return interactionsFromPairs(pairs);
}

/** [user, item, was injected] of every interaction of the noisy log. */
function rowsOf({ interactions, noise }: Corrupted): [number, number, boolean][] {
  const { matrix } = interactions;
  return Array.from({ length: matrix.rows }, (_, user) =>
    Array.from(
      matrix.indices.subarray(matrix.offsets[user], matrix.offsets[user + 1]),
      (item, index): [number, number, boolean] => [user, item, noise[matrix.offsets[user]! + index] === 1],
    ),
  ).flat();
}

describe.each(KINDS)("corrupt: %s", (kind) => {
  it("injects exactly the asked share, never a real pair, and flags it", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 0.5, noNaN: true }), (seed, rate) => {
        const { train, test } = splitInteractions(sampleLog(), { test: 0.3, seed });
        const result = corrupt(train, { kind, rate, seed, avoid: test });
        const count = Math.round(rate * train.size);
        const rows = rowsOf(result);
        const injected = rows.filter(([, , injected]) => injected).length;
        const removed = result.removed?.indices.length ?? 0;
        if (kind === "merged") expect(injected).toBeLessThanOrEqual(count);
        else {
          expect(injected).toBe(count);
          expect(removed).toBe(kind === "replace" ? count : 0);
        }
        expect(result.interactions.size).toBe(train.size + injected - removed);
        expect(result.interactions.matrix.values.every((value) => value === 1)).toBe(true);
        const stands = (matrix: SparseMatrix, user: number, item: number) =>
          user < matrix.rows && findEntry(matrix, user, item) >= 0;
        const wrong = rows.filter(
          ([user, item, injected]) =>
            injected === stands(train.matrix, user, item) || stands(test.matrix, user, item),
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it("gives the same bits for the same seed", () => {
    const run = (seed: number) => corrupt(sampleLog(), { kind, rate: 0.2, seed }).interactions.matrix;
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });

  it("changes nothing at rate 0", () => {
    const log = sampleLog();
    const { interactions, noise } = corrupt(log, { kind, rate: 0, seed: 1 });
    expect(interactions.matrix).toEqual(log.matrix);
    expect(noise.includes(1)).toBe(false);
  });

  it("keeps the weights of what was there", () => {
    const log = sampleLog().withWeights(Float32Array.from({ length: sampleLog().size }, () => 7));
    const { interactions, noise } = corrupt(log, { kind, rate: 0.1, seed: 1 });
    expect(interactions.matrix.values).toEqual(Float32Array.from(noise, (flag) => (flag === 1 ? 1 : 7)));
  });

  it.each([-0.1, 1.5, Number.NaN])("refuses the rate %d", (rate) => {
    expect(() => corrupt(sampleLog(), { kind, rate, seed: 1 })).toThrow(RangeError);
  });
});

describe("what each kind of noise looks like", () => {
  const counted = (kind: NoiseKind, repeats: number) => {
    const log = sampleLog();
    const users = new Float64Array(log.users.size);
    const items = new Float64Array(log.items.size);
    for (let seed = 0; seed < repeats; seed++) {
      for (const [user, item, injected] of rowsOf(corrupt(log, { kind, rate: 0.05, seed }))) {
        if (!injected) continue;
        users[user]!++;
        items[item]!++;
      }
    }
    return { log, users, items };
  };
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

  it("add: users in proportion to their clicks, nobody beyond the items that are free", () => {
    const { log, users } = counted("add", 400);
    expect(users[0]).toBe(0); // u0 has seen everything
    const counts = log.userCounts();
    const busy = users.filter((_, user) => user > 0 && counts[user]! >= 10);
    const quiet = users.filter((_, user) => user > 0 && counts[user]! < 10);
    const share = sum(counts.filter((count, user) => user > 0 && count >= 10)) / (log.size - counts[0]!);
    expect(Math.abs(sum(busy) / (sum(busy) + sum(quiet)) - share)).toBeLessThan(0.02);
  });

  it("popular: popular items far more often than add does", () => {
    const top = (kind: NoiseKind) => {
      const { log, items } = counted(kind, 100);
      const popularity = log.itemCounts();
      return sum(items.filter((_, item) => popularity[item]! > 10)) / sum(items);
    };
    expect(top("popular")).toBeGreaterThan(3 * top("add"));
  });

  it("replace: everyone keeps the number of interactions, the removed pairs are gone", () => {
    const log = sampleLog();
    const { interactions, removed } = corrupt(log, { kind: "replace", rate: 0.3, seed: 2 });
    expect(interactions.userCounts()).toEqual(log.userCounts());
    expect(removed!.indices).toHaveLength(Math.round(0.3 * log.size));
    for (let user = 0; user < log.users.size; user++) {
      const gone = removed!.indices.subarray(removed!.offsets[user], removed!.offsets[user + 1]);
      expect(gone.every((item) => findEntry(log.matrix, user, item) >= 0)).toBe(true);
      expect(gone.every((item) => findEntry(interactions.matrix, user, item) < 0)).toBe(true);
    }
  });

  it("bots: new users behind the old ones under ids that were free, all noise theirs", () => {
    const log = interactionsFromPairs([
      ["bot-2", "i1"],
      ...Array.from({ length: 39 }, (_, index): [string, string] => [`u${index}`, `i${index % 8}`]),
    ]);
    const result = corrupt(log, { kind: "bots", rate: 0.5, seed: 1 });
    // 20 clicks on 8 items, at most 4 a bot.
    expect([...result.interactions.users].slice(40)).toEqual(["bot-1", "bot-3", "bot-4", "bot-5", "bot-6"]);
    expect(result.interactions.userCounts().slice(40)).toEqual(Uint32Array.of(4, 4, 4, 4, 4));
    for (const [user, , injected] of rowsOf(result)) expect(injected).toBe(user >= 40);
  });

  it("bursts: a few items only", () => {
    const items = new Set<number>();
    const result = corrupt(sampleLog(), { kind: "bursts", rate: 0.1, seed: 4 });
    for (const [, item, injected] of rowsOf(result)) if (injected) items.add(item);
    expect(items.size).toBeLessThanOrEqual(4);
  });

  it("merged: whole accounts end in others, and nothing else changes", () => {
    const log = sampleLog();
    const { interactions, removed, accounts } = corrupt(log, { kind: "merged", rate: 0.4, seed: 1 });
    const before = log.userCounts();
    const after = interactions.userCounts();
    const ended = [...accounts!.keys()].filter((user) => accounts![user] !== user);
    expect(ended.length).toBeGreaterThan(3);
    for (const [user, account] of accounts!.entries()) {
      expect(accounts![account]).toBe(account);
      const gone = removed!.offsets[user + 1]! - removed!.offsets[user]!;
      expect(gone).toBe(account === user ? 0 : before[user]);
      if (account !== user) expect(after[user]).toBe(0);
      for (const item of log.matrix.indices.subarray(
        log.matrix.offsets[user],
        log.matrix.offsets[user + 1],
      )) {
        expect(findEntry(interactions.matrix, account, item)).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it.each(["add", "popular", "replace", "bursts"] as const)("%s: says so when there is no room", (kind) => {
    const full = interactionsFromPairs([
      ["u1", "i1"],
      ["u1", "i2"],
      ["u2", "i1"],
      ["u2", "i2"],
    ]);
    expect(() => corrupt(full, { kind, rate: 0.5, seed: 1 })).toThrow(/room for 0/);
  });
});
