import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pieces, rowsOf } from "../../test/files.ts";
import { delimitedReader } from "./csv.ts";
import { readBlocks } from "./text-source.ts";

const layout = { delimiter: ",", header: true, names: ["user", "item"] };

function read(text: string | Buffer, cuts: readonly number[] = [], names = layout.names) {
  const reader = delimitedReader("log.csv", { ...layout, names });
  return rowsOf(readBlocks(pieces(Buffer.from(text), cuts), reader, "log.csv"));
}

const header = "user,item\n";

describe("delimited text", () => {
  it("keeps every cell byte for byte", async () => {
    const ids = [
      "007",
      " x ",
      "1e5",
      "9007199254740993",
      "__proto__",
      "constructor",
      "\u0000",
      "\u001b[31m",
      "NaN",
    ];
    const text = header + ids.map((id) => `${id},${id}\n`).join("");
    expect(await read(text)).toEqual(ids.map((id, index) => [index + 2, id, id]));
  });

  it("reads quoted cells with delimiters, quotes and newlines; rows are numbered by the line they start on", async () => {
    const text = `${header}"a,b","say ""hi"""\n"two\nlines","\r\n"\n12" vinyl,""\n"",x\n`;
    expect(await read(text)).toEqual([
      [2, "a,b", 'say "hi"'],
      [3, "two\nlines", "\r\n"],
      [6, '12" vinyl', ""],
      [7, "", "x"],
    ]);
  });

  it("takes CR LF, also mixed with LF, for the end of a row and lone CR for data", async () => {
    expect(await read('user,item\r\n"a",b\r\nc,"d"\n\re\r,f\r\r\n')).toEqual([
      [2, "a", "b"],
      [3, "c", "d"],
      [4, "\re\r", "f\r"],
    ]);
  });

  it("skips a byte order mark at the start only", async () => {
    expect(await read(`\ufeff${header}\ufeffa,\ufeffb\n`)).toEqual([[2, "\ufeffa", "\ufeffb"]]);
    const headerless = delimitedReader("log.csv", { ...layout, header: false });
    const blocks = pieces(Buffer.from("\ufeff\ufeffa,b\n"), [3]);
    expect(await rowsOf(readBlocks(blocks, headerless, "log.csv"))).toEqual([[1, "\ufeffa", "b"]]);
  });

  it("ignores blank lines at the end and needs no newline there", async () => {
    for (const end of ["", "\n", "\r\n", "\n\n\r\n\n"]) {
      expect(await read(`${header}a,b${end}`)).toEqual([[2, "a", "b"]]);
    }
  });

  it("gives the same rows wherever the blocks are cut", async () => {
    const bytes = Buffer.from('\ufeffuser,item\r\n"Zoë, ""😀""\r\nB",👩‍👩‍👧\n,"é"\n"",\n\ufeffx,y\n\n');
    const rows = await read(bytes);
    expect(rows).toEqual([
      [2, 'Zoë, "😀"\r\nB', "👩‍👩‍👧"],
      [4, "", "é"],
      [5, "", ""],
      [6, "\ufeffx", "y"],
    ]);
    for (let cut = 0; cut <= bytes.length; cut++) expect(await read(bytes, [cut])).toEqual(rows);
    expect(await read(bytes, Array.from(bytes.keys()))).toEqual(rows);
  });

  it("gives the same errors wherever the blocks are cut", async () => {
    for (const text of [
      `${header}a,b\nc\nd,e\n`,
      `${header}a,"b\nc\n`,
      `${header}"a"b,c\n`,
      `${header}a,b\n\nc,d\n`,
    ]) {
      const whole = await read(text).catch(({ message, details }) => ({ message, details }));
      expect(whole).toHaveProperty("details");
      for (let cut = 0; cut <= text.length; cut++) {
        const message = await read(text, [cut]).catch((error) => error.message);
        expect(message.split(":")[0]).toBe((whole as { message: string }).message.split(":")[0]);
      }
    }
  });

  const fails = (text: string | Buffer, details: object, message: RegExp) =>
    expect(read(text)).rejects.toMatchObject({
      code: "BAD_ROW",
      details: { file: "log.csv", ...details },
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });

  it("names ragged rows", async () => {
    await fails(
      `${header}a,b\n"x\ny",b\nc\n`,
      { row: 5, value: "c" },
      /^log.csv, row 5: 1 cells, but 2 columns/,
    );
    await fails(`${header}a,b,\n`, { row: 2, value: "a,b," }, /3 cells/);
    await fails("user,item\r\na\r\n", { row: 2, value: "a" }, /: "a"\.$/);
  });

  it("names an open quote by the row that opens it", async () => {
    await fails(
      `${header}a,b\nc,"d\ne,f\n`,
      { row: 3 },
      /row 3: a quote is opened and never closed: "c,"d\\ne,f"\.$/,
    );
  });

  it("names text after a closing quote", async () => {
    await fails(`${header}a,b\n"c" ,d\n`, { row: 3 }, /row 3: text after a closing quote/);
  });

  it("names a blank line between rows", async () => {
    await fails(`${header}a,b\n\n\nc,d\n`, { row: 3 }, /row 3: a blank line/);
  });

  it("names the byte that is not UTF-8", async () => {
    const bytes = Buffer.concat([Buffer.from(`${header}é,b\na,`), Buffer.from([0xe9, 0x0a])]);
    await fails(bytes, { row: 3, offset: 17 }, /row 3: byte 17 /);
    const marked = Buffer.concat([Buffer.from("\ufeff"), bytes]);
    await fails(marked, { row: 3, offset: 20 }, /row 3: byte 20 /);
    for (const bad of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0xff]]) {
      await fails(Buffer.concat([Buffer.from(`${header}a,`), Buffer.from(bad)]), { offset: 12 }, /byte 12/);
    }
  });

  it("shows values without control characters", async () => {
    await fails(`${header}\u001b[31m\n`, { value: "\u001b[31m" }, /: "\\u\{1b\}\[31m"\.$/);
  });

  it("finds an open quote before memory runs out", async () => {
    async function* endless() {
      yield Buffer.from(`${header}"a`);
      for (;;) yield Buffer.alloc(1 << 20, "x,y\n");
    }
    const rows = rowsOf(readBlocks(endless(), delimitedReader("log.csv", layout), "log.csv"));
    await expect(rows).rejects.toMatchObject({ code: "BAD_ROW", message: expect.stringMatching(/16 MiB/) });
  });

  it("reads what a plain writer wrote", async () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", " ", "\ufeff", "😀", "\t") }),
      fc.string({ unit: "binary" }),
    );
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    await fc.assert(
      fc.asyncProperty(table, fc.boolean(), fc.nat(), async (rows, bare, cut) => {
        const encoded = (cell: string) =>
          bare && /^[^",\r\n]+$/.test(cell) ? cell : `"${cell.replaceAll('"', '""')}"`;
        const names = rows[0]!.map((_, column) => `c${column}`);
        const text = [names, ...rows].map((row) => `${row.map(encoded).join(",")}\n`).join("");
        const found = await read(text, [cut % Buffer.byteLength(text)], names);
        expect(found.map(([, ...cells]) => cells)).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });
});
