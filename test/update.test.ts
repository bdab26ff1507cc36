import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog, npy, parseDelimited, readTable } from "./logs.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const run = (...args: string[]) => prorec(args, { cwd: folder.path });
const [header, ...rows] = groupLog();
const isNew = ([user, item]: readonly string[]) => user === "u7" || user === "u12" || item === "i5";
const old = rows.filter((row) => !isNew(row));
/** A new user, a known one with new rows, a new item, a pair that is known and a row that is rated too low. */
const fresh = [...rows.filter(isNew), ["u1", "i8", "5", "7"], old[3]!, ["u7", "i2", "1", "9"]];
folder.file("old.csv", delimited([header!, ...old]));
folder.file("new.csv", delimited([header!, ...fresh]));
const SVD = ["--model", "svd", "--factors", "4"];
const denoise = ["denoise", "old.csv", "--min-rating", "2", "--quiet", "-o", "clean.csv"];
beforeAll(async () => {
  expect(await run(...denoise, ...SVD, "--save-run", "run")).toEqual({ exit: 0, stdout: "", stderr: "" });
});
const bytesIn = (path: string) =>
  Object.fromEntries(
    readdirSync(folder.file(path)).map((name) => [name, readFileSync(folder.file(`${path}/${name}`), "hex")]),
  );

describe("prorec update", () => {
  it("labels the new rows, leaves the run alone, and says what it did", async () => {
    const before = bytesIn("run");
    const args = ["update", "run", "new.csv", "-o", "out.csv", "--save-run", "run-2", "--json"];
    const { exit, stdout, stderr } = await run(...args);
    expect(exit, stderr).toBe(0);
    const [names, ...written] = parseDelimited(readFileSync(folder.file("out.csv"), "utf8"));
    expect(names).toEqual([...header!, "weight", "relevance", "match", "threshold", "rank", "noise"]);
    expect(written.map((row) => row.slice(0, 4))).toEqual(fresh);
    for (const row of written) {
      const empty = Number(row[2]) < 2;
      expect(row.slice(4).every((cell) => (cell === "") === empty)).toBe(true);
    }
    const positives = new Set(
      fresh.filter((row) => Number(row[2]) >= 2).map(([user, item]) => `${user} ${item}`),
    );
    const known = old.filter(
      ([user, item, rating]) => Number(rating) >= 2 && positives.has(`${user} ${item}`),
    );
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({
      added: { users: 2, items: 1, interactions: positives.size - known.length },
      known: known.length,
      report: { rows: fresh.length },
    });
    expect(stderr).toContain(`${summary.added.interactions} new interactions, 2 new users, 1 new items`);
    expect(stderr).toMatch(
      /^prorec: Not re-scored: \d+ users, whose verdicts a full transport would change by/m,
    );
    expect(stderr).toMatch(/^prorec: Written: out\.csv, run-2$/m);
    expect(bytesIn("run")).toEqual(before);

    const record = JSON.parse(readFileSync(folder.file("run-2/run.json"), "utf8"));
    const { seconds, report, ...figures } = summary;
    expect(record).toMatchObject({
      users: 30,
      items: 24,
      updates: [{ input: { name: "new.csv" }, ...figures }],
    });
    const again = await run("update", "run-2", "new.csv", "-o", "again.csv", "--json", "--quiet");
    expect(JSON.parse(again.stdout)).toMatchObject({ known: positives.size, added: { interactions: 0 } });
    expect(readFileSync(folder.file("again.csv"))).toEqual(readFileSync(folder.file("out.csv")));
  });

  it("reads any format, under the run's --columns or others, and writes any", async () => {
    const ndjson = fresh.map(([who, what]) => JSON.stringify({ who, what })).join("\n");
    folder.file("new.ndjson", `${ndjson}\n`);
    rmSync(folder.file("plain"), { recursive: true, force: true });
    const plain = ["denoise", "old.csv", ...SVD, "--quiet", "-o", "clean.csv", "--save-run", "plain"];
    expect((await run(...plain)).exit).toBe(0);
    const args = ["update", "plain", "new.ndjson", "--columns", "user=who,item=what", "-o", "out.parquet"];
    expect((await run(...args, "--quiet")).stderr).toBe("");
    const table = await readTable(folder.file("out.parquet"));
    expect(table.map(({ who, what }) => [who, what])).toEqual(fresh.map(([user, item]) => [user, item]));
    expect(table.every(({ weight }) => Number(weight) > 0)).toBe(true);
  });

  it("refuses by name what it can't go on from", async () => {
    mkdirSync(folder.file("empty"));
    const refusal = async (args: string[], exit: number, ...says: string[]) => {
      const ended = await run("update", ...args, "-o", "no.csv", "--quiet");
      for (const part of says) expect(ended.stderr).toContain(part);
      expect(ended).toMatchObject({ exit, stdout: "" });
    };
    await refusal(["empty", "new.csv"], 3, "empty holds no finished run.", "--resume finishes one");
    await refusal(["run", "new.csv", "--save-run", "run"], 3, "run holds something already");

    const altered = (name: string, file: string, change: (bytes: Buffer) => Buffer) => {
      cpSync(folder.file("run"), folder.file(name), { recursive: true });
      const path = folder.file(`${name}/${file}`);
      writeFileSync(path, change(readFileSync(path)));
    };
    altered("damaged", "fit.prorec", (bytes) => Buffer.concat([bytes.subarray(0, 500), bytes.subarray(501)]));
    await refusal(["damaged", "new.csv"], 3, "damaged/fit.prorec is damaged: its checksum is wrong");
    altered("garbled", "run.json", (bytes) => bytes.subarray(0, 40));
    await refusal(["garbled", "new.csv"], 3, "garbled/run.json is damaged: it is not JSON");
    altered("older", "run.json", (bytes) =>
      Buffer.from(bytes.toString().replace(/"version": "[^"]+"/, '"version": "0.0.1"')),
    );
    await refusal(["older", "new.csv"], 3, "older is a run of ProRec 0.0.1; this is");

    folder.file("other.csv", "a,b,rating\nx,y,3\n");
    await refusal(["run", "other.csv"], 3, "other.csv", "user");
    folder.file("unrated.csv", "user,item\nx,y\n");
    await refusal(["run", "unrated.csv"], 3, "unrated.csv", "rating");

    await run(...denoise, "--model", "svd", "--iterations", "2", "--save-run", "twice");
    await refusal(["twice", "new.csv"], 3, "twice is a run of 2 rounds");
    await run(...denoise, "--model", "item-knn", "--save-run", "knn");
    await refusal(["knn", "new.csv"], 3, "knn is a run with --model item-knn, which takes no new items");
    folder.file("u.npy", npy([40, 2], Array(80).fill(0.5)));
    folder.file("digits.csv", "user,item\n0,1\n1,1\n");
    const embedded = ["denoise", "digits.csv", "--user-embeddings", "u.npy", "--item-embeddings", "u.npy"];
    await run(...embedded, "-o", "clean.csv", "--save-run", "given", "--quiet");
    await refusal(["given", "new.csv"], 3, "given is a run on given embeddings");
    expect(readdirSync(folder.path)).not.toContain("no.csv");

    const printed = await run("update", "run", "new.csv", "--json");
    expect(printed).toMatchObject({ exit: 2, stderr: expect.stringContaining("--json needs -o FILE") });
  });

  it("has an example in --help", async () => {
    const { stdout } = await run("update", "--help");
    expect(stdout).toContain(
      "Example:\n  prorec update run new-clicks.csv -o new-clean.csv --save-run run-2\n",
    );
  });
});
