import { linkSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, groupLog, parseDelimited, readTable } from "./logs.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const noise = (...args: string[]) => prorec(["noise", ...args], { cwd: folder.path });
const read = (name: string) => readFileSync(folder.file(name), "utf8");

/** Injects into `log`; gives the rows of the noisy log and of the truth without their headers. */
async function inject(log: string, ...args: string[]) {
  const ended = await noise("inject", log, "-o", "noisy.csv", "--truth", "truth.csv", ...args);
  expect(ended.exit, ended.stderr).toBe(0);
  const [header, ...noisy] = parseDelimited(read("noisy.csv"));
  const [truthHeader, ...truth] = parseDelimited(read("truth.csv"));
  expect(truthHeader).toEqual(["user", "item", "kind"]);
  return { header, noisy, truth, ended };
}

const [HEADER, ...ROWS] = groupLog({ users: 40, items: 30 });
const POSITIVES = ROWS.filter(([, , rating]) => Number(rating) >= 3);
folder.file("clicks.csv", delimited([HEADER!, ...ROWS]));

const pair = ([user, item]: readonly string[]) => `${user} ${item}`;

describe.each(["add", "popular", "bots", "bursts"])("noise inject --kind %s", (kind) => {
  it("adds rows that count as positives, and keeps all others in order", async () => {
    const { header, noisy, truth, ended } = await inject(
      "clicks.csv",
      ...["--kind", kind, "--rate", ".2", "--min-rating", "3", "--json"],
    );
    const injected = Math.round(0.2 * POSITIVES.length);
    expect(JSON.parse(ended.stdout)).toMatchObject({ kind, rate: 0.2, seed: 1, injected });
    expect(header).toEqual(HEADER);
    expect(truth.map(([, , each]) => each)).toEqual(new Array(injected).fill(kind));
    expect(noisy.length).toBe(ROWS.length + injected);

    const known = new Set(truth.map(pair));
    const positive = new Set(POSITIVES.map(pair));
    expect(known.size).toBe(injected);
    expect([...known].filter((each) => positive.has(each))).toEqual([]);
    const isInjected = (row: readonly string[], index: number) =>
      known.has(pair(row)) && noisy[index - 1]?.slice(2).join() === row.slice(2).join();
    const [added, genuine] = [
      noisy.filter(isInjected),
      noisy.filter((row, index) => !isInjected(row, index)),
    ];
    expect(genuine).toEqual(ROWS);
    expect(added.map(pair).sort()).toEqual([...known].sort());
    const lent = new Set(POSITIVES.map(([user, , ...rest]) => [user, ...rest].join()));
    for (const [user, , ...rest] of added) {
      expect(Number(rest[0])).toBeGreaterThanOrEqual(3);
      if (kind !== "bots") expect(lent).toContain([user, ...rest].join());
      else expect(user).toMatch(/^bot-\d+$/);
    }
  });
});

describe("noise inject --kind replace", () => {
  it("gives some positives another item in place, each row of a repeated pair", async () => {
    const twice = [...ROWS, ...POSITIVES.slice(0, 150)];
    folder.file("twice.csv", delimited([HEADER!, ...twice]));
    const { noisy, truth } = await inject(
      "twice.csv",
      ...["--kind", "replace", "--rate", ".3", "--min-rating", "3", "--seed", "4"],
    );
    expect(noisy.length).toBe(twice.length);
    expect(truth.length).toBe(Math.round(0.3 * POSITIVES.length));
    const changed = new Map<string, string>();
    for (const [index, row] of noisy.entries()) {
      const before = twice[index]!;
      expect([row[0], ...row.slice(2)]).toEqual([before[0], ...before.slice(2)]);
      if (Number(before[2]) < 3) expect(row).toEqual(before);
      else if (row[1] !== before[1]) {
        expect(changed.get(pair(before)) ?? pair(row)).toBe(pair(row));
        changed.set(pair(before), pair(row));
      } else expect(changed.has(pair(before))).toBe(false);
    }
    expect([...changed.values()].sort()).toEqual(truth.map(pair).sort());
  });
});

