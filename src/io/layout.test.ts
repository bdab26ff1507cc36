import { describe, expect, it } from "vitest";
import { sniffLayout } from "./layout.ts";
import type { ColumnChoices } from "./roles.ts";

const sniff = (text: string, choices: ColumnChoices = {}, file = "log.txt") =>
  sniffLayout(file, Buffer.from(text), choices);

describe("sniffLayout", () => {
  it("finds the delimiter", () => {
    const delimiter = (text: string, file?: string) => sniff(text, {}, file).delimiter;
    expect(delimiter("user,item\na,b\n")).toBe(",");
    expect(delimiter("196\t242\t3\t881250949\n186\t302\t3\t891717742\n")).toBe("\t");
    expect(delimiter('"User-ID";"ISBN";"Book-Rating"\n"276725";"034545104X";"0"\n"1";"a, b; c";"5"\n')).toBe(
      ";",
    );
    expect(delimiter("1;2;4,5\n2;2;3,0\n")).toBe(";");
    expect(delimiter("1,2,a|b\n2,2,c|d\n")).toBe(",");
    expect(delimiter("user|item|title\n1|2|a, b\n3|4|c\n")).toBe("|");
    expect(delimiter("user,item,genres\n1,2,a|b\n1,3,c|d|e\n")).toBe(",");
    expect(delimiter("user,a\titem,b\n1,2\t3,4\n", "log.tsv")).toBe("\t");
    expect(delimiter("user,a\titem,b\n1,2\t3,4\n", "log.tsv.gz")).toBe("\t");
    expect(delimiter('user,item\n"a\tb","c\td"\n"e\tf","g\th"\n')).toBe(",");
  });

  it("tells a header from data", () => {
    const header = (text: string, choices?: ColumnChoices) => sniff(text, choices).header;
    expect(header("0,126,5\n0,390,5\n")).toBe(false);
    expect(header("u1,i1,5,881250949\nu2,i2,3,881250950\n")).toBe(false);
    expect(header("user_id,item_id\n1,2\n")).toBe(true);
    expect(header("ITEM,who\n1,2\n")).toBe(true);
    expect(header("who,what,score\na,b,1\nc,d,2\n")).toBe(true);
    expect(header("user,item,2024\na,b,1\n")).toBe(true);
    expect(header("alice,book,5\nbob,pen,4\n")).toBe(false);
    expect(header("u1,i1\nu1,i2\nu2,i1\n")).toBe(false);
    expect(header("alice,tea\nbob,pen\n")).toBe(true);
    expect(header("alice,tea\nbob,pen\n", { user: 1, item: 2 })).toBe(false);
    expect(header("alice,tea\nbob,pen\n", { user: "alice", item: "tea" })).toBe(true);
    expect(header("alice,2024\nbob,7\n", { user: "alice" })).toBe(true);
    expect(header("1,i1\n2,i2\n", { user: "1", item: "2" })).toBe(false);
    expect(header("who,what,score\na,b,1\n", { user: 1, item: 2 })).toBe(true);
  });

  it("names the columns of a file without header", () => {
    const names = (text: string, choices?: ColumnChoices) => sniff(text, choices).names;
    expect(names("1,2\n")).toEqual(["user", "item"]);
    expect(names("1,2,3\n")).toEqual(["user", "item", "rating"]);
    expect(names("1,2,3,4,5,6\n")).toEqual(["user", "item", "rating", "timestamp", "column5", "column6"]);
    expect(names("1,2,3,4\n", { user: 2, item: 1 })).toEqual(["item", "user", "rating", "timestamp"]);
    expect(names("1,2,3,4\n", { user: 2, item: 3 })).toEqual(["column1", "user", "item", "column4"]);
    expect(names("1,2,3,4\n", { timestamp: 3 })).toEqual(["user", "item", "timestamp", "column4"]);
    expect(names("1,2,3,4\n", { rating: "-" })).toEqual(["user", "item", "rating", "timestamp"]);
  });

  it("refuses text without columns, double colons, and a name that stands twice", () => {
    expect(() => sniff("hello\nworld\n")).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_FORMAT", message: expect.stringContaining('"hello"') }),
    );
    expect(() => sniff("1::1193::5\n1::661::3\n")).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("sed") }),
    );
    expect(() => sniff('"user,item\na,b\n')).toThrow(
      expect.objectContaining({ code: "BAD_ROW", message: expect.stringContaining("quote") }),
    );
    expect(() => sniff("user,item,item\na,b,c\n")).toThrow(
      expect.objectContaining({ code: "BAD_ROW", details: { file: "log.txt", row: 1, column: "item" } }),
    );
  });
});
