import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, parseDelimited, type Row } from "./logs.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const recommend = (...args: string[]) => prorec(["recommend", ...args], { cwd: folder.path });
const SVD = ["--model", "svd", "--factors", "2"];

/** Every user has the items of one of two groups; those named in `lacking` don't. */
function twoGroups(lacking: readonly string[] = [], name = (id: string) => id): Row[] {
  return Array.from({ length: 20 }, (_, user) =>
    Array.from({ length: 8 }, (_, item) => [`u${user}`, `${"ab"[user % 2]}${item}`] as const),
  )
    .flat()
    .filter(([user, item]) => !lacking.includes(`${user} ${item}`))
    .map((row) => row.map(name));
}

const log = folder.file("log.csv", delimited([["user", "item"], ...twoGroups(["u0 a7", "u0 a6", "u1 b2"])]));

async function listed(...args: string[]): Promise<string[][]> {
  const { exit, stdout, stderr } = await recommend(...args);
  expect(exit, stderr).toBe(0);
  const [header, ...rows] = parseDelimited(stdout);
  expect(header).toEqual(["user", "item", "score"]);
  return rows;
}

describe("prorec recommend", () => {
  it("lists each user's best items, best first, without those of the log", async () => {
    const rows = await listed(log, ...SVD, "--user", "u1", "--user", "u0", "-n", "3");
    expect(rows.map(([user]) => user)).toEqual(["u1", "u1", "u1", "u0", "u0", "u0"]);
    expect(rows[0]![1]).toBe("b2");
    expect(
      rows
        .slice(3, 5)
        .map(([, item]) => item)
        .sort(),
    ).toEqual(["a6", "a7"]);
    const scores = rows.map(([, , score]) => Number(score));
    expect(scores.slice(0, 3)).toEqual(scores.slice(0, 3).toSorted((left, right) => right - left));
    expect(scores[0]).toBeGreaterThan(0.5);
    expect(scores[2]).toBeLessThan(0.01);
  });

  it("lists items of the log too if asked, and ten unless told otherwise", async () => {
    const rows = await listed(log, ...SVD, "--user", "u1", "--include-seen");
    expect(rows).toHaveLength(10);
    expect(
      rows
        .slice(0, 8)
        .map(([, item]) => item)
        .sort(),
    ).toEqual(Array.from({ length: 8 }, (_, item) => `b${item}`));
  });

  it("takes items with commas and quotes in their ids, quoted as in CSV", async () => {
    const name = (id: string) => `${id[0]},"${id.slice(1)}`;
    folder.file("odd.csv", delimited([["user", "item"], ...twoGroups([], name)]));
    const given = [0, 1, 2, 3].map((item) => name(`a${item}`));
    const cells = given.map((id) => `"${id.replaceAll('"', '""')}"`).join(",");
    const { exit, stdout, stderr } = await recommend(
      "odd.csv",
      ...SVD,
      "--items",
      cells,
      "-n",
      "4",
      "--json",
    );
    expect(exit, stderr).toBe(0);
    const [list] = JSON.parse(stdout).recommendations;
    expect(list.from).toEqual(given);
    expect(list.items.toSorted()).toEqual([4, 5, 6, 7].map((item) => name(`a${item}`)));
  });

  it("never pads a list", async () => {
    const rows = await listed(log, ...SVD, "--user", "u0", "-n", "100");
    expect(rows).toHaveLength(16 - 6);
    expect(new Set(rows.map(([, item]) => item)).size).toBe(10);
    folder.file("one.csv", "user,item\na,x\n");
    expect(await listed("one.csv", "--user", "a")).toEqual([]);
  });

  it("gives the same as JSON", async () => {
    const args = [log, ...SVD, "--user", "u1", "-n", "2"];
    const [rows, json] = [await listed(...args), JSON.parse((await recommend(...args, "--json")).stdout)];
    expect(json).toMatchObject({ model: "svd", parameters: { factors: 2, seed: 1 }, weighted: false });
    expect(json.recommendations).toEqual([
      { user: "u1", items: rows.map(([, item]) => item), scores: rows.map(([, , score]) => Number(score)) },
    ]);
  });

  it("keeps ids byte for byte", async () => {
    const name = (id: string) => ` ${id},"\u001b[2J😀`;
    folder.file("odd.csv", delimited([["user", "item"], ...twoGroups(["u1 b2"], name)]));
    const rows = await listed("odd.csv", ...SVD, "--user", name("u1"), "-n", "1");
    expect(rows[0]!.slice(0, 2)).toEqual([name("u1"), name("b2")]);
  });
});

