import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/files.ts";
import { openStore } from "./store.ts";

const folder = temporaryFolder();
const newFolder = (name: string) => {
  mkdirSync(folder.file(name));
  return folder.file(name);
};

describe("a store in a folder", () => {
  it("shows whole contents only, while others are put under the same key", async () => {
    const store = await openStore(newFolder("contested"));
    const contents = Array.from({ length: 8 }, (_, index) => new Uint8Array(300_000).fill(index + 1));
    await store.put("contested", contents[0]!);
    let writing = true;
    const seen = (async () => {
      const values: string[] = [];
      while (writing) {
        const bytes = await store.get("contested");
        values.push(`${bytes.length} of ${[...new Set(bytes)]}`);
      }
      return values;
    })();
    await Promise.all(contents.map((content) => store.put("contested", content)));
    writing = false;
    for (const value of await seen) expect(value).toMatch(/^300000 of [1-8]$/);
    expect(readdirSync(store.location)).toEqual(["contested"]);
  });

  it("hides what killed writers left, and removes it once it is old", async () => {
    const store = await openStore(newFolder("killed"));
    await store.put("blocks/1", Buffer.from("whole"));
    const left = [".1.0badcafe.tmp", ".2.0badcafe.tmp"].map((name) => join(store.location, "blocks", name));
    for (const file of left) writeFileSync(file, "half");
    utimesSync(left[0]!, new Date(0), new Date(0));
    expect(await store.list("")).toEqual(["blocks/1"]);
    expect(await store.removeUnfinished(new Date(Date.now() - 60_000))).toBe(1);
    expect(readdirSync(join(store.location, "blocks"))).toEqual([".2.0badcafe.tmp", "1"]);
  });

  it("must be there, and a folder", async () => {
    await expect(openStore(folder.file("absent"))).rejects.toMatchObject({
      code: "UNUSABLE_CLUSTER",
      message: expect.stringContaining("there is no such folder"),
      hint: expect.stringContaining("mount"),
    });
    await expect(openStore(folder.file("file", "x"))).rejects.toThrow("it is not a folder");
    expect(readdirSync(folder.path)).not.toContain("absent");
  });
});

const disk = newFolder("disk");
const mount = (options: string) => spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk]).status;
const mountable = mount("size=64k") === 0;
afterAll(() => {
  if (mountable) spawnSync("umount", [disk]);
});

describe.skipIf(!mountable)(`a store on a disk of 64 KB${mountable ? "" : " (skipped: can't mount)"}`, () => {
  it("that is full names the reason and leaves nothing behind", async () => {
    const store = await openStore(disk);
    await store.put("runs/small", Buffer.alloc(10_000));
    await expect(store.put("runs/large", Buffer.alloc(200_000))).rejects.toMatchObject({
      code: "UNWRITABLE_FILE",
      message: `Can't write ${join(disk, "runs/large")}: the disk is full.`,
      hint: expect.stringContaining("Free some space"),
    });
    expect(readdirSync(disk, { recursive: true })).toEqual(["runs", "runs/small"]);
    await expect(store.put("runs/small", Buffer.alloc(200_000))).rejects.toThrow("the disk is full");
    expect(await store.get("runs/small")).toHaveLength(10_000);
    await store.put("runs/medium", Buffer.alloc(20_000));
  });

  it("that is read-only says so", async () => {
    expect(mount("remount,ro")).toBe(0);
    const store = await openStore(disk);
    for (const change of [
      () => store.put("new/key", Buffer.alloc(1)),
      () => store.put("runs/new", Buffer.alloc(1)),
      () => store.remove("runs/small"),
    ]) {
      await expect(change()).rejects.toThrow("the file system is read-only");
    }
    expect(await store.get("runs/small")).toHaveLength(10_000);
  });
});
