import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog, parseDelimited, readTable } from "./logs.ts";
import { prorec, start } from "./process.ts";

const folder = temporaryFolder();
const run = (...args: string[]) => prorec(args, { cwd: folder.path });
const log = folder.file("log.csv", delimited(groupLog()));

/** Runs it, which must succeed. */
async function done(...args: string[]) {
  const ended = await run(...args);
  expect(ended.exit, ended.stderr).toBe(0);
  return ended;
}
async function listed(...args: string[]): Promise<string[][]> {
  return parseDelimited((await done("recommend", ...args)).stdout);
}

const MODELS: [name: string, ...options: string[]][] = [
  ["svd", "--factors", "3", "--user-power", ".35", "--item-power", ".2"],
  ["nce-plrec", "--factors", "3", "--regularization", "10"],
  ["ease", "--regularization", "5"],
  ["edlae", "--regularization", "5", "--dropout", ".3"],
  ["item-knn", "--neighbours", "4"],
  ["popularity"],
];

describe.each(MODELS)("a saved %s", (name, ...options) => {
  it("recommends what the model fitted on the log does, to some and to everyone", async () => {
    const file = `${name}.model`;
    const { stdout, stderr } = await done("train", log, "-o", file, "--model", name, ...options);
    expect(stdout).toBe("");
    expect(stderr).toContain(`Written: ${file}`);

    const some = ["--user", "u3", "--user", "u0", "-n", "4"];
    const expected = await listed(log, "--model", name, ...options, ...some);
    expect(await listed("--model-file", file, ...some)).toEqual(expected);
    expect(expected.map(([user]) => user)).toEqual(["user", ...Array(4).fill("u3"), ...Array(4).fill("u0")]);

    const everyone = await listed("--model-file", file, "-n", "4");
    for (const user of ["u0", "u3"]) {
      expect(everyone.filter(([id]) => id === user)).toEqual(expected.filter(([id]) => id === user));
    }
    expect(new Set(everyone.slice(1).map(([user]) => user)).size).toBe(30);

    await done("recommend", "--model-file", file, "-n", "4", "-o", `${name}.ndjson`);
    const rows = await readTable(folder.file(`${name}.ndjson`));
    expect(rows.map(({ user, item, score }) => [user, item, score])).toEqual(everyone.slice(1));
  });

  it("recommends to someone new and finds similar items, as one fitted on the log does", async () => {
    const file = `${name}.model`;
    for (const question of [
      ["--items", "i0,i2,i4"],
      ["--similar-to", "i3"],
    ]) {
      const found = await listed("--model-file", file, ...question, "-n", "5");
      expect(found[0]).toEqual(["item", "score"]);
      expect(found).toHaveLength(6);
      expect(found).toEqual(await listed(log, "--model", name, ...options, ...question, "-n", "5"));
      const items = found.map(([item]) => item);
      for (const own of question[1]!.split(",")) expect(items).not.toContain(own);
      const { stdout } = await done("recommend", "--model-file", file, ...question, "-n", "5", "--json");
      const json = JSON.parse(stdout);
      expect(json).toMatchObject({ model: name, recommendations: [{ items: items.slice(1) }] });
    }
  });
});

