import { describe, expect, it } from "vitest";
import { pieces, rowsOf, temporaryFolder } from "../../test/files.ts";
import { ndjsonReader, openNdjson } from "./ndjson.ts";
import { readBlocks } from "./text-source.ts";

const read = (text: string | Buffer, cuts: readonly number[] = [], names = ["user", "item"]) =>
  rowsOf(readBlocks(pieces(Buffer.from(text), cuts), ndjsonReader("log.ndjson", names), "log.ndjson"));

describe("NDJSON", () => {
  it("takes numbers as they are written", async () => {
    for (const id of [
      "9007199254740993",
      "1e5",
      "1.0",
      "-0",
      "1E+2",
      "0.10",
      "12345678901234567890",
      "-7",
      "007.5".slice(2),
    ]) {
      expect(await read(`{"user":${id},"item":"${id}"}\n`)).toEqual([[1, id, id]]);
    }
  });

  it("takes other values: null and a missing key are null, the rest is text", async () => {
    const text = '{"item":true}\n{"user":null,"item":[1.0, {"a":"b"}]}\n{"user":"","item":{"x":1}}\n';
    expect(await read(text)).toEqual([
      [1, null, "true"],
      [2, null, '[1.0, {"a":"b"}]'],
      [3, "", '{"x":1}'],
    ]);
  });

  it("knows no prototype", async () => {
    const names = ["__proto__", "constructor", "user"];
    const text = '{"__proto__":"a","user":"__proto__"}\n{"constructor":"b","user":"toString"}\n';
    expect(await read(text, [], names)).toEqual([
      [1, "a", null, "__proto__"],
      [2, null, "b", "toString"],
    ]);
  });

  it("gives the same rows wherever the blocks are cut", async () => {
    const bytes = Buffer.from(
      '\ufeff{"user":"😀\\n","item":1e400}\r\n\n  \n {"user" : "\\ud83d\\ude00" } \n{"item":"é"}',
    );
    const rows = await read(bytes);
    expect(rows).toEqual([
      [1, "😀\n", "1e400"],
      [4, "😀", null],
      [5, null, "é"],
    ]);
    for (let cut = 0; cut <= bytes.length; cut++) expect(await read(bytes, [cut])).toEqual(rows);
  });

  it("keeps each row's text", async () => {
    const text = '{"user":1.0 , "item":"\\u0041"}\r\n {} \n';
    const texts: string[] = [];
    for await (const batch of readBlocks(
      pieces(Buffer.from(text), []),
      ndjsonReader("x", ["user", "item"]),
      "x",
    )) {
      for (let row = 0; row < batch.length; row++) texts.push(batch.source!(row));
    }
    expect(texts).toEqual(['{"user":1.0 , "item":"\\u0041"}', " {} "]);
  });

  it("names what is wrong, where", async () => {
    const fails = (line: string | Buffer, details: object, message: RegExp) =>
      expect(
        read(Buffer.concat([Buffer.from('{"user":1,"item":2}\n\n'), Buffer.from(line)])),
      ).rejects.toMatchObject({
        code: "BAD_ROW",
        message: expect.stringMatching(message),
        details: { file: "log.ndjson", row: 3, ...details },
      });
    await fails('{"user":1,', { value: '{"user":1,' }, /row 3: not valid JSON: "\{"user":1,"/);
    await fails("[1,2]", { value: "[1,2]" }, /not a JSON object/);
    await fails("null", {}, /not a JSON object/);
    await fails('{"user":1,"item":2,"__proto__":3}', { column: "__proto__" }, /column "__proto__"/);
    await fails(
      '{"user":"\\ud800","item":2}',
      { column: "user", value: "\ud800" },
      /"\\u\{d800\}" holds half/,
    );
    await fails(Buffer.from([0x7b, 0xff]), { offset: 22 }, /row 3: byte 22 /);
  });

  it("has the keys of all lines at the start as columns", async () => {
    const folder = temporaryFolder();
    const content = '{"b":1}\n\n{"a":2,"b":3}\n';
    const path = folder.file("log.ndjson", content);
    const source = await openNdjson({ path, name: path }, Buffer.from(content));
    expect(source.columns).toEqual([
      { name: "b", kind: "text" },
      { name: "a", kind: "text" },
    ]);
    expect(await rowsOf(source.batches())).toEqual([
      [1, "1", null],
      [3, "3", "2"],
    ]);
  });
});
