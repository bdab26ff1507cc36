import { expect, it } from "vitest";
import { randomFor } from "../random.ts";
import { loadKernels } from "./load.ts";

it.each(["simd128", "auto", "reference"] as const)("is the least and the largest number: %s", (engine) => {
  const { range } = loadKernels(engine);
  const random = randomFor(1, "transport");
  for (const length of [1, 3, 4, 1023, 65536, 65537, 70003]) {
    const values = Float64Array.from({ length }, () => random.normal());
    const sorted = values.slice().sort();
    expect(range(values)).toEqual({ low: sorted[0], high: sorted.at(-1) });
    const narrow = Float32Array.from(values);
    expect(range(narrow)).toEqual({ low: Math.fround(sorted[0]!), high: Math.fround(sorted.at(-1)!) });
    for (const spoiled of [NaN, Infinity, -Infinity]) {
      narrow[length - 1] = spoiled;
      expect(range(narrow)).toBeUndefined();
      values[length >> 1] = spoiled;
      expect(range(values)).toBeUndefined();
    }
  }
});
