import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { amusic, atoy, ml100k } from "../../test/shared.ts";
import type { Progress } from "../progress.ts";
import { type LogOptions, readLog } from "./log.ts";
import { openLog, readInteractions } from "./open-log.ts";

const folder = temporaryFolder();

async function readText(name: string, content: string, options: LogOptions = {}) {
  const log = await openLog(folder.file(name, content), options);
  return { log, ...(await readLog(log)) };
}

describe("readLog", () => {
  it("reports what it found", async () => {
    const text = "user,item,rating,timestamp\na,x,5,1\nb,x,2.5,2\na,x,4,3\na,y,3,4\n";
    const { report, interactions, log } = await readText("report.csv", text, { minRating: 3 });
    expect(report).toEqual({
      rows: 4,
      users: 1,
      items: 2,
      interactions: 2,
      duplicates: 1,
      dropped: [{ reason: "rated below 3", rows: 1 }],
      ratings: { lowest: 2.5, highest: 5 },
    });
    expect([...interactions.users]).toEqual(["a"]);
    expect([...interactions.items]).toEqual(["x", "y"]);
    expect([...log.numeric]).toEqual([
      [2, "number"],
      [3, "integer"],
    ]);
  });

  it("takes every row for a positive where there is no minimum", async () => {
    const { report } = await readText("all.tsv", "user\titem\na\tx\nb\tx\n");
    expect(report).toEqual({ rows: 2, users: 2, items: 1, interactions: 2, duplicates: 0, dropped: [] });
  });

  it("keeps ids byte for byte", async () => {
    const ids = [
      "007",
      "7",
      " x ",
      "1e5",
      "9007199254740993",
      "__proto__",
      "constructor",
      "a,b",
      'q"',
      "l\nf",
      "😀",
      "\u001b[2J",
    ];
    const csv = ids.map((id) => `"${id.replaceAll('"', '""')}","${id.replaceAll('"', '""')}"\n`).join("");
    const json = ids.map((id) => `${JSON.stringify({ user: id, item: id })}\n`).join("");
    for (const { interactions } of [
      await readText("ids.csv", `user,item\n${csv}`),
      await readText("ids.ndjson", json),
      await readText("numbers.ndjson", json.replaceAll('"9007199254740993"', "9007199254740993")),
    ]) {
      expect([...interactions.users]).toEqual(ids);
      expect([...interactions.items]).toEqual(ids);
    }
  });

  it("names a bad rating, with or without a minimum", async () => {
    for (const options of [{}, { minRating: 1 }]) {
      for (const value of ["good", "", " ", "NaN", "Infinity", "-Infinity", "0x10", "1e999", "5\u001b[31m"]) {
        const reading = readText("rating.csv", `user,item,stars\na,x,5\na,y,${value}\n`, options);
        await expect(reading, value).rejects.toMatchObject({
          code: "BAD_ROW",
          details: { file: folder.file("rating.csv"), row: 3, column: "stars", value },
          hint: expect.stringContaining("--columns rating=NAME"),
        });
      }
    }
    const { report } = await readText("text-score.csv", "user,item,score\na,x,good\n", {
      columns: { rating: "-" },
    });
    expect(report.rows).toBe(1);
  });

  it("names an empty id", async () => {
    const fails = (name: string, text: string, details: object) =>
      expect(readText(name, text)).rejects.toMatchObject({ code: "BAD_ROW", details });
    await fails("no-user.csv", "user,item\na,x\n,y\n", { row: 3, column: "user", value: "" });
    await fails("no-item.ndjson", '{"user":1,"item":2}\n{"user":1}\n', { row: 2, column: "item" });
    await fails("null.ndjson", '{"user":1,"item":2}\n{"user":null,"item":2}\n', { row: 2, column: "user" });
  });

  it("says so if no row is a positive", async () => {
    await expect(
      readText("none.csv", "user,item,rating\na,x,2\nb,x,3\n", { minRating: 4 }),
    ).rejects.toMatchObject({
      code: "BAD_ROW",
      message: expect.stringContaining("none of the 2 rows is rated 4 or more; the highest rating is 3"),
    });
  });

  it("needs ratings for a minimum", async () => {
    await expect(readText("unrated.csv", "user,item\na,x\n", { minRating: 4 })).rejects.toMatchObject({
      code: "UNKNOWN_COLUMN",
      details: { columns: ["user", "item"] },
    });
    await expect(openLog(folder.file("unrated.csv"), { minRating: Number.NaN })).rejects.toThrow(RangeError);
  });

  it("keeps only canonical numbers as numbers", async () => {
    const numeric = async (name: string, ratings: string[]) =>
      (
        await readText(name, `user,item,rating\n${ratings.map((rating) => `a,x,${rating}\n`).join("")}`)
      ).log.numeric.get(2);
    expect(await numeric("n1.csv", ["5", "0", "-3"])).toBe("integer");
    expect(await numeric("n2.csv", ["5", "0.5", "1e-7"])).toBe("number");
    expect(await numeric("n3.csv", ["9007199254740992"])).toBe("number");
    for (const text of ["5.0", "05", "+5", " 5", "1e5", "9007199254740993", "-0", ".5"]) {
      expect(await numeric("n4.csv", ["5", text]), text).toBe(undefined);
    }
  });

  it("reads numbers beside the pairs; rows without them are no positives", async () => {
    const text = "user,item,weight,more\na,y,.5,1\na,x,0.25,2\nb,x,,\na,y,7,8\nb,y,0,1e3\n";
    const log = await openLog(folder.file("numbers.csv", text));
    const { interactions, report, numbers } = await readLog(log, { numbers: ["weight", "more"] });
    expect(interactions.matrix.indices).toEqual(Uint32Array.of(0, 1, 0));
    expect(numbers).toEqual([Float32Array.of(0.5, 0.25, 0), Float32Array.of(1, 2, 1000)]);
    expect(report).toMatchObject({
      rows: 5,
      duplicates: 1,
      dropped: [{ reason: "without weight", rows: 1 }],
    });
    expect((await readLog(log)).numbers).toEqual([]);
  });

  it("keeps thousands of numbers with their pairs, whatever the order of the rows", async () => {
    const rows = Array.from({ length: 5000 }, (_, row) => (row * 2477) % 5000);
    const text = rows.map((row) => `u${row % 70},i${row},${row}\n`).join("");
    const log = await openLog(folder.file("many-numbers.csv", `user,item,value\n${text}`));
    const { interactions, numbers } = await readLog(log, { numbers: ["value"] });
    const expected = Float32Array.from(interactions.matrix.indices, (item) =>
      Number(interactions.items.at(item).slice(1)),
    );
    expect(numbers).toEqual([expected]);
  });

  it("names a number that is none, and a column that is not there", async () => {
    for (const value of ["x", " ", "-1", "NaN", "Infinity", "1e13", "1e300", "1,5", "0x1"]) {
      const path = folder.file("bad-number.csv", `user,item,weight\na,x,1\na,y,"${value}"\n`);
      await expect(readInteractions(path, { weights: "weight" }), value).rejects.toMatchObject({
        code: "BAD_ROW",
        details: { file: path, row: 3, column: "weight", value },
      });
    }
    const path = folder.file("half-labelled.csv", "user,item,match,noise\na,x,1,\n");
    const reading = readLog(await openLog(path), { numbers: ["match", "noise"] });
    await expect(reading).rejects.toMatchObject({ code: "BAD_ROW", details: { row: 2, column: "noise" } });
    await expect(readInteractions(path, { weights: "weight" })).rejects.toMatchObject({
      code: "UNKNOWN_COLUMN",
      details: { columns: ["user", "item", "match", "noise"] },
    });
    const empty = folder.file("no-weights.csv", "user,item,weight\na,x,\n");
    await expect(readInteractions(empty, { weights: "weight" })).rejects.toMatchObject({
      code: "BAD_ROW",
      details: { column: "weight" },
    });
  });

  it("shows its progress and stops when told to", async () => {
    const text = `user,item\n${"aaaa,bbbb\n".repeat(100_000)}`;
    const path = folder.file("long.csv", text);
    const seen: Progress[] = [];
    await readInteractions(path, { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ stage: "read", done: text.length, total: text.length });
    expect(seen.length).toBeGreaterThan(2);
    const stop = new AbortController();
    const reading = readInteractions(path, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("readInteractions", () => {
  it("takes weights, and leaves out what weighs nothing", async () => {
    const path = folder.file("weights.csv", "user,item,weight,noise\na,x,0.75,0\na,y,0,1\nb,y,,\nb,x,2,0\n");
    const { users, matrix } = await readInteractions(path, { weights: "weight" });
    expect([...users]).toEqual(["a", "b"]);
    expect(matrix.values).toEqual(Float32Array.of(0.75, 2));
    expect((await readInteractions(path)).matrix.values).toEqual(Float32Array.of(1, 1, 1, 1));
  });

  it("takes columns by name and by position, and several files", async () => {
    const one = folder.file("one.csv", "who,what,how\na,x,1\nb,y,2\n");
    const two = folder.file("two.csv", "who,what,how\na,z,1\n");
    const interactions = await readInteractions([one, two], { user: "who", item: 2 });
    expect([...interactions.users]).toEqual(["a", "b"]);
    expect([...interactions.items]).toEqual(["x", "y", "z"]);
    expect(interactions.size).toBe(3);
    const log = await openLog(one, { columns: { user: 1, item: "how" } });
    expect([...(await readLog(log)).interactions.items]).toEqual(["1", "2"]);
    await expect(readInteractions(one)).rejects.toMatchObject({
      code: "UNKNOWN_COLUMN",
      message: expect.stringContaining('"who", "what", "how"'),
    });
  });
});

describe("real logs (Table I)", () => {
  const counts = async (path: string, minRating?: number) => {
    const { report } = await readLog(await openLog(path, { minRating }));
    return [report.users, report.items, report.interactions];
  };
  it.skipIf(ml100k.absent)(`ML-100k at rating >= 4${ml100k.reason}`, async () => {
    expect(await counts(ml100k.path, 4)).toEqual([942, 1447, 55375]);
  });
  it.skipIf(amusic.absent)(`AMusic${amusic.reason}`, async () => {
    expect(await counts(amusic.path)).toEqual([1776, 12929, 46087]);
  });
  it.skipIf(atoy.absent)(`AToy${atoy.reason}`, async () => {
    expect(await counts(atoy.path)).toEqual([3137, 33953, 84642]);
  });
});
