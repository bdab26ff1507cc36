import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { collectGarbage } from "./garbage.ts";
import { documentKey, pieceKey, resultKey } from "./keys.ts";
import { openStore, type Store } from "./store/store.ts";
import { toJson } from "./values.ts";

const folder = temporaryFolder();
const NOW = new Date();
const LONG_AGO = new Date(0);
const YESTERDAY = new Date(NOW.getTime() - 86_400_000);

async function newStore(name: string): Promise<Store> {
  mkdirSync(folder.file(name));
  return openStore(folder.file(name));
}

async function put(store: Store, key: string, text: string, written: Date): Promise<void> {
  await store.put(key, Buffer.from(text));
  utimesSync(join(store.location, key), written, written);
}

/** A job with two arrays of the given pieces and two results. */
async function job(
  store: Store,
  digest: string,
  pieces: readonly string[],
  written: Date,
): Promise<string[]> {
  const first = new Float32Array(1);
  const places = new Map([[first, { kind: "Float32Array", length: 1, pieces }]]);
  const document = toJson({ task: "times", job: { first } }, (array) => places.get(array as typeof first)!);
  const keys = [documentKey(digest), resultKey(digest, 0), resultKey(digest, 1)];
  for (const key of keys) await put(store, key, key === keys[0] ? document : "result", written);
  return keys;
}

it("removes what is old and not kept, and the arrays that nothing names, but no worker's token", async () => {
  const store = await newStore("store");
  const old = await job(store, "a0", ["p0", "p1"], LONG_AGO);
  const kept = await job(store, "a1", ["p1", "p2"], LONG_AGO);
  const young = await job(store, "a2", ["p3"], LONG_AGO);
  await put(store, resultKey("a2", 2), "late", NOW);
  for (const piece of ["p0", "p1", "p2", "p3", "p4"]) await put(store, pieceKey(piece), "12345678", LONG_AGO);
  await put(store, pieceKey("p5"), "of a run that begins", NOW);
  await put(store, "tokens/old", "x", LONG_AGO);
  const left = join(store.location, "arrays/.p6.0badcafe.tmp");
  writeFileSync(left, "half");
  utimesSync(left, LONG_AGO, LONG_AGO);

  const collected = await collectGarbage(store, { keep: ["a1", "unknown"], olderThan: YESTERDAY });
  expect(collected).toMatchObject({ pieces: old.length + 2, unfinished: 1 });
  expect(await store.list("")).toEqual(
    [...kept, ...young, resultKey("a2", 2), ...["p1", "p2", "p3", "p5"].map(pieceKey), "tokens/old"].sort(),
  );
  expect(readdirSync(join(store.location, "arrays"))).not.toContain(".p6.0badcafe.tmp");
  const again = await collectGarbage(store, { keep: ["a1"], olderThan: YESTERDAY });
  expect(again).toEqual({ pieces: 0, bytes: 0, unfinished: 0 });
});

it("with nothing kept it empties the store; a damaged document stops nothing", async () => {
  const store = await newStore("all");
  await job(store, "b0", ["p0"], LONG_AGO);
  await put(store, documentKey("b1"), "{damaged", NOW);
  await put(store, pieceKey("p0"), "12345678", LONG_AGO);
  expect((await collectGarbage(store, { keep: [], olderThan: YESTERDAY })).pieces).toBe(4);
  expect(await store.list("")).toEqual([documentKey("b1")]);
  await collectGarbage(store, { keep: [], olderThan: new Date(NOW.getTime() + 1e6) });
  expect(await store.list("")).toEqual([]);
});

it("cut short, it leaves no result or array that a document still names as if it were there", async () => {
  const store = await newStore("cut");
  await job(store, "c0", ["p0"], LONG_AGO);
  await put(store, pieceKey("p0"), "12345678", LONG_AGO);
  let removals = 0;
  const failing = {
    ...store,
    remove: async (key: string) => {
      if (removals++ === 1) throw new Error("cut");
      await store.remove(key);
    },
  };
  await expect(collectGarbage(failing, { keep: [], olderThan: YESTERDAY })).rejects.toThrow("cut");
  expect(await store.has(documentKey("c0"))).toBe(false);
  expect(await store.has(pieceKey("p0"))).toBe(true);
});
