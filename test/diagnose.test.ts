import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, oddLog } from "./logs.ts";
import { prorec, start } from "./process.ts";

const folder = temporaryFolder();
const run = (...args: string[]) => prorec(args, { cwd: folder.path });

async function diagnosed(...args: string[]) {
  const { exit, stdout, stderr } = await run("diagnose", ...args, "--json", "--quiet");
  expect(exit, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("diagnose", () => {
  it("says of a generated log what it found, by name what it could not look for, and what to run", async () => {
    await run(..."synth --users 200 --items 160 --interactions 4000 --seed 2 -o log.csv".split(" "));
    const result = await diagnosed("log.csv");
    const { accidents, denoising, userBalance, bases, bursts, sharedAccounts, next } = result;
    expect(accidents.low).toBeLessThanOrEqual(accidents.estimate);
    expect(["no accidental-click noise", "no evidence", "helps", "hurts"]).toContain(denoising.verdict);
    expect(["no evidence", "helps", "hurts"]).toContain(userBalance.verdict);
    expect([0.25, 0.35, 0.5]).toContain(userBalance.exponent);
    expect(userBalance.effect.low).toBeLessThanOrEqual(userBalance.effect.difference);
    const ndcgs = bases.map(({ ndcg }: { ndcg: number }) => ndcg);
    expect(ndcgs).toEqual([...ndcgs].sort((left, right) => right - left));
    expect(new Set(bases.map(({ model }: { model: string }) => model))).toEqual(
      new Set(["popularity", "item-knn", "svd", "nce-plrec", "wrmf", "ease"]),
    );
    expect(bases[0].againstBest).toBe(null);
    expect(bases.at(-1).againstBest.gain).toBeLessThan(0);
    expect(bursts).toBe(null);
    expect(sharedAccounts.auc).toBeGreaterThan(0.3);
    expect(next.seconds).toBeGreaterThan(0);
    expect(next.commandLine).toContain("prorec");
    const { stdout } = await run("diagnose", "log.csv", "--quiet", "--threads", "1");
    for (const part of ["Denoising:", "User balance", "base model", "no timestamps", next.commandLine]) {
      expect(stdout).toContain(part);
    }
  }, 120_000);

  it("names a machine and a pushed item; the same bits again", async () => {
    const log = folder.file("odd.csv", delimited(oddLog()));
    const first = await diagnosed(log, "--columns", "user=user", "--threads", "1");
    expect(first.bots.users[0]).toMatchObject({ user: "machine", clicks: 75, kind: "blind" });
    expect(first.bursts.items).toHaveLength(1);
    expect(first.bursts.items[0]).toMatchObject({ item: "pushed", clicks: 30, within: 30 });
    expect(first.next.commandLine).toContain("--columns user=user");
    const again = await diagnosed(log, "--columns", "user=user", "--threads", "2");
    const untimed = ({ next: _, bases, ...rest }: typeof first) => [
      rest,
      bases.map(({ seconds: __, ...base }: { seconds: number }) => base),
    ];
    expect(untimed(again)).toEqual(untimed(first));
  }, 120_000);

  it("refuses a log too small to judge, and stops when it is told to", async () => {
    expect((await run("diagnose", folder.file("small.csv", "a,1\nb,2\n"))).exit).toBe(3);
    await run(..."synth --users 900 --items 700 --interactions 20000 -o long.csv".split(" "));
    const running = start("dist/cli/main.js", ["diagnose", "long.csv"], { cwd: folder.path });
    await running.hasSaid("coupling");
    running.process.kill("SIGINT");
    expect((await running.ended).exit).toBe(130);
  }, 120_000);
});
