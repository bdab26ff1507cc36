import { mkdirSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/files.ts";
import { type S3Server, startS3 } from "../../../test/s3.ts";
import { openStore, type Store } from "./store.ts";

const folder = temporaryFolder();
const before = { ...process.env };
let server: S3Server;
beforeAll(async () => {
  server = await startS3(folder.file("s3"));
  Object.assign(process.env, server.environment);
});
afterAll(async () => {
  process.env = before;
  await server.stop();
});

const text = (value: string) => Buffer.from(value);
const newFolder = (name: string) => {
  mkdirSync(folder.file(name));
  return folder.file(name);
};

describe.each([
  ["a folder", async () => openStore(newFolder("store"))],
  ["S3", async () => openStore("s3://prorec/some/runs")],
])("a store in %s", (_, open) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });

  it("gives back what was put, alone in its ArrayBuffer", async () => {
    const bytes = fc.uint8Array({ maxLength: 5000 });
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        await store.put("round/trip", content);
        const back = await store.get("round/trip");
        expect(Buffer.compare(back, content)).toBe(0);
        expect(back.byteOffset).toBe(0);
        expect(back.buffer.byteLength).toBe(content.length);
      }),
      { numRuns: 20 },
    );
    await store.remove("round/trip");
  });

  it("takes views and shared memory", async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(1 << 20)).fill(7, 1000);
    await store.put("shared", shared.subarray(500));
    expect(Buffer.compare(await store.get("shared"), shared.subarray(500))).toBe(0);
    await store.remove("shared");
  });

  it("says what it doesn't have, and where", async () => {
    expect(await store.has("absent")).toBe(false);
    expect(await store.has("absent/inside")).toBe(false);
    await expect(store.get("absent/inside")).rejects.toMatchObject({
      code: "UNREADABLE_FILE",
      message: `There is no absent/inside in the store ${store.location}.`,
      details: { key: "absent/inside", location: store.location },
    });
    await store.remove("absent");
  });

  it("lists by prefix, sorted, with sizes and ages", async () => {
    const start = Date.now();
    for (const key of ["b/2-x", "b/10-x", "a/b/c", "bc/d"]) await store.put(key, text(key));
    expect(await store.list("")).toEqual(["a/b/c", "b/10-x", "b/2-x", "bc/d"]);
    expect(await store.list("b")).toEqual(["b/10-x", "b/2-x", "bc/d"]);
    expect(await store.list("b/")).toEqual(["b/10-x", "b/2-x"]);
    expect(await store.list("b/1")).toEqual(["b/10-x"]);
    expect(await store.list("none/")).toEqual([]);
    const [entry] = await store.entries("a/");
    expect(entry).toMatchObject({ key: "a/b/c", bytes: 5 });
    expect(Math.abs(entry!.written.getTime() - start)).toBeLessThan(60_000);
    await store.remove("b/2-x");
    await store.remove("b/2-x");
    expect(await store.has("b/2-x")).toBe(false);
    expect(await store.has("b/10-x")).toBe(true);
    for (const key of await store.list("")) await store.remove(key);
    expect(await store.list("")).toEqual([]);
  });

  it("takes the same bytes under the same key from several at once", async () => {
    const bytes = new Uint8Array(300_000).fill(3);
    await Promise.all(Array.from({ length: 8 }, () => store.put("contested", bytes)));
    expect(Buffer.compare(await store.get("contested"), bytes)).toBe(0);
    expect(await store.list("")).toEqual(["contested"]);
    await store.remove("contested");
  });

  it("refuses keys that are no path of plain names, with every method", async () => {
    const bad = [
      "",
      "/a",
      "a/",
      "a//b",
      "..",
      "a/../b",
      "a/..",
      ".",
      "./a",
      ".a",
      "a.",
      "a\\b",
      "a\0b",
      "C:a",
      "ä",
      "a b",
    ];
    for (const key of [...bad, "a".repeat(201), Array(300).fill("abc").join("/")]) {
      for (const call of [store.put(key, text("x")), store.get(key), store.has(key), store.remove(key)]) {
        await expect(call).rejects.toMatchObject({ code: "CORRUPT_FILE", details: { key } });
      }
    }
    for (const prefix of ["/", "..", "../x", "a/../", "a//", "\\", "a\0"]) {
      await expect(store.list(prefix)).rejects.toMatchObject({ code: "CORRUPT_FILE" });
    }
    expect(await store.list("")).toEqual([]);
  });

  it("any string is a key that round-trips or is refused and leaves nothing", async () => {
    const odd = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "B", "0", ".", "/", "-", "_", "\\", "\0", "~", " ", "%", "é") }),
      fc.string({ unit: "binary" }),
    );
    let tries = 0; // a key can't go through another, so each has a folder of its own
    await fc.assert(
      fc.asyncProperty(odd, async (name) => {
        const key = `try${tries++}/${name}`;
        const kept = await store.put(key, text(key)).then(
          () => true,
          (error) => {
            expect(error.code).toBe("CORRUPT_FILE");
            return false;
          },
        );
        expect(await store.list("")).toEqual(kept ? [key] : []);
        if (!kept) return;
        expect(key.split("/")).not.toContain("..");
        expect(Buffer.from(await store.get(key)).toString()).toBe(key);
        await store.remove(key);
      }),
      { numRuns: 60 },
    );
    expect(readdirSync(folder.path).sort()).toEqual(["s3", "store"]);
  });
});
