import fc from "fast-check";
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { describe, expect, it } from "vitest";
import { readRuns } from "./parquet-runs.ts";

/** Runs as the format has them: `times` equal numbers, or packed ones, eight to a group. */
type Run = { readonly times: number; readonly value: number } | { readonly packed: readonly number[] };

function encoded(runs: readonly Run[], width: number): Uint8Array {
  const bytes: number[] = [];
  const number = (value: number) => {
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    bytes.push(value);
  };
  for (const run of runs) {
    if ("times" in run) {
      number(2 * run.times);
      for (let byte = 0; byte < Math.ceil(width / 8); byte++) bytes.push((run.value >>> (8 * byte)) & 255);
    } else {
      number(2 * (run.packed.length / 8) + 1);
      const bits = run.packed.flatMap((value) =>
        Array.from({ length: width }, (_, bit) => (value >>> bit) & 1),
      );
      for (let at = 0; at < bits.length; at += 8) {
        bytes.push(bits.slice(at, at + 8).reduce((byte, bit, place) => byte + bit * 2 ** place, 0));
      }
    }
  }
  return Uint8Array.from(bytes);
}

const runsOf = (width: number) => {
  const value = fc.nat(2 ** Math.min(width, 31) - 1);
  const packed = fc
    .integer({ min: 1, max: 5 })
    .chain((groups) => fc.array(value, { minLength: 8 * groups, maxLength: 8 * groups }));
  const run = fc.oneof(
    fc.record({ times: fc.integer({ min: 1, max: 300 }), value }),
    packed.map((numbers) => ({ packed: numbers })),
  );
  return fc.tuple(fc.constant(width), fc.array(run, { minLength: 1, maxLength: 6 }));
};

describe("readRuns", () => {
  it("gives the numbers back, and agrees with hyparquet up to 16 bits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }).chain(runsOf), fc.nat(7), ([width, runs], cut) => {
        const numbers = runs.flatMap((run) =>
          "times" in run ? Array(run.times).fill(run.value) : run.packed,
        );
        const bytes = encoded(runs, width);
        const count = "packed" in runs.at(-1)! ? numbers.length - cut : numbers.length;
        expect([...readRuns(bytes, width, count)]).toEqual(numbers.slice(0, count));
        if (width > 16) return;
        const theirs = new Array<number>(count);
        readRleBitPackedHybrid({ view: new DataView(bytes.buffer), offset: 0 }, width, theirs, bytes.length);
        expect(theirs).toEqual(numbers.slice(0, count));
      }),
      { numRuns: 300 },
    );
  });

  it("takes runs of zeros of no bits", () => {
    expect([...readRuns(encoded([{ times: 5, value: 0 }], 0), 0, 5)]).toEqual([0, 0, 0, 0, 0]);
  });

  it.each([
    [
      "a run longer than the page, which keeps others busy for minutes",
      [0xfe, 0xff, 0xff, 0xff, 0x0f, 1],
      8,
      100,
    ],
    ["a packed run without its bytes", [0xff, 0xff, 0xff, 0xff, 0x0f, 1], 8, 100],
    ["a run of nothing", [0, 0, 0, 0], 8, 2],
    ["bytes that end early", [4, 1], 8, 100],
    ["a length that doesn't end", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80], 8, 1],
    ["no bytes", [], 8, 1],
    ["numbers of 33 bits", [2, 1], 33, 1],
    ["more numbers than memory", [4, 1], 8, 2 ** 40],
  ])("refuses %s", (_, bytes, width, count) => {
    expect(() => readRuns(Uint8Array.from(bytes), width, count)).toThrow(RangeError);
  });
});
