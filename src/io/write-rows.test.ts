import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rowsOf, temporaryFolder } from "../../test/files.ts";
import type { Cell, Column } from "./rows.ts";
import { openSource } from "./source.ts";
import { writeRows } from "./write-rows.ts";

const folder = temporaryFolder();
const COLUMNS: readonly Column[] = [
  { name: "user", kind: "text" },
  { name: "popularity", kind: "integer" },
  { name: "margin", kind: "number" },
];

describe("writeRows", () => {
  it("writes a table", async () => {
    await writeRows(folder.file("t.csv"), COLUMNS, [
      ['a"b', 3, 0.1],
      ["é", null, 1e-300],
    ]);
    expect(readFileSync(folder.file("t.csv"), "utf8")).toBe(
      'user,popularity,margin\n"a""b",3,0.1\né,,1e-300\n',
    );
    await writeRows(folder.file("t.ndjson"), COLUMNS, [["\u001b", 3n, null]]);
    expect(readFileSync(folder.file("t.ndjson"), "utf8")).toBe(
      '{"user":"\\u001b","popularity":3,"margin":null}\n',
    );
  });

  it("writes just the header of an empty one", async () => {
    await writeRows(folder.file("empty.tsv"), COLUMNS, []);
    expect(readFileSync(folder.file("empty.tsv"), "utf8")).toBe("user\tpopularity\tmargin\n");
  });

  it("writes many rows, in order", async () => {
    function* rows(): Generator<Cell[]> {
      for (let row = 0; row < 10_000; row++) yield [`u${row}`, row, row / 7];
    }
    await writeRows(folder.file("many.csv.gz"), COLUMNS, rows());
    const source = await openSource(folder.file("many.csv.gz"));
    const found = await rowsOf(source.batches());
    expect(found).toEqual([...rows()].map((cells, row) => [row + 2, ...cells.map(String)]));
  });

  it("leaves nothing when the rows fail", async () => {
    function* failing(): Generator<Cell[]> {
      yield ["a", 1, 1];
      throw new RangeError("no more");
    }
    const before = readdirSync(folder.path);
    await expect(writeRows(folder.file("failed.csv"), COLUMNS, failing())).rejects.toThrow("no more");
    expect(readdirSync(folder.path)).toEqual(before);
  });
});
