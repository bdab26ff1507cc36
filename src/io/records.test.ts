import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanRecords, withoutReturns } from "./records.ts";

const scan = (text: string) => scanRecords(Buffer.from(text), ",".charCodeAt(0));

describe("scanRecords", () => {
  it("counts cells and lines", () => {
    expect(scan('a,b\n"1,\n""x""",2\n\n3,4\n5,')).toEqual({
      ends: [4, 17, 18, 22],
      cells: [2, 2, 1, 2],
      lines: [0, 1, 3, 4, 5],
      returns: false,
      stray: -1,
    });
  });

  it("takes a quote inside an unquoted cell for data", () => {
    expect(scan('1,12" vinyl\n2,a"\n').cells).toEqual([2, 2]);
  });

  it("leaves out a record whose quote is open", () => {
    expect(scan('a,b\n"1,2\n3,4\n').ends).toEqual([4]);
  });

  it("stops at text after a closing quote", () => {
    const { ends, stray } = scan('a,b\n"1"x,2\n');
    expect({ ends, stray }).toEqual({ ends: [4], stray: 7 });
  });

  it("knows CR LF also after a quoted cell", () => {
    const text = Buffer.from('a,"b"\r\n"c\r\n",d\r\n');
    const records = scanRecords(text, 0x2c);
    expect(records).toMatchObject({ ends: [7, 16], cells: [2, 2], lines: [0, 1, 3], returns: true });
    expect(Buffer.from(withoutReturns(text, records.ends)).toString()).toBe('a,"b"\n"c\r\n",d\n');
  });

  it("finds the rows that were written, and each prefix of them in each prefix of the text", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", "é") });
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.constantFrom("\n", "\r\n"), (rows, newline) => {
        const texts = rows.map(
          (row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",") + newline,
        );
        const bytes = Buffer.from(texts.join(""));
        const whole = scanRecords(bytes, 0x2c);
        expect(whole.cells).toEqual(rows.map((row) => row.length));
        let end = 0;
        expect(whole.ends).toEqual(texts.map((text) => (end += Buffer.byteLength(text))));
        for (let cut = 0; cut < bytes.length; cut++) {
          const part = scanRecords(bytes.subarray(0, cut), 0x2c);
          expect(part.stray).toBe(-1);
          expect(part.ends).toEqual(whole.ends.filter((end) => end <= cut));
        }
      }),
      { numRuns: 60 },
    );
  });
});