describe("noise inject", () => {
  it("writes the same bytes for the same seed, others for another", async () => {
    const run = async (seed: string) => {
      await inject("clicks.csv", "--kind", "popular", "--seed", seed);
      return read("noisy.csv") + read("truth.csv");
    };
    const one = await run("5");
    expect(await run("5")).toBe(one);
    expect(await run("6")).not.toBe(one);
  });

  it("names the columns of a log without a header", async () => {
    folder.file("u.data", delimited(ROWS, "\t"));
    const { header, noisy } = await inject("u.data", "--min-rating", "3");
    expect(header).toEqual(["user", "item", "rating", "timestamp"]);
    expect(noisy.length).toBe(ROWS.length + Math.round(0.1 * POSITIVES.length));
  });

  it("keeps the genuine lines of NDJSON byte for byte, and numbers numbers", async () => {
    const lines = ROWS.map(
      ([user, item, , time]) =>
        `{ "at":${time}.50, "user": ${user!.slice(1)},"item":"${item}" , "tags": ["a", {"b":1}]}`,
    );
    writeFileSync(folder.file("log.ndjson.gz"), gzipSync(lines.join("\n")));
    const ended = await noise("inject", "log.ndjson.gz", "-o", "out.ndjson.gz", "--truth", "truth.ndjson");
    expect(ended.exit, ended.stderr).toBe(0);
    const written = gunzipSync(readFileSync(folder.file("out.ndjson.gz")))
      .toString()
      .trimEnd()
      .split("\n");
    const known = new Set(
      (await readTable(folder.file("truth.ndjson"))).map(({ user, item }) => `${user} ${item}`),
    );
    const genuine = new Set(lines);
    expect(written.filter((line) => genuine.has(line))).toEqual(lines);
    const added = written.filter((line) => !genuine.has(line)).map((line) => JSON.parse(line));
    expect(added).toHaveLength(Math.round(0.1 * lines.length));
    for (const row of added) {
      expect(row).toMatchObject({
        user: expect.any(Number),
        item: expect.any(String),
        tags: ["a", { b: 1 }],
      });
      expect(known).toContain(`${row.user} ${row.item}`);
    }
  });

  it("keeps the types of Parquet", async () => {
    const numbers = (column: number) => ROWS.map((row) => Number(row[column]!.replace(/\D/g, "")));
    const columnData = [
      { name: "user", data: numbers(0).map((id) => BigInt(id) + 2n ** 60n), type: "INT64" as const },
      { name: "item", data: ROWS.map((row) => row[1]!), type: "STRING" as const },
      { name: "rating", data: numbers(2), type: "DOUBLE" as const },
    ];
    writeFileSync(folder.file("log.parquet"), new Uint8Array(parquetWriteBuffer({ columnData })));
    const ended = await noise(
      ...["inject", "log.parquet", "-o", "out.parquet", "--truth", "truth.parquet", "--min-rating", "3"],
    );
    expect(ended.exit, ended.stderr).toBe(0);
    const written = await readTable(folder.file("out.parquet"));
    const truth = await readTable(folder.file("truth.parquet"));
    expect(written).toHaveLength(ROWS.length + truth.length);
    const pairs = new Set(written.map(({ user, item }) => `${user} ${item}`));
    for (const { user, item } of truth) {
      expect(BigInt(user!)).toBeGreaterThanOrEqual(2n ** 60n);
      expect(pairs).toContain(`${user} ${item}`);
    }
    const bots = await noise(
      "inject",
      "log.parquet",
      "-o",
      "b.parquet",
      "--truth",
      "b.csv",
      "--kind",
      "bots",
    );
    expect(bots).toMatchObject({ exit: 3, stdout: "" });
    expect(bots.stderr).toContain(`"bot-1" doesn't fit the column's type (integer)`);
    expect(readdirSync(folder.path)).not.toContain("b.csv");
  });

  it("keeps ids that need quotes, and reads several logs in order", async () => {
    const odd = groupLog({ users: 8, items: 12, name: (id) => `${id},"\n😀` });
    folder.file("odd.csv", delimited(odd));
    folder.file("more.csv", delimited([HEADER!, ...ROWS]));
    const { noisy, truth } = await inject("odd.csv", "more.csv");
    const known = new Set(truth.map(pair));
    expect(noisy.filter((row) => !known.has(pair(row)))).toEqual([...odd.slice(1), ...ROWS]);
    expect(truth.length).toBe(Math.round(0.1 * (odd.length - 1 + ROWS.length)));
  });

  it.each([
    [2, ["--kind", "adds"], "Did you mean add?"],
    [2, ["--rate", "0"], "above 0"],
    [2, ["--rate", "1.5"], "at most 1"],
    [3, ["-o", "clicks.csv"], "inputs are never overwritten"],
    [3, ["--truth", "link.csv"], "inputs are never overwritten"],
    [3, ["--truth", "new.csv"], "are the same file"],
    [3, ["--truth", "new.xls"], "says no known format"],
    [3, ["--truth", "nowhere/new.csv"], "the folder does not exist"],
    [3, ["--min-rating", "6"], "none of the"],
  ])("ends with exit %i for %j and leaves nothing", async (code, args, message) => {
    if (!readdirSync(folder.path).includes("link.csv"))
      linkSync(folder.file("clicks.csv"), folder.file("link.csv"));
    const before = readdirSync(folder.path);
    const given = ["-o", "new.csv", "--truth", "t.csv", ...args];
    const { exit, stdout, stderr } = await noise("inject", "clicks.csv", ...given);
    expect({ exit, stdout }).toEqual({ exit: code, stdout: "" });
    expect(stderr).toContain(message);
    expect(readdirSync(folder.path)).toEqual(before);
  });

  it("says where there is no room for more, and needs both outputs", async () => {
    folder.file("full.csv", "user,item\na,x\na,y\nb,x\nb,y\n");
    const full = await noise("inject", "full.csv", "-o", "n.csv", "--truth", "t.csv", "--rate", ".5");
    expect(full).toMatchObject({ exit: 2, stdout: "" });
    expect(full.stderr).toContain("there is room for 0; lower the rate");
    const missing = await noise("inject", "full.csv", "-o", "n.csv");
    expect(missing).toMatchObject({ exit: 2, stdout: "" });
    expect(missing.stderr).toContain("--truth");
  });
});

