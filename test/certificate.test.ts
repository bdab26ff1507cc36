import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { delimited, npy, parseDelimited } from "./logs.ts";
import { prorec } from "./process.ts";

const folder = temporaryFolder();
const [USERS, ITEMS, RANK] = [10_000, 10_400, 100];

/** Embeddings whose lengths fall with the row number, as where few users are active and few items popular. */
function* falling(rows: number, scale: number) {
  for (let row = 0; row < rows; row++) {
    const length = scale / (1 + row) ** 0.7;
    for (let k = 0; k < RANK; k++) {
      yield length * ((Math.imul(row * RANK + k + 1, 0x9e3779b1) % 2 ** 24) / 2 ** 23 - 0.02);
    }
  }
}

beforeAll(() => {
  folder.file("u.npy", npy([USERS, RANK], falling(USERS, 0.5)));
  folder.file("v.npy", npy([ITEMS, RANK], falling(ITEMS, 1)));
  const row = (_: unknown, at: number) => [String((at * 31) % 1000), String((at * at) % 2000)];
  folder.file("log.csv", delimited([["user", "item"], ...Array.from({ length: 3000 }, row)]));
});

async function denoised(...args: string[]) {
  const embeddings = ["--user-embeddings", "u.npy", "--item-embeddings", "v.npy"];
  const output = ["-o", "out.csv", "--json", "--quiet"];
  const { exit, stdout, stderr } = await prorec(["denoise", "log.csv", ...embeddings, ...output, ...args], {
    cwd: folder.path,
  });
  expect(exit, stderr).toBe(0);
  const bytes = readFileSync(folder.file("out.csv"));
  const rows = parseDelimited(bytes.toString());
  const noise = rows[0]!.indexOf("noise");
  return {
    summary: JSON.parse(stdout),
    digest: createHash("sha256").update(bytes).digest("hex"),
    flags: rows.slice(1).map((row) => row[noise]),
  };
}

it("a large run certifies the items' sums, with the same bytes from any number of threads and the exact run's flags", async () => {
  const one = await denoised("--threads", "1");
  expect(one.summary.certificate.method).toBe("near-far");
  expect(one.summary.certificate.error).toBeGreaterThan(0);
  expect(one.summary.certificate.error).toBeLessThanOrEqual(1e-5);
  expect(one.summary.certificate.nearShare).toBeLessThan(0.3);
  const three = await denoised("--threads", "3");
  expect(three.summary.threads).toBe(3);
  expect(three.digest).toBe(one.digest);
  expect(three.summary.certificate).toEqual(one.summary.certificate);

  const exact = await denoised("--exact-columns");
  expect(exact.summary.certificate).toEqual({ method: "exact", error: 0, nearShare: 1 });
  expect(exact.flags).toEqual(one.flags);
  expect(new Set(exact.flags)).toEqual(new Set(["0", "1"]));
});
