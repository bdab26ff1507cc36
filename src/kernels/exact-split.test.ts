import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { golden } from "../../test/shared.ts";
import { randomFor } from "../random.ts";
import type { Engine } from "./kernels.ts";
import { loadKernels } from "./load.ts";

const scale = new DataView(new ArrayBuffer(4));

/** A float32 as an exact whole multiple of 2^-149. */
function exact(value: number): bigint {
  scale.setFloat32(0, value);
  const bits = scale.getUint32(0);
  const exponent = bits >>> 23;
  const fraction = BigInt(bits & 0x7fffff);
  return exponent === 0 ? fraction : (fraction | 0x800000n) << BigInt(exponent - 1);
}

/** Eq. 20 by trying every split in exact arithmetic; ties take the smallest count. */
function bruteForce(row: Float32Array): number {
  const sorted = [...row].sort((a, b) => b - a).map(exact);
  const size = BigInt(sorted.length);
  const total = sorted.reduce((sum, value) => sum + value, 0n);
  let sum = 0n;
  let kappa = 1;
  let best = [0n, 1n];
  for (let eta = 1n; eta < size; eta++) {
    sum += sorted[Number(eta) - 1]!;
    const excess = size * sum - eta * total;
    const gain = [excess * excess, eta * (size - eta)];
    if (gain[0]! * best[1]! > best[0]! * gain[1]!) {
      best = gain;
      kappa = Number(eta);
    }
  }
  return kappa;
}

/**
 * The same in float64 with a bound of its rounding: only a row on which that leaves more than one split goes through
 * exact arithmetic. What all values have in common is taken off first, which changes no split.
 */
function bestSplit(row: Float32Array): number {
  const sorted = row.toSorted().reverse();
  const size = sorted.length;
  const least = sorted[size - 1]!;
  const total = sorted.reduce((sum, value) => sum + (value - least), 0);
  const bounds: { low: number; high: number }[] = [];
  let sum = 0;
  for (let eta = 1; eta < size; eta++) {
    sum += sorted[eta - 1]! - least;
    const excess = Math.abs(sum - (eta * total) / size);
    const rounding = size * 2 ** -50 * total;
    const scale = eta * (size - eta);
    bounds.push({ low: Math.max(excess - rounding, 0) ** 2 / scale, high: (excess + rounding) ** 2 / scale });
  }
  const bar = bounds.reduce((most, { low }) => Math.max(most, low), 0) * (1 - 2 ** -40);
  const best = bounds.filter(({ high }) => high >= bar);
  return best.length === 1 ? 1 + bounds.indexOf(best[0]!) : bruteForce(row);
}

const engines: Engine[] = ["reference", "simd128"];

describe.each(engines)("the personal split (Eq. 20) by %s", (engine) => {
  const { splitRow } = loadKernels(engine);

  function check(values: Iterable<number>): void {
    const row = Float32Array.from(values);
    const { kappa, threshold } = splitRow(row);
    if (kappa !== bestSplit(row)) throw new Error(`kappa is ${kappa}, not ${bruteForce(row)}, for ${row}.`);
    if (threshold !== row.toSorted()[row.length - kappa])
      throw new Error(`theta is ${threshold} for ${row}.`);
  }

  it("equals brute force in exact arithmetic on 100,000 rows: ties, near-constant, subnormal, one dominant value", () => {
    const random = randomFor(1, "rows");
    const kinds: ((index: number) => number)[] = [
      () => random.uniform(),
      () => random.below(4) / 7,
      () => 0.3 + random.below(3) * 2 ** -24,
      () => Math.exp(8 * random.normal()),
      () => random.uniform() * 2 ** -140,
      () => (random.below(10) === 0 ? 1 : 1e-6 * random.uniform()),
      (index) => (index === 0 ? 1 : 2 ** -149 * random.below(3)),
      (index) => 1 / (1 + index),
      () => 1 + random.below(5) * 2 ** -23,
      () => 0,
    ];
    for (let sample = 0; sample < 100_000; sample++) {
      check(Array.from({ length: 1 + random.below(24) }, (_, index) => kinds[sample % kinds.length]!(index)));
    }
  });

  it("equals brute force on longer rows", () => {
    const random = randomFor(2, "rows");
    for (const spread of [1e-7, 1e-3, 1, 5]) {
      for (let sample = 0; sample < 10; sample++) {
        check(Array.from({ length: 700 }, () => Math.exp(spread * random.normal())));
      }
    }
  });

  it("does not depend on the order of the row", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (values) => {
          const row = Float32Array.from(values, Math.abs);
          expect(splitRow(row.toReversed())).toEqual(splitRow(row));
        },
      ),
    );
  });

  it.skipIf(golden.absent)(`meets the golden cases${golden.reason}`, () => {
    const { cart } = JSON.parse(readFileSync(golden.path, "utf8"));
    for (const { sorted, kappa } of cart) expect(splitRow(Float32Array.from(sorted)).kappa).toBe(kappa);
  });
});
