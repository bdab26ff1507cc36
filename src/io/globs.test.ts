import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { expandGlob } from "./globs.ts";
import { openSource } from "./source.ts";

const folder = temporaryFolder();
for (const path of ["a", "a/b", "a/.hidden"]) mkdirSync(join(folder.path, path));
for (const name of [
  "1.csv",
  "2.csv",
  "10.csv",
  "x[1].csv",
  ".3.csv",
  "a/4.csv",
  "a/b/5.csv",
  "a/.hidden/6.csv",
  "ü.txt",
]) {
  folder.file(name, `user,item\n${name},i\n`);
}
const expand = async (pattern: string) =>
  (await expandGlob(folder.file(pattern))).map((path) => path.slice(folder.path.length + 1));

describe("expandGlob", () => {
  it.each([
    ["*.csv", ["1.csv", "10.csv", "2.csv", "x[1].csv"]],
    ["?.csv", ["1.csv", "2.csv"]],
    ["[0-1]*.csv", ["1.csv", "10.csv"]],
    ["[!1]*.csv", ["2.csv", "x[1].csv"]],
    ["?.txt", ["ü.txt"]],
    [".*.csv", [".3.csv"]],
    ["*/*.csv", ["a/4.csv"]],
    ["**/*.csv", ["1.csv", "10.csv", "2.csv", "a/4.csv", "a/b/5.csv", "x[1].csv"]],
    ["a/**/5.csv", ["a/b/5.csv"]],
    ["x[1].csv", ["x[1].csv"]],
    ["none.csv", ["none.csv"]],
  ])("%s", async (pattern, files) => {
    expect(await expand(pattern)).toEqual(files);
  });

  it.each(["*.json", "none/*.csv", "1.csv/*", "[z-a].csv"])(
    "says that no file matches %s",
    async (pattern) => {
      await expect(expand(pattern)).rejects.toMatchObject({
        code: "UNREADABLE_FILE",
        message: expect.stringContaining("No file matches"),
      });
    },
  );
});

it("openSource reads the files that a pattern matches as one log", async () => {
  const source = await openSource([folder.file("?.csv"), folder.file("a/*.csv")]);
  expect(source.files.map((path) => path.slice(folder.path.length + 1))).toEqual([
    "1.csv",
    "2.csv",
    "a/4.csv",
  ]);
});
