import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Marks, positionIn } from "./draw.ts";

describe("positionIn", () => {
  it("finds the row that an entry lies in, empty rows skipped", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }), (lengths) => {
        const offsets = new Uint32Array(lengths.length + 1);
        for (const [row, length] of lengths.entries()) offsets[row + 1] = offsets[row]! + length;
        const rows = lengths.flatMap((length, row) => new Array<number>(length).fill(row));
        for (const [entry, row] of rows.entries()) expect(positionIn(offsets, entry)).toBe(row);
      }),
    );
  });

  it("stays within the given positions", () => {
    const cumulative = Float64Array.of(0, 1, 3, 6, 10);
    expect(positionIn(cumulative, 3, 1, 3)).toBe(2);
    expect(positionIn(cumulative, 6, 1, 3)).toBe(2);
    expect(positionIn(cumulative, 0, 1, 3)).toBe(1);
  });
});

describe("Marks", () => {
  it("knows what was added since it was cleared", () => {
    const marks = new Marks(3);
    marks.clear();
    expect([marks.add(1), marks.add(1), marks.has(1), marks.has(2)]).toEqual([true, false, true, false]);
    marks.clear();
    expect(marks.has(1)).toBe(false);
  });
});
