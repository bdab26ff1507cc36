import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exploredLog, explorer } from "../../test/explored.ts";
import { temporaryFolder } from "../../test/files.ts";
import { parseDelimited } from "../../test/logs.ts";
import { openDecisions } from "./decisions.ts";
import type { Curve, Explanation, Overview, Row, RowSlice, UserDetail, UserSlice } from "./messages.ts";

const folder = temporaryFolder();
const page = join(folder.path, "page");
mkdirSync(page);
writeFileSync(join(page, "index.html"), "");
const side = folder.file("decisions.csv");

/** Ids that would do something, were they ever read as markup, script, a path or a query. */
const EVIL: Record<string, string> = {
  u3: "</script><script>alert(1)</script>",
  i5: '"><img src=x onerror=alert(1)>',
  u4: "../../etc",
};
let explored: Awaited<ReturnType<typeof exploredLog>>;
let server: Awaited<ReturnType<typeof explorer>>;
beforeAll(async () => {
  explored = await exploredLog((id) => EVIL[id] ?? id);
  server = await explorer(explored, { page, decisions: side });
});
afterAll(() => {
  expect(server.bugs).toEqual([]);
  return server.serving.close();
});

async function get<Result>(path: string): Promise<Result> {
  const { status, text } = await server.inside(`/api/${path}`);
  expect({ path, status }).toEqual({ path, status: 200 });
  return JSON.parse(text);
}

async function decide(changes: unknown[]) {
  return server.inside("/api/decisions", { method: "POST", body: JSON.stringify({ changes }) });
}

/** Every row, found without the server. */
function everyRow() {
  const { input, matching, noise, weights } = explored;
  const { offsets, indices } = input.matrix;
  const popularity = input.itemCounts();
  return Array.from(input.users, (userId, user) =>
    Array.from({ length: offsets[user + 1]! - offsets[user]! }, (_, at) => {
      const entry = offsets[user]! + at;
      const item = indices[entry]!;
      const match = matching.match[entry]!;
      const threshold = matching.threshold[user]!;
      return {
        ...{ entry, userId, itemId: input.items.at(item), title: `Title ${item}`, match, threshold },
        ...{ margin: match / threshold, rank: matching.rank[entry]!, popularity: popularity[item]! },
        ...{ weight: weights[entry]!, noise: noise[entry]!, user, item },
      };
    }),
  ).flat();
}

describe("overview", () => {
  it("counts every interaction once in each picture", async () => {
    const overview = await get<Overview>("overview");
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    for (const histogram of [overview.margins, overview.byUser, overview.byItem]) {
      expect(sum(histogram.flagged)).toBe(overview.flagged);
      expect(sum(histogram.kept)).toBe(overview.interactions - overview.flagged);
      expect(histogram.edges).toHaveLength(histogram.kept.length + 1);
    }
    const threshold = overview.margins.edges.indexOf(0);
    expect(sum(overview.margins.kept.slice(0, threshold))).toBe(0);
    expect(sum(overview.margins.flagged.slice(threshold))).toBe(0);
  });
});