describe("the weights of a denoised log", () => {
  /** u0 has three items of each group; the column `weight` says which ones count. */
  const weighted = (a: string, b: string, columns = ["weight", "noise"]) =>
    delimited([
      ["user", "item", ...columns],
      ...twoGroups(["a3", "a4", "a5", "a6", "a7"].map((item) => `u0 ${item}`)).map((row) => [
        ...row,
        ...(row[0] === "u0" ? [a, "0"] : ["1", "0"]),
      ]),
      ...["b0", "b1", "b2"].map((item) => ["u0", item, b, "0"]),
    ]);
  const firstOf = async (content: string) =>
    (await listed(folder.file("weighted.csv", content), ...SVD, "--user", "u0", "-n", "1"))[0]![1]![0];

  it("decide what is recommended", async () => {
    expect(await firstOf(weighted("1", "0.01"))).toBe("a");
    expect(await firstOf(weighted("0.01", "1"))).toBe("b");
  });

  it("are those of denoise, and rows without one are no positives", async () => {
    expect(await firstOf(weighted("", "1"))).toBe("b");
    const rated = delimited([
      ["user", "item", "rating"],
      ...twoGroups(["u1 b2"]).map((row) => [...row, "5"]),
      ["u1", "a1", "1"],
    ]);
    folder.file("rated.csv", rated);
    const denoised = ["denoise", "rated.csv", "--min-rating", "4", "-o", "clean.csv", ...SVD];
    expect((await prorec(denoised, { cwd: folder.path })).exit).toBe(0);
    const { stdout, stderr } = await recommend("clean.csv", ...SVD, "--user", "u1", "-n", "20", "--json");
    const result = JSON.parse(stdout);
    expect(result.weighted).toBe(true);
    expect(stderr).toContain("1 row without weight");
    expect(result.recommendations[0].items).toHaveLength(9); // b2 and all of a, a1 among them
    expect(result.recommendations[0].items[0]).toBe("b2");
  });

  it("are not taken from a log of one's own with a weight", async () => {
    folder.file("own.csv", weighted("kg", "1", ["weight", "other"]));
    const { stdout } = await recommend("own.csv", ...SVD, "--user", "u0", "--json");
    expect(JSON.parse(stdout).weighted).toBe(false);
  });

  it.each(["heavy", "-1", "NaN", "Infinity", "1e300"])("have to be numbers from 0: not %s", async (value) => {
    folder.file("bad.csv", weighted(value, "1"));
    const { exit, stdout, stderr } = await recommend("bad.csv", "--user", "u0");
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
    expect(stderr).toContain(`bad.csv, row 2, column "weight": "${value}" is not a number from 0 to 1e12`);
  });
});

describe("what recommend refuses", () => {
  it.each([
    [3, ["--user", "u1", "--user", "U1"], 'has no interaction of user "U1"'],
    [3, ["--user", ""], 'has no interaction of user ""'],
    [2, [], "--user"],
    [2, ["--user", "u1", "-n", "0"], "at least 1"],
    [2, ["--user", "u1", "--model", "svd", "--root", "1"], "svd has no root"],
  ])("exit %i for %j", async (code, args, message) => {
    const { exit, stdout, stderr } = await recommend(log, ...args);
    expect({ exit, stdout }).toEqual({ exit: code, stdout: "" });
    expect(stderr).toContain(message);
  });

  it("names the file, the column and the id in JSON", async () => {
    const { stderr } = await recommend(log, "--user", "x\u001b[2J", "--json", "--quiet");
    expect(JSON.parse(stderr).error).toMatchObject({
      code: "SHAPE_MISMATCH",
      details: { file: log, column: "user", value: "x\u001b[2J" },
    });
  });
});
