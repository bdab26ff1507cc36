import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Data that may not be copied into the repository stands beside it; tests skip, by name, where it is absent. */
const shared = fileURLToPath(new URL("../../shared/", import.meta.url));

/** A file there, with the reason that belongs in a skipped test's name. */
function file(path: string): { path: string; absent: boolean; reason: string } {
  const absent = !existsSync(shared + path);
  return { path: shared + path, absent, reason: absent ? ` (skipped: ../shared/${path} is absent)` : "" };
}

export const golden = file("golden/prorec.json");
export const ml100k = file("data/ml-100k/u.data");
export const amusic = file("data/amusic/ratings.tsv");
export const atoy = file("data/atoy/ratings.tsv");
