import { createHash } from "node:crypto";
import { interactionsFromPairs, type LeastSquaresSolver, synthesize, Wrmf } from "prorec";
import { describe, expect, it } from "vitest";

/** Large enough for threads to start. */
const clicks = interactionsFromPairs(pairs());

function* pairs(): Generator<[string, string]> {
  const log = synthesize({ users: 9000, items: 3000, interactions: 150_000, noise: 0.1, seed: 1 });
  for (const { firstUser, offsets, items } of log.blocks()) {
    for (let user = 0; user < offsets.length - 1; user++) {
      for (const item of items.subarray(offsets[user], offsets[user + 1]))
        yield [`${firstUser + user}`, `${item}`];
    }
  }
}

async function digest(threads: number, solver: LeastSquaresSolver) {
  const model = await new Wrmf({ factors: 128, iterations: solver === "cg" ? 10 : 2, solver }).fit(clicks, {
    threads,
  });
  const hash = createHash("sha256");
  for (const array of Object.values(model.learned))
    hash.update(Uint8Array.from(new Uint8Array(array.buffer)));
  return hash.digest("hex");
}

describe.each(["cg", "cholesky"] as const)("WRMF by %s, 12,000 rows", (solver) => {
  it("has the same bits for any number of threads", async () => {
    const own = await digest(1, solver);
    for (const threads of [2, 3, 7]) expect(await digest(threads, solver)).toBe(own);
  });
});
