import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readInteractions, splitInteractions } from "prorec";
import { beforeAll, describe, expect, it } from "vitest";
import { loadKernels } from "../../dist/kernels/load.js";
import { findEntry } from "../../dist/linalg/sparse.js";
import { withFlippedRatings } from "../../dist/reproduce/flipped-ratings.js";
import { temporaryFolder } from "../files.ts";
import { prorec } from "../process.ts";
import { amusic, atoy, ml100k } from "../shared.ts";

const committed = fileURLToPath(new URL("../../experiments/results/", import.meta.url));
const data = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const absent = [amusic, atoy, ml100k].find((log) => log.absent);
const MINUTES = 60_000;
const here = { node: process.version, engine: loadKernels("auto").engine };

interface Stored {
  readonly machine: { readonly node: string; readonly engine?: string };
  readonly runs?: readonly { readonly seed: number; readonly arms: object }[];
  readonly chosen?: readonly { readonly threshold: unknown }[];
}

/** What of a cell is the first seed's alone, and no time: the same in a run of one seed and of five. */
const FIRST_SEED: Record<string, readonly string[]> = {
  "table-1": ["users", "items", "interactions", "sparsity"],
  "figure-1": ["users", "kappa", "narrow", "wide", "points"],
  "figure-3": ["user", "users", "items", "matrix", "films", "before", "after"],
  claims: ["courses"],
};

/** Committed cells that a quick run computes too. */
const CELLS = [
  ...["table-1/ml-100k", "table-1/amusic", "table-1/atoy", "table-1/yahoo-shaped"],
  ...["recommenders/amusic-svd", "recommenders/amusic-nce-plrec", "recommenders/ml-100k-cdae"],
  ...["table-3/ml-100k-emd", "table-3/ml-100k-prorec", "table-3/ml-100k-rot", "table-3/ml-100k-sinkhorn"],
  ...["figure-1/ml-100k", "figure-3/ml-100k", "figure-2/clean", "figure-2/ml-100k-lambda"],
  ...["figure-2/added-20", "figure-2/replaced-20", "figure-2/flipped-20", "claims/proposition-2-ml-100k"],
]
  .filter((name) => existsSync(`${committed}${name}.json`))
  .map((name) => {
    const { node, engine = "simd128" } = read<Stored>(committed, name).machine; // older files are Node 20's
    const same = node === here.node && engine === here.engine;
    return { name, same, reason: same ? "" : ` (skipped: made with Node ${node}, ${engine})` };
  });

describe.skipIf(absent)(`prorec reproduce all --quick${absent?.reason ?? ""}`, () => {
  const folder = temporaryFolder();
  const cells = join(folder.path, "out/cells");

  beforeAll(async () => {
    const args = ["reproduce", "all", "--quick", "--data", data, "-o", "out", "--json", "--quiet"];
    const { exit, stdout, stderr } = await prorec(args, { cwd: folder.path });
    expect(exit, stderr).toBe(0);
    const tables = ["table-1", "table-2", "table-3", "figure-1", "figure-2", "figure-3", "claims"];
    expect(Object.keys(JSON.parse(stdout))).toEqual(tables);
  }, 30 * MINUTES);

  it("writes the page, the claims and the pictures", () => {
    const page = readFileSync(join(folder.path, "out/reproduction.md"), "utf8");
    const shown = [...page.matchAll(/\]\((reproduction\/[^)]+\.svg)\)/g)].map(([, file]) => file!);
    expect(shown.length).toBeGreaterThan(4);
    for (const file of shown) {
      expect(readFileSync(join(folder.path, "out", file), "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    }
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    const claims = readFileSync(join(folder.path, "out/claims.md"), "utf8");
    expect(claims).not.toMatch(/NaN|undefined|Infinity/);
    expect(claims).toMatch(/\*\*holds, and says nothing\*\*/);
  });

  it("finds the paper's three logs as they are in Table I", () => {
    const table = JSON.parse(readFileSync(join(folder.path, "out/reproduction/table-1.json"), "utf8"));
    for (const { name, ours, paper } of table.filter(
      ({ name }: { name: string }) => name !== "yahoo-shaped",
    )) {
      const { users, items, interactions } = ours;
      expect({ name, users, items, interactions }).toMatchObject({
        ...{ users: paper.users, items: paper.items, interactions: paper.interactions },
      });
      expect(ours.sparsity).toBeCloseTo(paper.sparsity, 4);
    }
  });

  it("computes nothing a second time", async () => {
    const before = readdirSync(cells, { recursive: true }).sort();
    const args = ["reproduce", "table-1", "--quick", "--data", data, "-o", "out"];
    const { exit, stdout, stderr } = await prorec(args, { cwd: folder.path });
    expect(exit, stderr).toBe(0);
    expect(stdout).toMatch(/^## Table I/);
    expect(stderr).not.toMatch(/CPU seconds/);
    expect(readdirSync(cells, { recursive: true }).sort()).toEqual(before);
  });

  for (const { name, same, reason } of CELLS) {
    it.skipIf(!same)(`has the committed bits of ${name}${reason}`, () => {
      const [ours, theirs] = [read<Stored>(cells, name), read<Stored>(committed, name)];
      const own = FIRST_SEED[name.split("/")[0]!];
      if (own) expect(only(ours, own)).toEqual(only(theirs, own));
      else if (sameThreshold(ours, theirs)) expect(ours.runs![0]).toEqual(theirs.runs![0]);
      else expect(ours.runs![0]!.arms).toHaveProperty("base", arm(theirs, "base"));
    });
  }
});

it.skipIf(ml100k.absent)(`flips ratings below 4, and only those${ml100k.reason}`, async () => {
  const positives = await readInteractions(ml100k.path, { minRating: 4 });
  const all = await readInteractions(ml100k.path);
  const { train } = splitInteractions(positives, { train: 0.8, test: 0.2, seed: 1 });
  const options = { rate: 0.2, seed: 1, data, signal: undefined };
  const { interactions, noise } = await withFlippedRatings(train, options);
  expect(noise.reduce((sum, flag) => sum + flag, 0)).toBe(Math.round(0.2 * train.size));
  expect(interactions.size).toBe(Math.round(1.2 * train.size));
  const { offsets, indices } = interactions.matrix;
  let wrong = 0;
  for (let user = 0; user < interactions.users.size; user++) {
    const allUser = all.users.indexOf(interactions.users.at(user));
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      const item = indices[entry]!;
      const rated = findEntry(all.matrix, allUser, all.items.indexOf(interactions.items.at(item))) >= 0;
      const positive = findEntry(positives.matrix, user, item) >= 0;
      if (!rated || positive === (noise[entry] === 1)) wrong++;
    }
  }
  expect(wrong).toBe(0);
});

/** Quick takes the paper's sigma, the full run searches for it. */
function sameThreshold(left: Stored, right: Stored): boolean {
  return JSON.stringify(left.chosen?.[0]?.threshold) === JSON.stringify(right.chosen?.[0]?.threshold);
}

function arm({ runs }: Stored, name: string): unknown {
  return (runs![0]!.arms as Record<string, unknown>)[name];
}

function only(cell: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(cell).filter(([name]) => names.includes(name)));
}

function read<Value>(folder: string, name: string): Value {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
}