describe("noise score", () => {
  const denoised = delimited([
    ["user", "item", "rating", "weight", "match", "threshold", "noise"],
    ["u1", "a", "5", "1", "0.5", "0.45", "0"],
    ["u1", "b", "5", "1", "0.1", "0.45", "1"],
    ["u1", "d", "2", "", "", "", ""], // below the minimum rating
    ["u1", "c", "5", "1", "0.4", "0.45", "1"],
    ["u2", "a", "5", "1", "0.9", "0.3", "0"],
    ["u2", "a", "5", "1", "0.9", "0.3", "0"], // a repeated row
  ]);

  it("gives the contract's figures", async () => {
    folder.file("scored.csv", denoised);
    folder.file("known.csv", "user,item,kind\nu1,b,add\nu2,a,add\n");
    const { exit, stdout, stderr } = await noise("score", "--truth", "known.csv", "scored.csv", "--json");
    expect(exit, stderr).toBe(0);
    const { controls, ...ours } = JSON.parse(stdout);
    // Rows: u1 a .5, u1 b .1 (noise), u1 c .4, u2 a .9 (noise); by match the noise is first and last.
    expect(ours).toEqual({
      hitRatio: 0.5,
      flaggedShare: 0.5,
      precision: 0.5,
      falseDiscoveryRate: 0.5,
      rocAuc: 0.5,
      averagePrecision: 0.75,
    });
    expect(Object.keys(controls)).toEqual(["popularity", "rawScore"]);
    // By popularity: b and c are chosen once (one of them noise), a twice (one of its rows noise).
    expect(controls.popularity).toEqual({
      hitRatio: 0.5,
      flaggedShare: 0.5,
      precision: 0.5,
      falseDiscoveryRate: 0.5,
      rocAuc: 0.5,
      averagePrecision: 0.5,
    });
    expect(Object.keys(controls.rawScore).sort()).toEqual(Object.keys(ours).sort());
  });

  it("finds noise that was injected, and shows what popularity and the raw score find", async () => {
    const long = { cwd: folder.path };
    const log = ["synth", "--users", "150", "--items", "200", "--interactions", "4000", "--noise", "0"];
    await prorec([...log, "-o", "clean-log.csv"], long);
    await inject("clean-log.csv", "--kind", "add", "--rate", ".1");
    const options = ["--model", "svd", "--factors", "10", "-o", "denoised.csv"];
    expect((await prorec(["denoise", "noisy.csv", ...options], long)).exit).toBe(0);
    const { stdout } = await noise("score", "--truth", "truth.csv", "denoised.csv", "--json");
    const score = JSON.parse(stdout);
    expect(score.rocAuc).toBeGreaterThan(0.65);
    expect(score.averagePrecision).toBeGreaterThan(0.1);
    for (const control of Object.values<{ rocAuc: number; flaggedShare: number }>(score.controls)) {
      expect(control.flaggedShare).toBe(score.flaggedShare);
      expect(control.rocAuc).toBeGreaterThan(0.6);
    }
    const table = (await noise("score", "--truth", "truth.csv", "denoised.csv", "--quiet")).stdout;
    expect(table).toContain("| ProRec's match ");
    expect(table).toContain(`  ${(100 * score.flaggedShare).toFixed(1)}% |`);
    expect(table).toContain("It says nothing without the share of all rows that is flagged.");
  });

  it.each([
    ["known.csv", "u1,z", denoised, 'user "u1" with item "z"'],
    ["known.csv", "u1,d", denoised, 'user "u1" with item "d"'],
    ["known.csv", "u1,b", "user,item\nu1,b\n", 'There is no column "match"'],
    ["known.csv", "u1,b", denoised.replace("0.1", "high"), 'row 3, column "match"'],
    ["known.csv", "", denoised, "known.csv"],
    ["absent.csv", "u1,b", denoised, "absent.csv"],
  ])("names what is wrong: truth %s (%j)", async (truth, row, content, message) => {
    folder.file("scored.csv", content);
    folder.file("known.csv", `user,item\n${row}${row === "" ? "" : "\n"}`);
    const { exit, stdout, stderr } = await noise("score", "--truth", truth, "scored.csv");
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
    expect(stderr).toContain(message);
  });
});
