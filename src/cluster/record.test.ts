import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { type RunRecord, recordOf, recordReader, saveRecord } from "./record.ts";
import { openStore, type Store } from "./store/store.ts";

const folder = temporaryFolder();
let place: string;
let store: Store;
let made = 0;
beforeEach(async () => {
  place = folder.file(`store-${made++}`);
  mkdirSync(place);
  store = await openStore(place);
});

const record = (id: string, more: Partial<RunRecord> = {}): RunRecord => ({
  ...{
    id,
    since: `2026-01-01T00:00:0${id.length}.000Z`,
    host: "host1",
    folder: "/data",
    log: ["clicks.csv"],
  },
  ...{ options: { output: "clean.csv", factors: 30 }, identity: { log: "abc" }, ...more },
});
const END = { at: "2026-01-01T01:00:00.000Z", blocks: { computed: 1, there: 0, waiting: 0 }, stages: [] };
const fileOf = (id: string) => join(place, "runs", id);
const refusal = (id: string) => ({
  code: "CORRUPT_FILE",
  message: `runs/${id} in the store ${place} is damaged or was altered.`,
  details: { key: `runs/${id}`, location: place },
});

it("a record comes back as it was saved, the oldest first", async () => {
  await saveRecord(store, record("aaa"));
  await saveRecord(store, record("b"));
  expect(await recordReader(store)()).toEqual({ records: [record("b"), record("aaa")], damaged: [] });
  expect(await recordOf(store, "b")).toEqual(record("b"));
});

it("any changed, missing or added byte is refused by name; other runs can go on", async () => {
  await saveRecord(store, record("a"));
  await saveRecord(store, record("bb"));
  const whole = readFileSync(fileOf("a"));
  const at = fc.nat(whole.length - 1);
  const damage = fc.oneof(
    fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= bits;
      return bytes;
    }),
    at.map((length) => whole.subarray(0, length)),
    fc.uint8Array({ minLength: 1, maxLength: 9 }).map((more) => Buffer.concat([whole, more])),
  );
  await fc.assert(
    fc.asyncProperty(damage, async (bytes) => {
      writeFileSync(fileOf("a"), bytes);
      await expect(recordOf(store, "a")).rejects.toMatchObject(refusal("a"));
      expect(await recordOf(store, "bb")).toEqual(record("bb"));
    }),
    { numRuns: 60 },
  );
});

it("options that were written in by hand are refused, and so is another run's record", async () => {
  await saveRecord(store, record("a"));
  await saveRecord(store, record("bb"));
  const text = readFileSync(fileOf("a"), "latin1");
  expect(text).toContain('"clean.csv"');
  writeFileSync(fileOf("a"), text.replace('"clean.csv"', '"/etc/crontab"'), "latin1");
  await expect(recordOf(store, "a")).rejects.toMatchObject(refusal("a"));
  writeFileSync(fileOf("a"), readFileSync(fileOf("bb")));
  await expect(recordOf(store, "a")).rejects.toMatchObject(refusal("a"));
  writeFileSync(fileOf("a"), JSON.stringify(record("a")));
  await expect(recordOf(store, "a")).rejects.toMatchObject(refusal("a"));
});

it("a run that is done, or would fail again, is none that can go on; one that was cancelled is", async () => {
  await saveRecord(store, record("a", { end: { ...END, state: "done", final: true } }));
  await saveRecord(store, record("bb", { end: { ...END, state: "cancelled", final: false } }));
  await saveRecord(store, record("ccc"));
  await expect(recordOf(store, "a")).rejects.toMatchObject({
    ...{ code: "UNUSABLE_CLUSTER", message: `The store ${place} has no unfinished run a.` },
    hint: "It has bb, ccc.",
  });
  expect((await recordOf(store, "bb")).end?.state).toBe("cancelled");
});

it("a reader that stays reads what has changed, and nothing twice", async () => {
  let gets = 0;
  const get = (key: string) => {
    gets++;
    return store.get(key);
  };
  const read = recordReader({ ...store, get });
  await saveRecord(store, record("a"));
  await saveRecord(store, record("bb"));
  await read();
  await read();
  expect(gets).toBe(2);
  await saveRecord(store, record("a", { end: { ...END, state: "done", final: true } }));
  expect((await read()).records.map(({ end }) => end?.state)).toEqual(["done", undefined]);
  expect(gets).toBe(3);
  await store.remove("runs/bb");
  expect((await read()).records).toHaveLength(1);
});
