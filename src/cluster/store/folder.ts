import { access, constants, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ProRecError } from "../../errors.ts";
import { unwritable, writeFileAtomically } from "../../io/atomic.ts";
import { unreadable } from "../../io/binary.ts";
import { printablePath } from "../../io/printable.ts";
import { absent, alone, assertKey, assertPrefix } from "./key.ts";
import type { Store } from "./store.ts";

/** What `writeFileAtomically` calls a file that isn't finished; no key is called so. */
const UNFINISHED = /^\..*\.tmp$/;

/** A store in a folder, on a disk that all machines mount. It must be there: made anew it would hide a missing mount. */
export async function openFolder(path: string): Promise<Store> {
  const location = resolve(path);
  const status = await stat(location).catch((error) => {
    throw unusable(location, error.code === "ENOENT" ? "there is no such folder" : error.message);
  });
  if (!status.isDirectory()) throw unusable(location, "it is not a folder");

  const fileOf = (key: string) => {
    assertKey(key);
    return join(location, key);
  };
  const keysBelow = async (prefix: string) => {
    assertPrefix(prefix);
    const files = await filesIn(location, prefix.slice(0, prefix.lastIndexOf("/") + 1));
    return files.filter((key) => key.startsWith(prefix) && !UNFINISHED.test(lastName(key)));
  };
  return {
    location,
    async put(key, bytes) {
      const file = fileOf(key);
      await mkdir(dirname(file), { recursive: true }).catch(async (error) => {
        await access(location, constants.W_OK).catch((cause) => {
          throw unwritable(file, cause); // mkdir says ENOENT of a disk that is read-only
        });
        throw unwritable(file, error);
      });
      await writeFileAtomically(file, bytes);
    },
    async get(key) {
      const file = fileOf(key);
      return readFile(file).then(alone, (error) => {
        throw isAbsent(error) ? absent(key, location) : unreadable(file, error);
      });
    },
    async has(key) {
      return (await statusOf(fileOf(key)))?.isFile() ?? false;
    },
    list: keysBelow,
    async entries(prefix) {
      const keys = await keysBelow(prefix);
      const statuses = await Promise.all(keys.map((key) => statusOf(join(location, key))));
      return keys.flatMap((key, index) => {
        const status = statuses[index];
        return status ? [{ key, bytes: status.size, written: status.mtime }] : [];
      });
    },
    async remove(key) {
      await removeFile(fileOf(key));
    },
    async removeUnfinished(time) {
      let removed = 0;
      for (const name of await filesIn(location, "")) {
        if (!UNFINISHED.test(lastName(name))) continue;
        const file = join(location, name);
        const status = await statusOf(file);
        if (status === undefined || status.mtime >= time) continue;
        await removeFile(file);
        removed++;
      }
      return removed;
    },
  };
}

/** The files under a folder of the store, by their paths from the store with `/`, sorted. */
async function filesIn(location: string, folder: string): Promise<string[]> {
  const top = join(location, folder);
  const found = await readdir(top, { recursive: true, withFileTypes: true }).catch((error) => {
    if (isAbsent(error)) return [];
    throw unreadable(top, error);
  });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(location.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

async function statusOf(file: string) {
  return stat(file).catch((error) => {
    if (isAbsent(error)) return undefined;
    throw unreadable(file, error);
  });
}

async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true }).catch((error) => {
    throw unwritable(file, error);
  });
}

function lastName(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

function isAbsent(error: NodeJS.ErrnoException): boolean {
  return error.code === "ENOENT" || error.code === "ENOTDIR";
}

function unusable(location: string, reason: string): ProRecError {
  return new ProRecError("UNUSABLE_CLUSTER", `Can't use the store ${printablePath(location)}: ${reason}.`, {
    details: { location },
    hint: "Make the folder, or mount the shared disk, on every machine first.",
  });
}
