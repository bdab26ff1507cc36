import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IntegerCodes } from "./integer-codes.ts";

describe("IntegerCodes", () => {
  it("gives equal integers, and only those, the same code, over any parts", () => {
    const integers = fc.array(fc.oneof(fc.bigInt(-20n, 20n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)));
    fc.assert(
      fc.property(fc.array(integers), (parts) => {
        const codes = new IntegerCodes();
        const given = parts.flatMap((part) => [...codes.of(BigInt64Array.from(part))]);
        expect(given.map((code) => codes.values[code])).toEqual(parts.flat());
        expect(new Set(codes.values).size).toBe(codes.values.length);
        expect(codes.values).toEqual([...new Set(parts.flat())]);
      }),
    );
  });

  it("takes 32 bits and unsigned ones, and many", () => {
    const many = Int32Array.from(
      { length: 100_000 },
      (_, index) => Math.imul(index % 40_000, 65_536) ^ (index % 40_000),
    );
    const codes = new IntegerCodes();
    const given = codes.of(many);
    expect(given.every((code, index) => codes.values[code] === many[index])).toBe(true);
    expect(codes.values).toHaveLength(new Set(many).size);
    const unsigned = new IntegerCodes();
    unsigned.of(BigUint64Array.of(2n ** 64n - 1n, 5n));
    expect(unsigned.values).toEqual([2n ** 64n - 1n, 5n]);
    const half = new IntegerCodes();
    half.of(Uint32Array.of(2 ** 32 - 1));
    expect(half.values).toEqual([2 ** 32 - 1]);
  });
});
