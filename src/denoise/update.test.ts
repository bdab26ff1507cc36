import { beforeAll, describe, expect, it } from "vitest";
import { type Interactions, interactionsFromPairs } from "../interactions/interactions.ts";
import { synthesize } from "../interactions/synthesize.ts";
import { overSameIds } from "../interactions/unite.ts";
import { findEntry } from "../linalg/sparse.ts";
import { createModel, type ModelName } from "../models/models.ts";
import type { FactorScores } from "../scores.ts";
import { updatedColumns } from "../transport/column-update.ts";
import { popularityMarginals } from "../transport/marginals.ts";
import { columnSumsOf, matchInteractions } from "../transport/match.ts";
import { denoise } from "./prorec.ts";
import { update } from "./update.ts";

const SIZES = { users: 120, items: 80, interactions: 2400, noise: 0, seed: 3 };
let pairs: [string, string][];
beforeAll(() => {
  const log = synthesize(SIZES);
  pairs = [];
  for (const { firstUser, offsets, items } of log.blocks()) {
    for (let user = 0; user < offsets.length - 1; user++) {
      for (const item of items.subarray(offsets[user], offsets[user + 1])) {
        pairs.push([log.userId(firstUser + user), log.itemId(item)]);
      }
    }
  }
});

async function runOn(base: Interactions, name: ModelName, settings = {}) {
  const options = name === "wrmf" ? { factors: 6 } : { factors: 6, iterations: 20 };
  const model = createModel(name, options);
  const fitted = await model.fit(base);
  return { fitted, denoised: await denoise(base, { model, fitted, ...settings }) };
}

/** Base without the last users and without some items and rows; what is missing comes as the update. */
function cut() {
  const isNew = ([user, item]: [string, string], index: number) =>
    user >= "u000110" || item === "item-0007" || item === "item-0033" || index % 97 === 0;
  const base = interactionsFromPairs(pairs.filter((pair, index) => !isNew(pair, index)));
  return { base, fresh: interactionsFromPairs(pairs.filter(isNew)) };
}

describe.each<ModelName>(["svd", "nce-plrec", "wrmf"])("%s", (name) => {
  it("gives an item that comes with another one's users the same factors", async () => {
    const base = interactionsFromPairs(pairs);
    const run = await runOn(base, name);
    const [, twin] = pairs[200]!;
    const fresh = interactionsFromPairs(
      pairs.filter(([, item]) => item === twin).map(([user]) => [user, "the twin"]),
    );
    const { fitted, figures } = await update(run, fresh);
    expect(figures.added).toEqual({ users: 0, items: 1, interactions: fresh.size });
    for (const factors of ["itemFactors", "projection"]) {
      const rows = fitted.learned[factors] as Float32Array | undefined;
      if (rows === undefined) continue;
      const rank = rows.length / fitted.interactions.items.size;
      const row = (item: string) => {
        const at = fitted.interactions.items.indexOf(item) * rank;
        return Array.from(rows.subarray(at, at + rank));
      };
      const size = Math.hypot(...row(twin));
      const apart = Math.hypot(...row(twin).map((value, k) => value - row("the twin")[k]!));
      expect(apart / size, factors).toBeLessThan(name === "wrmf" ? 0.2 : 0.02); // WRMF's sweeps end before the optimum
    }
  });

  it.each(["relaxed", "item-side", "user-side"] as const)(
    "labels the touched users as a transport (%s) of everyone does, and says what it would change for the others",
    async (transport) => {
      const { base, fresh } = cut();
      const run = await runOn(base, name, { transport });
      const { fitted, denoised, figures } = await update(run, fresh);
      const { input, settings } = denoised;
      const all = await matchInteractions(fitted.scores, input.matrix, popularityMarginals(input.matrix), {
        gamma: settings.gamma,
        side: transport,
        threshold: "personal",
      });
      const [known] = overSameIds(base, fresh);
      let differing = 0;
      let others = 0;
      for (let user = 0; user < input.users.size; user++) {
        const [from, to] = [input.matrix.offsets[user]!, input.matrix.offsets[user + 1]!];
        const touched = to - from !== known.matrix.offsets[user + 1]! - known.matrix.offsets[user]!;
        for (let entry = from; entry < to; entry++) {
          if (touched) {
            expect(denoised.matching.match[entry]!).toBeCloseTo(all.match[entry]!, 5);
            continue;
          }
          const before = findEntry(run.denoised.input.matrix, user, input.matrix.indices[entry]!);
          expect(denoised.matching.match[entry]).toBe(run.denoised.matching.match[before]);
          expect(denoised.weights[entry]).toBe(run.denoised.weights[before]);
          others++;
          const verdict = all.match[entry]! < all.threshold[user]! ? 1 : 0;
          if (verdict !== denoised.noise[entry]) differing++;
        }
      }
      expect(input.size).toBe(base.size + fresh.size);
      expect(figures).toMatchObject({
        known: 0,
        added: { users: 10, items: 2, interactions: fresh.size },
        growth: fresh.size / input.size,
      });
      expect(figures.rescored.users + figures.others.users).toBe(120);
      expect(figures.others.share).toBeCloseTo(differing / others, 10);
    },
  );
});

