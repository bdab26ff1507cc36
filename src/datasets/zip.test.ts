import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { zipMember } from "./zip.ts";

const python = spawnSync("python3", ["--version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "prorec-zip-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!python)("archives by Python's zipfile (needs python3)", () => {
  const text = "196\t242\t3\t881250949\n".repeat(5000);
  const archive = () => {
    const path = join(folder, "a.zip");
    const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    archive.comment = b"PK\\x05\\x06 is not the end of this archive"
    archive.writestr("a/empty", b"")
    archive.writestr("a/u.data", ${JSON.stringify(text)}, zipfile.ZIP_DEFLATED)
    archive.writestr("a/\\u00fc.txt", b"stored", zipfile.ZIP_STORED)
    archive.writestr("a/bz2", b"x" * 99, zipfile.ZIP_BZIP2)`;
    execFileSync("python3", ["-c", script, path]);
    return readFileSync(path);
  };

  it("give their members, deflated, stored and empty, and refuse what they can't", () => {
    const bytes = archive();
    expect(zipMember(bytes, "a/u.data", "a.zip", 1e6).toString()).toBe(text);
    expect(zipMember(bytes, "a/\u00fc.txt", "a.zip", 1e6).toString()).toBe("stored");
    expect(zipMember(bytes, "a/empty", "a.zip", 1e6)).toHaveLength(0);
    expect(() => zipMember(bytes, "a/bz2", "a.zip", 1e6)).toThrow(/a\/bz2 in a.zip .* method 12/);
    expect(() => zipMember(bytes, "a/none", "a.zip", 1e6)).toThrow(/no such member/);
    expect(() => zipMember(bytes, "a/u.data", "a.zip", 99_999)).toThrow(/100000 bytes, more than 99999/);
  });

  it("damaged anywhere, give the same bytes or a named error", () => {
    const bytes = archive();
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      try {
        expect(zipMember(damaged, "a/u.data", "a.zip", 1e6).equals(Buffer.from(text))).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: "CORRUPT_FILE" });
      }
    }
    for (let length = 0; length < bytes.length; length += 7) {
      const cut = () => zipMember(bytes.subarray(0, length), "a/u.data", "a.zip", 1e6);
      expect(cut).toThrow(expect.objectContaining({ code: "CORRUPT_FILE" }));
    }
  });
});
