import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Dataset } from "./catalogue.ts";
import { type GetOptions, getDataset } from "./get.ts";

const CONTENT = randomBytes(200_000);
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");

/** Answers the `tried`th request. */
type Answer = (request: IncomingMessage, response: ServerResponse, tried: number) => void;

let folder: string;
let server: Server;
let requests: IncomingMessage[];
let answer: Answer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "prorec-get-"));
  requests = [];
  server = createServer((request, response) => answer(request, response, requests.push(request)));
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** A server that does what it should, ranges included. */
const honest: Answer = (request, response) => {
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
  const version = request.headers["if-range"];
  response.setHeader("etag", '"1"');
  if (start === undefined || (version !== undefined && version !== '"1"')) {
    response.setHeader("content-length", CONTENT.length).end(CONTENT);
  } else if (Number(start) >= CONTENT.length) {
    response.writeHead(416).end();
  } else {
    const range = `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}`;
    response.writeHead(206, { "content-range": range, "content-length": CONTENT.length - Number(start) });
    response.end(CONTENT.subarray(Number(start)));
  }
};

/** Says that it sends all, sends `bytes`, and closes the connection once they have come; later ones at once. */
const cutAfter =
  (bytes: Buffer, version: string): Answer =>
  (request, response, tried) => {
    if (tried > 1) return request.socket.destroy();
    response.writeHead(200, { "content-length": CONTENT.length, etag: version });
    response.write(bytes);
    const check = setInterval(() => {
      if (existsSync(part()) && statSync(part()).size === bytes.length) response.destroy();
    }, 5);
    response.on("close", () => clearInterval(check));
  };

const port = () => (server.address() as AddressInfo).port;

function get(dataset: Partial<Dataset> = {}, options: Partial<GetOptions> = {}) {
  return getDataset(
    {
      title: "Some rows",
      url: `http://127.0.0.1:${port()}/log.csv`,
      ...{ bytes: CONTENT.length, sha256: SHA256 },
      licence: { text: "", url: "" },
      ...{ note: "", log: "log.csv" },
      ...dataset,
    },
    { cache: join(folder, "cache"), folder: join(folder, "out"), retryAfter: 1, ...options },
  );
}

const unknown = { bytes: undefined, sha256: undefined } as unknown as Partial<Dataset>;
const written = () => readFileSync(join(folder, "out/log.csv")).equals(CONTENT);
const cache = () => readdirSync(join(folder, "cache"));
const part = () => join(folder, "cache/log.csv.part");

/** What the failing call left: no result, and nothing in the cache that would be taken for one. */
async function refused(call: Promise<unknown>, code: string, message: RegExp) {
  await expect(call).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(readdirSync(join(folder, "out"))).toEqual([]);
  expect(existsSync(join(folder, "cache/log.csv"))).toBe(false);
}

it("downloads once, then takes it from the cache", async () => {
  answer = honest;
  expect(await get()).toMatchObject({ downloaded: true, sha256: SHA256, known: true });
  rmSync(join(folder, "out"), { recursive: true });
  expect(await get()).toMatchObject({ downloaded: false, files: [join(folder, "out/log.csv")] });
  expect(written()).toBe(true);
  expect(requests).toHaveLength(1);
  expect(cache()).toEqual(["log.csv"]);
});

it("tries again after an error of the server or a lost connection", async () => {
  answer = (request, response, tried) => {
    if (tried === 1) response.writeHead(503).end("busy");
    else if (tried === 2) request.socket.destroy();
    else honest(request, response, tried);
  };
  await get();
  expect(written()).toBe(true);
  expect(requests).toHaveLength(3);
});

it("gives up after five tries, keeps what came, and goes on from there the next time", async () => {
  answer = cutAfter(CONTENT.subarray(0, 50_000), '"1"');
  await refused(get(), "UNREADABLE_FILE", /127.0.0.1:\d+\/log.csv: .*, 5 times/);
  expect(requests).toHaveLength(5);
  expect(readFileSync(part())).toHaveLength(50_000);
  answer = honest;
  await get();
  expect(requests.at(-1)!.headers).toMatchObject({ range: "bytes=50000-", "if-range": '"1"' });
  expect(written()).toBe(true);
});