describe("prorec train", () => {
  it("tells what it did as JSON", async () => {
    const { stdout } = await done(
      "train",
      log,
      "-o",
      "a.model",
      "--model",
      "ease",
      "--json",
      "--min-rating",
      "2",
    );
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      model: "ease",
      parameters: { regularization: 100 },
      weighted: false,
      report: { users: 30, items: 24 },
    });
    expect(Object.keys(result.seconds)).toEqual(["read", "fit", "write"]);
  });

  it("gives the same bytes for the same seed", async () => {
    const bytes = async (seed: string) => {
      await done("train", log, "-o", "same.model", "--model", "svd", "--factors", "2", "--seed", seed);
      return readFileSync(folder.file("same.model"));
    };
    const first = await bytes("1");
    expect((await bytes("1")).equals(first)).toBe(true);
    expect((await bytes("2")).equals(first)).toBe(false);
  });

  it("gives the same bytes for any number of threads", async () => {
    const sizes = ["--users", "2100", "--items", "2300", "--interactions", "40000"];
    await done("synth", ...sizes, "-o", "wide.csv", "--quiet");
    const bytes = async (threads: string) => {
      await done("train", "wide.csv", "-o", "threads.model", "--model", "ease", "--threads", threads);
      return readFileSync(folder.file("threads.model"));
    };
    expect((await bytes("3")).equals(await bytes("1"))).toBe(true);
  });

  it("honours the weights of a denoised log", async () => {
    const rows = groupLog().map((row, index) => [
      ...row,
      ...(index === 0 ? ["weight", "noise"] : ["1", "0"]),
    ]);
    const light = rows.map((row) =>
      row[0] === "u0" && Number(row[1]!.slice(1)) > 9 ? [...row.slice(0, 4), "0", "1"] : row,
    );
    folder.file("clean.csv", delimited(light));
    const result = JSON.parse(
      (await done("train", "clean.csv", "-o", "w.model", "--model", "ease", "--json")).stdout,
    );
    expect(result.weighted).toBe(true);
    const without = groupLog().filter(([user, item]) => !(user === "u0" && Number(item!.slice(1)) > 9));
    folder.file("without.csv", delimited(without));
    await done("train", "without.csv", "-o", "without.model", "--model", "ease");
    const question = ["--user", "u0", "-n", "3"];
    expect(await listed("--model-file", "w.model", ...question)).toEqual(
      await listed("--model-file", "without.model", ...question),
    );
  });

  it.skipIf(process.platform === "win32")(
    "leaves nothing when it is stopped (signals of POSIX)",
    async () => {
      const own = folder.file("own");
      mkdirSync(own);
      const sizes = ["--users", "4000", "--items", "2500", "--interactions", "150000"];
      await done("synth", ...sizes, "-o", `${own}/big.csv`, "--quiet");
      for (const stage of ["read ...", "inverse ..."]) {
        const running = start(
          "dist/cli/main.js",
          ["train", "big.csv", "-o", "big.model", "--model", "ease"],
          { cwd: own },
        );
        await running.hasSaid(stage);
        running.process.kill("SIGINT");
        const { exit, stdout, stderr } = await running.ended;
        expect({ exit, stdout }, stderr).toEqual({ exit: 130, stdout: "" });
        expect(readdirSync(own)).toEqual(["big.csv"]);
      }
    },
  );

  it.each([
    [2, [log], "-o, --output"],
    [2, [log, "-o", "x.model", "--model", "ease", "--regularization", "0"], "must be above 0"],
    [2, [log, "-o", "x.model", "--model", "edlae", "--dropout", "1"], "--dropout"],
    [
      2,
      [log, "-o", "x.model", "--model", "popularity", "--factors", "3"],
      "popularity has no factors; it has none",
    ],
    [2, [log, "-o", "x.model", "--model", "ease", "--neighbours", "3"], "ease has no neighbours"],
    [3, [log, "-o", log], "inputs are never overwritten"],
    [3, [log, "-o", "no/such/folder.model"], "the folder does not exist"],
    [3, ["nothing.csv", "-o", "x.model"], "nothing.csv"],
  ])("exit %i for %j", async (exit, args, message) => {
    const ended = await run("train", ...args);
    expect({ exit: ended.exit, stdout: ended.stdout }).toEqual({ exit, stdout: "" });
    expect(ended.stderr).toContain(message);
    expect(readdirSync(folder.path)).not.toContain("x.model");
  });
});

describe("what recommend --model-file refuses", () => {
  const FROM = ["--model-file", "svd.model"];
  it.each([
    [2, [log, ...FROM, "--user", "u1"], "LOG and --model-file don't go together"],
    [2, [...FROM, "--factors", "3"], "--factors is about fitting a model"],
    [2, [...FROM, "--model", "svd"], "--model is about fitting a model"],
    [2, [...FROM, "--min-rating", "3"], "--min-rating is about fitting a model"],
    [2, [...FROM, "--seed", "3"], "--seed is about fitting a model"],
    [2, [...FROM, "--user", "u1", "--items", "i1"], "--user and --items don't go together"],
    [2, [...FROM, "--similar-to", "i1", "--include-seen"], "--include-seen is about users"],
    [2, [...FROM, "--json"], "--json for everyone needs -o FILE"],
    [2, ["--user", "u1"], "--model-file FILE"],
    [2, [...FROM, "--user", "u1", "-n", "0"], "at least 1"],
    [3, [...FROM, "--user", "u1", "--user", "U1"], 'svd.model has no interaction of user "U1"'],
    [3, [...FROM, "--items", "i1,i99"], 'svd.model has no interaction with item "i99"'],
    [3, [...FROM, "--similar-to", ""], 'svd.model has no interaction with item ""'],
    [3, [...FROM, "-o", "svd.model.csv/x.csv"], "svd.model.csv/x.csv"],
    [3, [...FROM, "-o", "list.xls"], "list.xls"],
    [3, ["--model-file", "none.model", "--user", "u1"], "none.model"],
    [3, ["--model-file", "log.csv", "--user", "u1"], "doesn't begin like a file of ProRec"],
  ])("exit %i for %j", async (exit, args, message) => {
    const ended = await run("recommend", ...args);
    expect({ exit: ended.exit, stdout: ended.stdout }).toEqual({ exit, stdout: "" });
    expect(ended.stderr).toContain(message);
  });

  it("refuses a model that was altered or cut short", async () => {
    const bytes = readFileSync(folder.file("svd.model"));
    const altered = Buffer.from(bytes);
    altered[bytes.length >> 1]! ^= 1;
    for (const damaged of [altered, bytes.subarray(0, -5), bytes.subarray(0, 3)]) {
      writeFileSync(folder.file("damaged.model"), damaged);
      const { exit, stdout, stderr } = await run(
        "recommend",
        "--model-file",
        "damaged.model",
        "--user",
        "u1",
        "--json",
        "--quiet",
      );
      expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
      expect(JSON.parse(stderr).error.code).toBe("CORRUPT_FILE");
    }
  });

  it("says in JSON what it wrote to a file", async () => {
    const { stdout } = await done("recommend", ...FROM, "-o", "all.csv", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ model: "svd", lists: 30, output: "all.csv" });
  });
});
