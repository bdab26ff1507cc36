import { describe, expect, it } from "vitest";
import { someRows } from "../linalg/sparse.ts";
import { randomFor, shuffle } from "../random.ts";
import { staleness } from "./staleness.ts";

/** Users with 1 to 60 interactions, of whom some have many verdicts changed and most none. */
function population(users: number, seed: number) {
  const random = randomFor(seed, "population");
  const offsets = new Uint32Array(users + 1);
  const changed: number[] = [];
  for (let user = 0; user < users; user++) {
    const size = 1 + random.below(60);
    offsets[user + 1] = offsets[user]! + size;
    const rate = random.uniform() < 0.2 ? random.uniform() * 0.2 : 0.001;
    for (let entry = 0; entry < size; entry++) changed.push(random.uniform() < rate ? 1 : 0);
  }
  const noise = Uint8Array.from(changed, () => (random.uniform() < 0.8 ? 1 : 0));
  const matrix = {
    ...{ rows: users, columns: 60, offsets, values: new Float32Array(changed.length) },
    indices: Uint32Array.from(changed, (_, entry) => entry % 60),
  };
  const share = changed.reduce((sum, each) => sum + each, 0) / changed.length;
  return { kept: { matrix, noise }, after: noise.map((flag, entry) => flag ^ changed[entry]!), share };
}

function freshOf({ kept, after }: ReturnType<typeof population>, checked: Uint32Array) {
  const { offsets } = kept.matrix;
  const noise = Array.from(checked, (user) => [...after.subarray(offsets[user], offsets[user + 1])]).flat();
  return { matrix: someRows(kept.matrix, checked), noise: Uint8Array.from(noise) };
}

describe("staleness", () => {
  it("is exact where everyone is checked", () => {
    const all = population(300, 1);
    const users = Uint32Array.from({ length: 300 }, (_, user) => user);
    expect(staleness(all.kept, users, freshOf(all, users), users)).toEqual({
      ...{ users: 300, checked: 300, share: all.share, atMost: all.share },
    });
    expect(
      staleness(all.kept, users.subarray(0, 0), freshOf(all, users.subarray(0, 0)), users.subarray(0, 0)),
    ).toEqual({
      ...{ users: 0, checked: 0, share: 0, atMost: 0 },
    });
  });

  it("bounds the share of all from some of them, in 95% of the cases or more", () => {
    const all = population(3000, 2);
    const users = Uint32Array.from({ length: 3000 }, (_, user) => user);
    let held = 0;
    let sum = 0;
    for (let draw = 0; draw < 400; draw++) {
      const drawn = users.slice();
      shuffle(drawn, randomFor(draw, "draw"));
      const checked = drawn.subarray(0, 200).sort();
      const { share, atMost } = staleness(all.kept, checked, freshOf(all, checked), users);
      sum += share;
      if (atMost >= all.share) held++;
      expect(atMost).toBeLessThan(4 * all.share);
    }
    expect(sum / 400).toBeCloseTo(all.share, 3);
    expect(held / 400).toBeGreaterThan(0.95);
  });

  it("does not take nothing found for nothing there", () => {
    const all = population(1000, 3);
    const users = Uint32Array.from({ length: 1000 }, (_, user) => user);
    const same = { ...all, after: all.kept.noise };
    const checked = users.subarray(0, 100);
    expect(staleness(all.kept, checked, freshOf(same, checked), users)).toMatchObject({
      share: 0,
      atMost: 0.03,
    });
  });
});
