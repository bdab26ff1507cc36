import { readFileSync } from "node:fs";
import { parquetMetadata } from "hyparquet";
import { describe, expect, it } from "vitest";
import { structEnd } from "./thrift.ts";

const file = readFileSync(new URL("../../test/fixtures/pyarrow.parquet", import.meta.url));
const footer = file.subarray(file.length - 8 - file.readUInt32LE(file.length - 8), file.length - 8);

describe("structEnd", () => {
  it("finds the end of a footer that pyarrow wrote, where hyparquet does, and none in a part of it", () => {
    expect(structEnd(footer, 0)).toBe(footer.length);
    expect(parquetMetadata(new Uint8Array(file).buffer).metadata_length).toBe(footer.length);
    for (let length = 0; length < footer.length; length++) {
      expect(() => structEnd(footer.subarray(0, length), 0)).toThrow(RangeError);
    }
  });

  it.each([
    ["a number without end", [0x15, ...Array(1000).fill(0xff)]],
    ["structures in structures", Array(1000).fill(0x1c)],
    ["a text longer than the rest", [0x18, 0xff, 0xff, 0xff, 0xff, 0x07, 0]],
    ["a list longer than the rest", [0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07, 0]],
    ["lists in lists", Array(1000).fill(0x19)],
    ["a type that is not there", [0x1f, 0]],
  ])("refuses %s", (_, bytes) => {
    expect(() => structEnd(Uint8Array.from(bytes), 0)).toThrow(RangeError);
  });
});