describe("rows", () => {
  it.each(["margin", "match", "rank", "popularity", "weight"] as const)(
    "are sorted by %s, both ways",
    async (key) => {
      const all = everyRow();
      for (const descending of [0, 1]) {
        const { rows, total } = await get<RowSlice>(
          `rows?show=all&sort=${key}&descending=${descending}&count=500`,
        );
        expect(total).toBe(all.length);
        const value = new Map(all.map((row) => [row.entry, Math.fround(row[key])]));
        const values = rows.map(({ entry }) => value.get(entry)!);
        expect(values).toEqual(values.toSorted((left, right) => (descending ? right - left : left - right)));
      }
    },
  );

  it("are sorted by ids as people count", async () => {
    const { rows } = await get<RowSlice>("rows?show=all&sort=item&count=500");
    const ids = [...new Set(rows.map(({ itemId }) => itemId))].filter((id) => /^i\d+$/.test(id));
    expect(ids.indexOf("i9")).toBeLessThan(ids.indexOf("i10"));
  });

  it("slices fit together and say what the run says", async () => {
    const expected = new Map(everyRow().map((row) => [row.entry, row]));
    const whole = (await get<RowSlice>("rows?show=flagged&count=500")).rows;
    const pieces: Row[] = [];
    for (let from = 0; from < whole.length; from += 7) {
      pieces.push(...(await get<RowSlice>(`rows?show=flagged&from=${from}&count=7`)).rows);
    }
    expect(pieces).toEqual(whole);
    for (const { decision, ...row } of whole) expect(expected.get(row.entry)).toMatchObject(row);
    expect(whole.every(({ noise }) => noise === 1)).toBe(true);
  });

  it("are found by user, item or title in any case", async () => {
    const wanted = "title 1";
    const { total } = await get<RowSlice>(`rows?show=all&search=${encodeURIComponent(wanted)}`);
    const found = everyRow().filter(({ title }) => title.toLowerCase().includes(wanted));
    expect(total).toBe(found.length);
    const evil = await get<RowSlice>(`rows?show=all&search=${encodeURIComponent(EVIL.u3!)}`);
    expect(evil.rows.every(({ userId }) => userId === EVIL.u3)).toBe(true);
    expect(evil.total).toBeGreaterThan(0);
  });

  it("of one item, of one user", async () => {
    const { rows, total } = await get<RowSlice>("rows?show=all&item=2");
    expect(total).toBe(everyRow().filter(({ item }) => item === 2).length);
    expect(rows.every(({ item }) => item === 2)).toBe(true);
    expect((await get<RowSlice>("rows?show=all&user=3")).total).toBe(
      (await get<UserDetail>("users/3")).interactions,
    );
  });

  it("come with evidence: both sides of the user, and a reason in titles", async () => {
    const [row] = (await get<RowSlice>("rows?count=1")).rows;
    const { reason, kept, flagged, keptTotal, flaggedTotal } = await get<Explanation>(`rows/${row!.entry}`);
    expect(reason).toMatch(/^Ranks \d+ of 24 for this user/);
    expect(reason).toContain("nearest kept: Title ");
    expect([...kept, ...flagged].every(({ user }) => user === row!.user)).toBe(true);
    expect(kept.map(({ noise }) => noise)).toEqual(kept.map(() => 0));
    expect(keptTotal + flaggedTotal).toBe((await get<UserDetail>(`users/${row!.user}`)).interactions);
  });
});

describe("ids that look like markup", () => {
  it("travel in JSON that no browser takes for a page", async () => {
    const answer = await server.inside(`/api/rows?show=all&search=${encodeURIComponent(EVIL.u3!)}`);
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });

  it("are never echoed by a refusal", async () => {
    for (const path of ["/api/rows?sort=<b>x", "/api/rows/<b>", "/<b>x", "/api/export?rows=<b>&format=csv"]) {
      const { text, headers } = await server.inside(encodeURI(path));
      expect(text).not.toContain("<b>");
      expect(headers["content-type"]).toMatch(/^text\/plain/);
    }
  });
});

describe("users", () => {
  it("are sorted and counted", async () => {
    const { rows, total } = await get<UserSlice>("users?sort=flagged&descending=1&count=100");
    expect(total).toBe(30);
    const flagged = rows.map((user) => user.flagged);
    expect(flagged).toEqual(flagged.toSorted((left, right) => right - left));
    expect(flagged.reduce((sum, value) => sum + value, 0)).toBe(
      everyRow().filter(({ noise }) => noise).length,
    );
  });

  it("have the sorted row of the plan: it passes through their clicks and their threshold at kappa", async () => {
    for (const user of [0, 3, 7]) {
      const { rows, kappa, threshold } = await get<UserDetail>(`users/${user}`);
      const { ranks, matches } = await get<Curve>(`users/${user}/curve`);
      const at = new Map(ranks.map((rank, index) => [rank, matches[index]!]));
      expect(at.get(kappa)!).toBeCloseTo(threshold, 6);
      for (const { rank, match } of rows) expect(at.get(rank)!).toBeCloseTo(match, 6);
      expect(matches).toEqual(matches.toSorted((left, right) => right - left));
      expect(ranks.at(-1)).toBe(24);
      expect(matches.reduce((sum, match) => sum + match, 0)).toBeCloseTo(1, 4); // 24 items: all ranks are there
    }
  });
});

