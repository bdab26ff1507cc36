import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { assertOutputs, removeTemporaryFiles } from "./atomic.ts";
import { together } from "./together.ts";

const folder = temporaryFolder();
const inside = (name: string) => {
  mkdirSync(folder.file(name));
  return {
    at: (file: string) => join(folder.file(name), file),
    names: () => readdirSync(folder.file(name)).sort(),
  };
};

describe("outputs made together", () => {
  it("get their names at the end, all at once", async () => {
    const { at, names } = inside("end");
    mkdirSync(at("run"));
    await together(async (outputs) => {
      for (const name of ["one.csv", "two.csv"]) {
        const file = await outputs.file(at(name));
        await file.write(Buffer.from(name));
        await file.commit();
      }
      writeFileSync(join(await outputs.folder(at("run")), "run.json"), "{}");
      expect(names().filter((name) => !name.startsWith("."))).toEqual(["run"]);
      expect(readdirSync(at("run"))).toEqual([]);
    });
    expect(names()).toEqual(["one.csv", "run", "two.csv"]);
    expect(readFileSync(at("two.csv"), "utf8")).toBe("two.csv");
    expect(readdirSync(at("run"))).toEqual(["run.json"]);
  });

  it.each(["an error", "an abort", "the end of the process"])("leave nothing after %s", async (what) => {
    const { at, names } = inside(what);
    writeFileSync(at("one.csv"), "old");
    const control = new AbortController();
    const work = together(async (outputs) => {
      const file = await outputs.file(at("one.csv"));
      await file.write(Buffer.from("new"));
      await file.commit();
      writeFileSync(join(await outputs.folder(at("run")), "run.json"), "{}");
      expect(names()).toHaveLength(3);
      if (what === "an error") throw new Error("too late");
      if (what === "an abort") control.abort();
      if (what === "the end of the process") removeTemporaryFiles();
    }, control.signal);
    await expect(work).rejects.toThrow();
    expect(names()).toEqual(["one.csv"]);
    expect(readFileSync(at("one.csv"), "utf8")).toBe("old");
  });

  it("say which folder can't be made", async () => {
    const work = together((outputs) => outputs.folder(folder.file("absent/run")));
    await expect(work).rejects.toMatchObject({
      code: "UNWRITABLE_FILE",
      message: /absent\/run.*does not exist/,
    });
  });
});

describe("assertOutputs", () => {
  it("takes new files and old ones, each once", async () => {
    const old = folder.file("old.csv", "");
    await assertOutputs([old, folder.file("new.csv")], [folder.file("log.csv", "user,item\n")]);
    for (const again of [old, `${folder.path}/./old.csv`, `${folder.path}/end/../old.csv`]) {
      await expect(assertOutputs([old, again], [])).rejects.toMatchObject({ code: "UNWRITABLE_FILE" });
    }
  });
});
