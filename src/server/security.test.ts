import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exploredLog, explorer } from "../../test/explored.ts";
import { temporaryFolder } from "../../test/files.ts";
import { isLoopback } from "./addresses.ts";

const folder = temporaryFolder();
const page = join(folder.path, "page");
mkdirSync(join(page, "assets"), { recursive: true });
writeFileSync(join(page, "index.html"), "<!doctype html><title>the page</title>");
writeFileSync(join(page, "assets", "main.js"), "1;");
folder.file("secret.js", "not to be had");

const WHERE = { page, decisions: folder.file("decisions.csv") };
let explored: Awaited<ReturnType<typeof exploredLog>>;
let server: Awaited<ReturnType<typeof explorer>>;
beforeAll(async () => {
  explored = await exploredLog();
  server = await explorer(explored, WHERE);
});
afterAll(() => server.serving.close());

const PATHS = ["/", "/assets/main.js", "/api/overview", "/api/rows", "/api/users/0", "/nothing"];

describe("the token", () => {
  it("is exchanged for a cookie that scripts and other sites don't get", () => {
    expect(server.opened.status).toBe(200);
    expect(server.setCookie).toMatch(/^prorec-\d+=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(server.serving.address).not.toContain(server.cookie.split("=")[1]);
  });

  it("used up, still leads in whoever has the cookie, and only them", async () => {
    const { pathname, search } = new URL(server.serving.address);
    const again = await server.inside(pathname + search);
    expect([again.status, again.headers["set-cookie"]]).toEqual([200, undefined]);
    const cookie = `${server.cookie.split("=")[0]}=${"x".repeat(32)}`;
    expect((await server.ask(pathname + search, { headers: { cookie } })).status).toBe(401);
  });

  it("works once", async () => {
    const { pathname, search } = new URL(server.serving.address);
    const again = await server.ask(pathname + search);
    expect(again.status).toBe(401);
    expect(again.headers["set-cookie"]).toBeUndefined();
  });

  it("is not used up by a wrong one, by HEAD or by a browser that only looks ahead", async () => {
    const fresh = await exploredUnopened();
    const { pathname, search } = new URL(fresh.address);
    const asked = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${fresh.port}${path}`, init);
    expect((await asked(`${pathname}?token=${"x".repeat(32)}`)).status).toBe(401);
    expect((await asked(pathname)).status).toBe(401);
    expect((await asked(pathname + search, { headers: { "Sec-Purpose": "prefetch" } })).status).toBe(503);
    expect((await asked(pathname + search)).status).toBe(200);
    await fresh.close();
  });

  it.each(PATHS)("is needed: without the cookie %s is 401", async (path) => {
    expect((await server.ask(path)).status).toBe(401);
    expect((await server.ask(path, { headers: { cookie: `${server.cookie}x` } })).status).toBe(401);
    expect((await server.ask(path, { method: "POST", body: "{}" })).status).toBe(401);
  });

  it("lets in afterwards", async () => {
    expect((await server.inside("/")).text).toContain("the page");
    expect(JSON.parse((await server.inside("/api/overview")).text)).toMatchObject({ users: 30 });
  });
});

async function exploredUnopened() {
  const { serveExplorer } = await import("./serve.ts");
  const { openDecisions } = await import("./decisions.ts");
  const { exploredApi } = await import("./app.ts");
  const decisions = await openDecisions(folder.file("other.csv"), explored.input);
  return serveExplorer({ api: exploredApi(explored, decisions, () => {}), page, onBug: () => {} });
}

describe("other sites", () => {
  it.each(["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"])(
    "get 403 by a foreign Host: %j",
    async (host) => {
      expect((await server.inside("/api/overview", { headers: { host } })).status).toBe(403);
      const { pathname } = new URL(server.serving.address);
      expect((await server.ask(`${pathname}?token=x`, { headers: { host } })).status).toBe(403);
    },
  );

  it("get 403 without a Host", async () => {
    const { text } = await server.raw(`GET /api/overview HTTP/1.0\r\nCookie: ${server.cookie}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 40[03] /);
  });

  it("localhost is this machine", async () => {
    const headers = { host: `LocalHost:${server.serving.port}` };
    expect((await server.inside("/api/overview", { headers })).status).toBe(200);
  });

  it.each(["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])(
    "get 403 by a foreign Origin: %s",
    async (origin) => {
      const headers = { origin };
      expect((await server.inside("/api/overview", { headers })).status).toBe(403);
      const post = { method: "POST", headers, body: '{"changes":[]}' };
      expect((await server.inside("/api/decisions", post)).status).toBe(403);
    },
  );

  it("the own origin may", async () => {
    const origin = `http://127.0.0.1:${server.serving.port}`;
    const post = { method: "POST", headers: { origin }, body: '{"changes":[]}' };
    expect((await server.inside("/api/decisions", post)).status).toBe(200);
  });

  it.each(["cross-site", "same-site"])("get 403 where the browser says %s", async (site) => {
    const headers = { "sec-fetch-site": site };
    expect((await server.inside("/api/rows", { headers })).status).toBe(403);
  });
});

describe("headers", () => {
  it.each([...PATHS, "/open?token=x", "/api/rows?sort=x", "/api/export"])("of %s", async (path) => {
    for (const { headers } of [await server.inside(path), await server.ask(path)]) {
      expect(headers["content-security-policy"]).toBe(
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
      });
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  it("of an answer to a foreign Host and to too much", async () => {
    const foreign = await server.ask("/", { headers: { host: "evil.example" } });
    const large = await server.inside("/api/decisions", { method: "POST", body: "x".repeat(2 ** 20) });
    for (const { headers } of [foreign, large]) expect(headers["referrer-policy"]).toBe("no-referrer");
  });
});

describe("paths", () => {
  it.each([
    "/../secret.js",
    "/assets/../../secret.js",
    "/%2e%2e/secret.js",
    "/assets/..%2f..%2fsecret.js",
    "/assets/%2e%2e%5c%2e%2e%5csecret.js",
    "//secret.js",
    "/secret.js%00.js",
    `/${folder.path}/secret.js`,
    "/assets",
  ])("%s gives no file from outside the page", async (path) => {
    const { status, text } = await server.inside(path);
    expect(text).not.toContain("not to be had");
    expect(status).toBe(404);
  });

  it("a number that is none, or no row's, is 400", async () => {
    for (const path of [
      "/api/rows/-1",
      "/api/rows/1e9",
      "/api/rows/x",
      "/api/users/30",
      "/api/users/__proto__",
    ]) {
      expect((await server.inside(path)).status).toBe(400);
    }
    for (const query of ["from=-1", "count=0", "count=1000000", "sort=x", "show=constructor", "user=x"]) {
      expect((await server.inside(`/api/rows?${query}`)).status).toBe(400);
    }
    expect((await server.inside(`/api/rows?search=${"x".repeat(300)}`)).status).toBe(400);
    expect(server.bugs).toEqual([]);
  });
});

describe("trouble", () => {
  it("a huge body is 413, said to be huge or not", async () => {
    const body = JSON.stringify({ changes: [], more: "x".repeat(2 ** 20) });
    expect((await server.inside("/api/decisions", { method: "POST", body })).status).toBe(413);
    const chunked = { "transfer-encoding": "chunked" };
    expect((await server.inside("/api/decisions", { method: "POST", body, headers: chunked })).status).toBe(
      413,
    );
  });

  it.each([
    "",
    "{",
    "[]",
    "null",
    '{"changes":1}',
    '{"changes":[1]}',
    '{"changes":[[0,"drop"]]}',
    '{"changes":[[-1,"keep"]]}',
  ])("the body %s is 400 and decides nothing", async (body) => {
    expect((await server.inside("/api/decisions", { method: "POST", body })).status).toBe(400);
    expect(JSON.parse((await server.inside("/api/overview")).text).decisions).toMatchObject({
      keep: 0,
      remove: 0,
    });
  });

  it("huge headers and addresses are refused", async () => {
    expect((await server.inside("/", { headers: { x: "x".repeat(20_000) } })).status).toBe(431);
    expect((await server.inside(`/${"x".repeat(20_000)}`)).status).toBe(431);
  });

  it("a client that sends slowly is let go; others are served meanwhile", async () => {
    const impatient = await explorer(explored, { ...WHERE, patience: 200 });
    const host = `Host: 127.0.0.1:${impatient.serving.port}\r\n`;
    const slow = [
      impatient.raw(`GET / HTTP/1.1\r\n${host}X-Slow: `, "x"),
      impatient.raw(
        `POST /api/decisions HTTP/1.1\r\n${host}Cookie: ${impatient.cookie}\r\nContent-Length: 100000\r\n\r\n{`,
        " ",
      ),
      impatient.raw(""),
    ];
    expect((await impatient.inside("/api/overview")).status).toBe(200);
    for (const { milliseconds, text } of await Promise.all(slow)) {
      expect(text).not.toContain("200 OK");
      expect(milliseconds).toBeLessThan(10_000);
    }
    await impatient.serving.close();
  });
});

it("listens on this machine alone unless told otherwise", async () => {
  const { networkInterfaces } = await import("node:os");
  const others = Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of others) {
    await expect(fetch(`http://${address}:${server.serving.port}/`)).rejects.toThrow("fetch failed");
  }
  // Another address of the loopback network: a server on all addresses answers there too, whatever the machine has.
  await expect(fetch(`http://127.0.0.2:${server.serving.port}/`)).rejects.toThrow("fetch failed");
  expect(new URL(server.serving.address).hostname).toBe("127.0.0.1");
});

it("knows what is this machine alone, and warns of the rest", () => {
  for (const host of ["127.0.0.1", "127.8.9.10", "localhost", "::1"])
    expect([host, isLoopback(host)]).toEqual([host, true]);
  for (const host of [
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil-127.0.0.1",
    "",
  ]) {
    expect([host, isLoopback(host)]).toEqual([host, false]);
  }
});

describe("ids that look like markup", () => {
  const MARKUP = `</script><img src=x onerror="alert(1)">`;

  it("come as JSON, never as a page", async () => {
    const evil = await explorer(await exploredLog((id) => `${MARKUP}${id}`), {
      ...WHERE,
      decisions: folder.file("evil.csv"),
    });
    for (const path of [
      "overview",
      "rows",
      "rows/0",
      "users",
      "users/0",
      "users/0/recommendations",
      "picture/cell?user=0&item=0",
    ]) {
      const { headers, text } = await evil.inside(`/api/${path}`);
      expect([path, headers["content-type"]]).toEqual([path, expect.stringMatching(/^application\/json/)]);
      expect(text).toContain(JSON.stringify(MARKUP).slice(1, -1));
    }
    await evil.serving.close();
  });

  it("and what is asked in such words is answered in plain text", async () => {
    const words = encodeURIComponent(MARKUP);
    for (const path of [`rows?sort=${words}`, `users/${words}`, `export?format=${words}`, words]) {
      const { headers } = await server.inside(`/api/${path}`);
      expect([path, headers["content-type"]]).toEqual([path, expect.stringMatching(/^text\/plain/)]);
    }
  });
});