it("starts anew where the server sends all of it, another part, or has none", async () => {
  for (const strange of [
    (_: IncomingMessage, response: ServerResponse) => response.end(CONTENT),
    (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(206, { "content-range": "bytes 7-199999/200000" }).end(CONTENT.subarray(7)),
    (_: IncomingMessage, response: ServerResponse) => response.writeHead(416).end(),
  ]) {
    requests = [];
    answer = (request, response, tried) => (tried === 1 ? strange : honest)(request, response, tried);
    rmSync(join(folder, "cache"), { recursive: true, force: true });
    await get().then(() => rmSync(join(folder, "cache/log.csv")));
    writeFileSync(part(), CONTENT.subarray(0, 1000));
    requests = [];
    await get();
    expect(written()).toBe(true);
  }
});

it("leaves out a part of another version: told by its ETag, or by the checksum", async () => {
  answer = cutAfter(randomBytes(60_000), '"0"');
  await refused(get(unknown), "UNREADABLE_FILE", /5 times/);
  answer = honest;
  await get(unknown);
  expect(written()).toBe(true);

  rmSync(join(folder, "cache"), { recursive: true });
  await get().then(() => rmSync(join(folder, "cache/log.csv")));
  writeFileSync(part(), randomBytes(60_000));
  await get();
  expect(written()).toBe(true);
});

it("follows redirects, to other hosts too where the content is checked, but not for ever", async () => {
  answer = (request, response, tried) => {
    if (request.url === "/elsewhere") honest(request, response, tried);
    else response.writeHead(302, { location: `http://localhost:${port()}/elsewhere` }).end();
  };
  server.close();
  await once(server, "close");
  await once(server.listen(0, "localhost"), "listening"); // by both names
  const url = `http://127.0.0.1:${port()}/log.csv`;
  const reachable = await fetch(url, { redirect: "manual" }).then(
    () => true,
    () => false,
  );
  const start = reachable ? url : `http://[::1]:${port()}/log.csv`;
  await refused(get({ ...unknown, url: start }), "UNREADABLE_FILE", /another host, localhost/);
  await get({ url: start });
  expect(written()).toBe(true);

  rmSync(join(folder, "cache"), { recursive: true });
  rmSync(join(folder, "out"), { recursive: true });
  requests = [];
  answer = (_, response, tried) => response.writeHead(301, { location: `/${tried}` }).end();
  await refused(get({ url: start }), "UNREADABLE_FILE", /more than 5 redirects/);
  expect(requests).toHaveLength(6);
});

it("refuses other content, and keeps nothing of it", async () => {
  answer = (_, response) => response.end(randomBytes(CONTENT.length));
  await refused(get(), "CORRUPT_FILE", new RegExp(`its sha256 is \\w{64}, not ${SHA256}`));
  expect(cache()).toEqual([]);
});

it("refuses another length, said or sent", async () => {
  answer = (_, response) => response.end(CONTENT.subarray(1));
  await refused(get(), "UNREADABLE_FILE", /has 199999 bytes instead of 200000/);
  answer = (_, response) => {
    response.write(CONTENT);
    response.write(CONTENT);
    setTimeout(() => response.end(), 50);
  };
  await refused(get(), "UNREADABLE_FILE", /more than 200000 bytes/);
});

it("does not wait for a server that drips", async () => {
  answer = (_, response) => {
    response.writeHead(200, { "content-length": CONTENT.length });
    const drip = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(drip));
  };
  await refused(get({}, { patience: 100 }), "UNREADABLE_FILE", /stopped sending, 5 times/);
});

it("fails at once, saying so, where there is no such file", async () => {
  answer = (_, response) => response.writeHead(404).end();
  await refused(get(), "UNREADABLE_FILE", /the server answers 404 Not Found/);
  await expect(get()).rejects.toMatchObject({ hint: expect.stringContaining("put the file at") });
  expect(requests).toHaveLength(2);
});

it("records a checksum that nobody publishes, and holds later files to it", async () => {
  answer = honest;
  expect(await get(unknown)).toMatchObject({ sha256: SHA256, known: false });
  expect(readFileSync(join(folder, "cache/log.csv.sha256"), "utf8")).toBe(`${SHA256}\n`);
  expect(await get(unknown)).toMatchObject({ known: true, downloaded: false });
  writeFileSync(join(folder, "cache/log.csv"), "changed");
  await expect(get(unknown)).rejects.toMatchObject({ code: "CORRUPT_FILE" });
});

it("can be stopped, and goes on from there", async () => {
  const control = new AbortController();
  answer = (_, response) => {
    response.writeHead(200, { "content-length": CONTENT.length, etag: '"1"' });
    response.write(CONTENT.subarray(0, 80_000));
  };
  const onProgress = ({ done }: { done: number }) => done >= 80_000 && control.abort();
  await refused(get({}, { signal: control.signal, onProgress }), "ABORTED", /stopped/);
  answer = honest;
  await get();
  expect(requests.at(-1)!.headers.range).toBe("bytes=80000-");
  expect(written()).toBe(true);
});

const python = spawnSync("python3", ["--version"]).status === 0;
it.skipIf(!python)("unpacks what is wanted of a zip by Python's zipfile (needs python3)", async () => {
  const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for name in ["a/u.data", "a/u.item", "../u.data"]:
        archive.writestr(name, name * 9999)`;
  const path = join(folder, "a.zip");
  expect(spawnSync("python3", ["-c", script, path]).status).toBe(0);
  const bytes = readFileSync(path);
  answer = (_, response) => response.end(bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const zip = { bytes: bytes.length, sha256, members: ["a/u.data", "a/u.item"] };
  const { files } = await get(zip);
  expect(files.map((file) => readFileSync(file, "utf8"))).toEqual(
    ["a/u.data", "a/u.item"].map((name) => name.repeat(9999)),
  );
  expect(readdirSync(join(folder, "out")).sort()).toEqual(["u.data", "u.item"]);
  await expect(get({ ...zip, members: ["a/u.data", "a/none"] })).rejects.toMatchObject({
    code: "CORRUPT_FILE",
  });
});
