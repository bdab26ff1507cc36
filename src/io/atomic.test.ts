import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { assertNotInput, createAtomicFile, removeTemporaryFiles, writeFileAtomically } from "./atomic.ts";

const folder = temporaryFolder();
const inside = (name: string) => {
  mkdirSync(folder.file(name));
  return { path: folder.file(name), names: () => readdirSync(folder.file(name)) };
};

describe("an atomic file", () => {
  it("appears whole on commit", async () => {
    const { path, names } = inside("commit");
    const file = await createAtomicFile(join(path, "clean.csv"));
    await file.write(Buffer.from("a,"));
    expect(names()).toHaveLength(1);
    expect(names()[0]).toMatch(/^\.clean\.csv\.[0-9a-f]{8}\.tmp$/);
    await file.write(Buffer.from("b\n"));
    await file.commit();
    expect(names()).toEqual(["clean.csv"]);
    expect(readFileSync(file.path, "utf8")).toBe("a,b\n");
  });

  it("leaves the old content and nothing else when abandoned", async () => {
    const { path, names } = inside("abandon");
    await writeFileAtomically(join(path, "clean.csv"), "old");
    const file = await createAtomicFile(join(path, "clean.csv"));
    await file.write(Buffer.from("new"));
    await file.abandon();
    await file.abandon();
    expect(names()).toEqual(["clean.csv"]);
    expect(readFileSync(file.path, "utf8")).toBe("old");
    await expect(file.write(Buffer.from("late"))).rejects.toThrow(TypeError);
  });

  it("is removed by removeTemporaryFiles", async () => {
    const { path, names } = inside("signal");
    const file = await createAtomicFile(join(path, "clean.csv"));
    await file.write(Buffer.from("half"));
    removeTemporaryFiles();
    expect(names()).toEqual([]);
    await file.abandon();
  });

  it("takes the place of a symbolic link's target", async () => {
    const { path } = inside("link");
    await writeFileAtomically(join(path, "target.csv"), "old");
    symlinkSync("target.csv", join(path, "link.csv"));
    await writeFileAtomically(join(path, "link.csv"), "new");
    expect(readlinkSync(join(path, "link.csv"))).toBe("target.csv");
    expect(readFileSync(join(path, "target.csv"), "utf8")).toBe("new");
  });

  it("refuses what is no file, naming it", async () => {
    const refused = (path: string, says: string) =>
      expect(createAtomicFile(path)).rejects.toMatchObject({
        code: "UNWRITABLE_FILE",
        message: expect.stringContaining(says),
        details: { file: path },
      });
    await refused(folder.path, "it is a folder");
    await refused(folder.file("absent/clean.csv"), "the folder does not exist");
    await refused("/dev/null", "not a regular file");
  });

  const limits = spawnSync("prlimit", ["--version"]).status === 0;
  it.skipIf(!limits)(
    `leaves nothing when the system takes no more bytes${limits ? "" : " (skipped: no prlimit)"}`,
    async () => {
      const { path, names } = inside("full");
      const limit = (size: string) =>
        spawnSync("prlimit", ["--pid", String(process.pid), `--fsize=${size}:unlimited`]).status;
      const file = await createAtomicFile(join(path, "clean.csv"));
      await file.write(Buffer.alloc(4096));
      expect(limit("8192")).toBe(0);
      try {
        await expect(file.write(Buffer.alloc(65536))).rejects.toMatchObject({
          code: "UNWRITABLE_FILE",
          message: expect.stringMatching(/clean\.csv: the file would become too large/),
          hint: expect.stringContaining("another file system"),
        });
      } finally {
        limit("unlimited");
      }
      expect(names()).toEqual([]);
    },
  );
});

describe("assertNotInput", () => {
  it("refuses an input under any name", async () => {
    const input = folder.file("log.csv", "user,item\n");
    symlinkSync(input, folder.file("symlink.csv"));
    linkSync(input, folder.file("hardlink.csv"));
    symlinkSync(folder.path, folder.file("folder-link"));
    const other = folder.file("other.csv", "user,item\n");
    for (const output of [
      input,
      relative(process.cwd(), input),
      folder.file("symlink.csv"),
      folder.file("hardlink.csv"),
      folder.file("folder-link/log.csv"),
    ]) {
      await expect(assertNotInput(output, [other, input])).rejects.toMatchObject({
        code: "UNWRITABLE_FILE",
        details: { file: output },
      });
    }
    await assertNotInput(folder.file("new.csv"), [input]);
    await assertNotInput(other, [input]);
  });
});