it("takes the changed rows out of the items' sums and puts them back in, whatever dominates them", async () => {
  const [users, items, rank] = [300, 40, 3];
  const numbers = (count: number, seed: number) =>
    Float32Array.from({ length: count }, (_, at) => ((Math.imul(at + seed, 0x9e3779b1) >>> 8) % 1000) / 300);
  const old: FactorScores = {
    ...{ kind: "factors", users, items: items - 4, rank, userFactors: numbers(users * rank, 1) },
    itemFactors: numbers((items - 4) * rank, 2),
  };
  const itemFactors = numbers(items * rank, 2);
  itemFactors.set(old.itemFactors);
  const userFactors = new Float32Array((users + 5) * rank);
  userFactors.set(old.userFactors);
  const changed = Uint32Array.of(3, 4, 90, 299, 300, 301, 302, 303, 304);
  for (const user of changed) userFactors.set(numbers(rank, 7 * user), user * rank);
  const now: FactorScores = { ...old, users: users + 5, items, userFactors, itemFactors };
  const options = { gamma: 0.4 };
  const { columns, anew } = await updatedColumns(
    await columnSumsOf(old, options),
    old,
    now,
    changed,
    options,
  );
  const full = await columnSumsOf(now, options);
  for (let item = 0; item < items; item++) {
    const ratio =
      (columns.sums[item]! / full.sums[item]!) * 2 ** (columns.exponents[item]! - full.exponents[item]!);
    expect(Math.abs(ratio - 1)).toBeLessThan(1e-5);
  }
  expect(anew).toBeGreaterThanOrEqual(4);
});

it("changes nothing for rows that the run has already", async () => {
  const base = interactionsFromPairs(pairs);
  const run = await runOn(base, "svd");
  const { denoised, figures } = await update(run, interactionsFromPairs(pairs.slice(50, 90)));
  expect(figures).toMatchObject({
    known: 40,
    growth: 0,
    rescored: { users: 0, interactions: 0, changed: 0 },
  });
  expect(figures.others).toMatchObject({ users: 120, checked: 120, share: 0, atMost: 0 });
  expect(denoised.weights).toEqual(run.denoised.weights);
});

it.each<[ModelName, object, string]>([
  ["ease", {}, "--model ease, which takes no new items"],
  ["popularity", {}, "--model popularity, which takes no new items"],
  ["svd", { transport: "sinkhorn", gamma: 0.5 }, "--transport sinkhorn, whose plan is one for everyone"],
])("refuses %s %j by its name", async (name, settings, says) => {
  const base = interactionsFromPairs(pairs);
  const model = createModel(name);
  const fitted = await model.fit(base);
  const run = { fitted, denoised: await denoise(base, { model, fitted, ...settings }) };
  await expect(update(run, base)).rejects.toMatchObject({
    code: "UNSUPPORTED_FORMAT",
    message: expect.stringContaining(says),
  });
});
