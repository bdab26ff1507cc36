import fc from "fast-check";
import { expect, it } from "vitest";
import { flagsAt } from "../../denoise/calibrated/flags.ts";
import { interactionsFromPairs } from "../../interactions/interactions.ts";
import { atOnce } from "../../progress.ts";
import { probabilitiesOf } from "./probabilities.ts";

const input = interactionsFromPairs(
  Array.from({ length: 400 }, (_, at) => [`u${at % 23}`, `i${Math.floor(at / 23)}`] as const),
);

it("counts every click once, and its curve says what the flags cost", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: input.size, maxLength: input.size }),
      fc.integer({ min: 1, max: 9 }),
      (levels, tenths) => {
        const probability = Float32Array.from(levels, (level) => level / 1001);
        const noise = flagsAt(probability, tenths / 10);
        const accidents = { probability } as never;
        const found = atOnce(probabilitiesOf({ input, accidents, cautious: probability, noise }));
        const total = probability.reduce((sum, value) => sum + value, 0);
        for (const bins of [found.spread, found.popularity, found.activity]) {
          expect(bins.reduce((sum, { interactions }) => sum + interactions, 0)).toBe(input.size);
          expect(bins.reduce((sum, { accidents }) => sum + accidents, 0)).toBeCloseTo(total, 6);
        }
        const shares = found.discovery.map(({ flagged }) => flagged);
        expect(shares).toEqual(shares.toSorted((left, right) => left - right));
        expect(found.discovery.at(-1)!.falseShare).toBeCloseTo(1 - total / input.size, 6);
        const flagged = noise.reduce((sum, flag) => sum + flag, 0) / input.size;
        const reached = found.discovery.filter(({ flagged: share }) => share <= flagged + 1e-9);
        for (const { falseShare } of reached) expect(falseShare).toBeLessThanOrEqual(tenths / 10 + 1e-6);
      },
    ),
    { numRuns: 50 },
  );
});
