import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../files.ts";
import { npy } from "../logs.ts";
import { prorec } from "../process.ts";

const folder = temporaryFolder();

/** Denoises with so many threads; gives how many worked and the digest of what came out. */
async function outcome(threads: number, ...args: string[]) {
  const all = ["denoise", ...args, "--threads", String(threads), "-o", "out.csv", "--json", "--quiet"];
  const { exit, stdout, stderr } = await prorec(all, { cwd: folder.path });
  expect(exit, stderr).toBe(0);
  const hash = createHash("sha256");
  await pipeline(createReadStream(folder.file("out.csv")), hash);
  return { threads: JSON.parse(stdout).threads, digest: hash.digest("hex") };
}

describe("the same bytes where all threads work", () => {
  it("in a large transport", async () => {
    const [users, items, rank] = [10_000, 10_400, 100];
    function* numbers(count: number) {
      for (let index = 1; index <= count; index++) yield (Math.imul(index, 0x9e3779b1) % 1000) / 1000;
    }
    folder.file("u.npy", npy([users, rank], numbers(users * rank)));
    folder.file("v.npy", npy([items, rank], numbers(items * rank)));
    folder.file("log.csv", Array.from({ length: 3000 }, (_, row) => `${row * 3},${row * 2}\n`).join(""));
    const args = ["log.csv", "--user-embeddings", "u.npy", "--item-embeddings", "v.npy"];
    const { digest } = await outcome(1, ...args);
    for (const threads of [2, 3, 7]) expect(await outcome(threads, ...args)).toEqual({ threads, digest });
  });

  it("in a large fit", async () => {
    const sizes = ["--users", "20000", "--items", "3000", "--interactions", "3100000"];
    expect((await prorec(["synth", ...sizes, "-o", "log.csv", "--quiet"], { cwd: folder.path })).exit).toBe(
      0,
    );
    const args = ["log.csv", "--model", "svd", "--factors", "320"];
    const { digest } = await outcome(1, ...args);
    expect(await outcome(3, ...args)).toEqual({ threads: 3, digest });
  });
});
