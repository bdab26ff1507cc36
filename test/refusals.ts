import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { npy } from "./logs.ts";
import { prorec } from "./process.ts";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder with a good log, ids and embeddings (3 users a b c, 2 items x y) and some files more. */
export function folderWith(files: Files = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "prorec-errors-"));
  folders.push(folder);
  const good = {
    "ok.csv": "user,item,rating\na,x,5\nb,y,4\nc,x,3\n",
    "u.npy": npy([3, 2], [1, 2, 3, 4, 5, 6]),
    "v.npy": npy([2, 2], [1, -1, 2, -2]),
    "u.ids": "a\nb\nc\n",
    "v.ids": "x\ny\n",
  };
  for (const [name, content] of Object.entries({ ...good, ...files }))
    writeFileSync(join(folder, name), content);
  return folder;
}

/** The options for those embeddings. */
export const EMBEDDED = [
  ...["--user-embeddings", "u.npy", "--item-embeddings", "v.npy"],
  ...["--user-ids", "u.ids", "--item-ids", "v.ids"],
];

/** Runs prorec denoise where a file is in the way of --flagged; expects that nothing there was made or changed. */
export async function refused(exit: number, files: Files, args: readonly string[]): Promise<string> {
  const folder = folderWith({ ...files, "flagged.csv": "old" });
  const before = readdirSync(folder);
  const outputs = args.includes("-o") ? [] : ["-o", "out.csv", "--flagged", "flagged.csv"];
  const ended = await prorec(["denoise", ...args, ...outputs], { cwd: folder });
  expect(ended).toMatchObject({ exit, stdout: "" });
  expect(readdirSync(folder)).toEqual(before);
  expect(readFileSync(join(folder, "flagged.csv"), "utf8")).toBe("old");
  expect(ended.stderr).not.toMatch(/^ {4}at |internal error/m);
  return ended.stderr;
}

/** The message and what to do about it, without the progress before them. */
export const lastWords = (stderr: string) => stderr.trimEnd().split("\n").slice(-2);