describe("decisions", () => {
  it("live in the side file, and change what is listed and counted", async () => {
    const rows = (await get<RowSlice>("rows?count=3")).rows;
    await decide([
      [rows[0]!.entry, "keep"],
      [rows[1]!.entry, "remove"],
      [rows[2]!.entry, "remove"],
    ]);
    await decide([[rows[2]!.entry, null]]);
    expect(parseDelimited(readFileSync(side, "utf8"))).toEqual([
      ["user", "item", "decision"],
      ...[rows[0]!, rows[1]!]
        .toSorted((left, right) => left.entry - right.entry)
        .map((row) => [row.userId, row.itemId, row === rows[0] ? "keep" : "remove"]),
    ]);
    expect((await get<Overview>("overview")).decisions).toMatchObject({ keep: 1, remove: 1 });
    const decided = (await get<RowSlice>("rows?show=decided")).rows;
    expect(decided.map(({ entry, decision }) => [entry, decision])).toEqual([
      [rows[0]!.entry, "keep"],
      [rows[1]!.entry, "remove"],
    ]);
  });

  it("are there again after a restart; pairs of another log stay in the file", async () => {
    const { userId, itemId } = everyRow().at(-1)!;
    const text = `user,item,decision\nnobody,"no, thing",keep\n${userId},${itemId},remove\n`;
    const path = folder.file("again.csv", text);
    const decisions = await openDecisions(path, explored.input);
    expect([...decisions.made.values()]).toEqual(["remove"]);
    await decisions.decide([[0, "keep"]]);
    const rows = parseDelimited(readFileSync(path, "utf8"));
    expect(rows).toContainEqual(["nobody", "no, thing", "keep"]);
    expect(rows).toHaveLength(4);
  });

  it("many at once end in one whole file, and none at all in none", async () => {
    const path = folder.file("many.csv");
    const decisions = await openDecisions(path, explored.input);
    await Promise.all(Array.from({ length: 50 }, (_, entry) => decisions.decide([[entry, "remove"]])));
    expect(parseDelimited(readFileSync(path, "utf8"))).toHaveLength(51);
    await decisions.decide(Array.from({ length: 50 }, (_, entry) => [entry, null]));
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder.path).filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  it("refuse a file that holds something else", async () => {
    const other = folder.file("other.csv", "user,item,decision\na,b,maybe\n");
    await expect(openDecisions(other, explored.input)).rejects.toThrow("neither keep nor remove");
    const log = folder.file("log.csv", "user,item\na,b\n");
    await expect(openDecisions(log, explored.input)).rejects.toThrow("its columns are not");
  });
});

describe("export of a run", () => {
  it("honours decisions: kept weighs 1, removed 0", async () => {
    const { keep, remove } = (await get<Overview>("overview")).decisions;
    expect([keep, remove]).toEqual([1, 1]);
    const { text, headers } = await server.inside("/api/export?rows=weights&format=csv");
    expect(headers["content-disposition"]).toBe('attachment; filename="prorec-weights.csv"');
    const [head, ...rows] = parseDelimited(text);
    expect(head).toEqual(["user", "item", "weight", "relevance", "match", "threshold", "rank", "noise"]);
    const decided = (await get<RowSlice>("rows?show=decided")).rows;
    const expected = everyRow().map((row) => {
      const decision = decided.find(({ entry }) => entry === row.entry)?.decision;
      const [weight, noise] =
        decision === "keep" ? [1, 0] : decision === "remove" ? [0, 1] : [row.weight, row.noise];
      return [row.userId, row.itemId, weight, noise];
    });
    expect(
      rows.map(([user, item, weight, , , , , noise]) => [
        user,
        item,
        Math.fround(Number(weight)),
        Number(noise),
      ]),
    ).toEqual(expected);
  });

  it("leaves out what was removed, or all that is flagged", async () => {
    const rows = everyRow();
    const lines = async (which: string) =>
      parseDelimited((await server.inside(`/api/export?rows=${which}&format=csv`)).text).length - 1;
    expect(await lines("decided")).toBe(rows.length - 1);
    expect(await lines("kept")).toBe(rows.filter(({ noise }) => noise === 0).length + 1);
  });

  it("leaves nothing behind", async () => {
    const left = () =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`prorec-export-${process.pid}-`));
    await expect.poll(left).toEqual([]);
  });
});

describe("the picture", () => {
  it("has every interaction in one bin, and what is preferred beside the clicks", async () => {
    const bytes = await fetchBytes("picture?usersFrom=0&usersTo=30&itemsFrom=0&itemsTo=24&columns=5&rows=7");
    const counts = new Uint32Array(bytes, 0, 35);
    const flagged = new Uint32Array(bytes, 140, 35);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(explored.input.size);
    expect(flagged.every((count, bin) => count <= counts[bin]!)).toBe(true);
    const preferred = await fetchBytes("picture/preferred?usersFrom=0&usersTo=30&itemsFrom=0&itemsTo=24");
    // Above the thresholds lie kappa items a user (none ties here): the kept clicks and the preferred others.
    const kappa = explored.matching.kappa.reduce((sum, value) => sum + value, 0);
    const kept = everyRow().filter(({ noise }) => noise === 0).length;
    expect(new Uint8Array(preferred).reduce((sum, mark) => sum + mark, 0)).toBe(kappa - kept);
  });

  async function fetchBytes(path: string): Promise<ArrayBuffer> {
    const { port } = server.serving;
    return (
      await fetch(`http://127.0.0.1:${port}/api/${path}`, { headers: { cookie: server.cookie } })
    ).arrayBuffer();
  }
});
