import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exploredLog, explorer } from "../../test/explored.ts";
import { temporaryFolder } from "../../test/files.ts";
import { denoise } from "../denoise/prorec.ts";
import type { Comparison, Curve, Overview, RecommendationLists, StreamLine, UserDetail } from "./messages.ts";

const folder = temporaryFolder();
const page = join(folder.path, "page");
mkdirSync(page);
writeFileSync(join(page, "index.html"), "");

let explored: Awaited<ReturnType<typeof exploredLog>>;
let server: Awaited<ReturnType<typeof explorer>>;
beforeAll(async () => {
  explored = await exploredLog();
  server = await explorer(explored, { page, decisions: folder.file("decisions.csv") });
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

/** The lines of a long answer, its result and whatever came before. */
async function work<Result>(path: string, body: unknown): Promise<Result> {
  const { status, text } = await server.inside(`/api/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  expect({ status, text }).toMatchObject({ status: 200 });
  const lines: StreamLine<Result>[] = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const last = lines.at(-1)!;
  if (!("result" in last)) throw new Error(text);
  return last.result;
}

describe("settings compared", () => {
  const { gamma, beta, lambda } = { gamma: 0.1, beta: 20, lambda: 0.5 };

  it("the run's own give the run", async () => {
    const { flagged } = await get<Overview>("overview");
    const same = await work<Comparison>("compare", {
      gamma,
      beta,
      lambda,
      transport: "relaxed",
      model: null,
    });
    expect(same).toMatchObject({ flagged, newlyFlagged: 0, newlyKept: 0 });
  });

  it("others give what denoise gives with them", async () => {
    const settings = { gamma: 1, beta: 5, lambda: 0.2, transport: "user-side" } as const;
    const other = await work<Comparison>("compare", { ...settings, model: null });
    const expected = await denoise(explored.input, { ...settings, model: explored.model! });
    expect(other.flagged).toBe(expected.flaggedCount);
    expect(other.planMass).toBeCloseTo(expected.matching.planMass, 6);
    const fitted = await work<Comparison>("compare", { ...settings, model: "popularity" });
    expect(fitted.flagged).not.toBe(other.flagged);
  });

  it("say what is wrong with them", async () => {
    const refused = { gamma, beta, lambda: 3, transport: "relaxed", model: null };
    const { text } = await server.inside("/api/compare", { method: "POST", body: JSON.stringify(refused) });
    expect(JSON.parse(text.trim())).toEqual({ error: "lambda is 3; it must be from 0 to 1.", hint: null });
    for (const wrong of [{ gamma: "1" }, { transport: "teleport" }, { model: "oracle" }, null]) {
      const body = JSON.stringify(wrong && { ...refused, ...wrong });
      expect((await server.inside("/api/compare", { method: "POST", body })).status).toBe(400);
    }
  });
});

describe("recommendations", () => {
  it("before and after a new fit, without what the user has", async () => {
    const first = await get<RecommendationLists>("users/2/recommendations");
    const own = (await get<UserDetail>("users/2")).rows.map(({ item }) => item);
    expect(first).toMatchObject({ after: null, cannot: null });
    expect(first.before).toHaveLength(10);
    await work("refit", {});
    const { before, after } = await get<RecommendationLists>("users/2/recommendations");
    expect(before).toEqual(first.before);
    for (const { item } of [...before, ...after!]) expect(own).not.toContain(item);
    const entry = (await get<UserDetail>("users/2")).rows[0]!.entry;
    await decide([[entry, "remove"]]);
    expect((await get<RecommendationLists>("users/2/recommendations")).after).toBeNull();
    await decide([[entry, null]]);
  });
});

it("the plan stays while others are computed", async () => {
  const before = await get<Curve>("users/3/curve");
  await work("compare", { gamma: 3, beta: 1, lambda: 0, transport: "item-side", model: "ease" });
  expect(await get<Curve>("users/3/curve")).toEqual(before);
});

it("work stops when its reader goes, and makes room for other work", async () => {
  let stopped = false;
  const endless = {
    ...explored.model!,
    fit: (_: unknown, { signal }: { signal?: AbortSignal } = {}) =>
      new Promise<never>((_, reject) =>
        signal!.addEventListener("abort", () => {
          stopped = true;
          reject(new Error("stopped"));
        }),
      ),
  };
  const other = await explorer(
    { ...explored, model: endless },
    { page, decisions: folder.file("other-decisions.csv"), patience: 100 },
  );
  const control = new AbortController();
  const asked = (signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${other.serving.port}/api/refit`, {
      method: "POST",
      headers: { cookie: other.cookie },
      ...(signal ? { signal } : {}),
    });
  const first = await asked(control.signal);
  expect(first.status).toBe(200);
  expect((await asked()).status).toBe(409);
  await new Promise((resolve) => setTimeout(resolve, 500)); // longer than a silent connection stays otherwise
  expect(stopped).toBe(false);
  control.abort();
  await expect.poll(() => stopped).toBe(true);
  await expect
    .poll(async () => (await asked(AbortSignal.timeout(100)).catch(() => ({ status: 0 }))).status)
    .not.toBe(409);
  await other.serving.close();
});
