import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ProRecError } from "../errors.ts";
import { unreadable } from "./bytes.ts";
import { printablePath } from "./printable.ts";

/** What a pattern has and few names do. */
const SPECIAL = /[*?[]/;

/**
 * The files behind a path that a shell did not expand, in alphabetical order: `*` and `?` stand for any characters and
 * any one character of a name, `[a-c]` for one of these, `**` for any folders. A file of exactly that name comes first.
 * Names that begin with a dot have to be asked for with it.
 * @throws ProRecError UNREADABLE_FILE if no file matches.
 */
export async function expandGlob(path: string): Promise<string[]> {
  if (!SPECIAL.test(path) || (await isThere(path))) return [path];
  const [first, ...rest] = path.split("/");
  const files = first === "" ? await matches("/", rest) : await matches("", [first!, ...rest]);
  if (files.length > 0) return files.sort();
  throw new ProRecError("UNREADABLE_FILE", `No file matches ${printablePath(path)}.`, {
    details: { file: path },
    hint: "Check the pattern: * and ? match within a name, ** any folders.",
  });
}

/** The files below `folder` that the segments of a pattern match. */
async function matches(folder: string, [segment, ...rest]: readonly string[]): Promise<string[]> {
  if (segment === undefined) return [];
  const found = async (name: string) => {
    const path = join(folder, name);
    if (rest.length > 0) return matches(path, rest);
    return (await isThere(path, "file")) ? [path] : [];
  };
  if (!SPECIAL.test(segment)) return found(segment);
  const entries = await readdir(folder || ".", { withFileTypes: true }).catch((error) => {
    if (["ENOENT", "ENOTDIR"].includes(error.code)) return [];
    throw unreadable(folder, error);
  });
  const visible = entries.filter(({ name }) => segment.startsWith(".") || !name.startsWith("."));
  if (segment === "**") {
    const folders = visible.filter((entry) => entry.isDirectory()); // no links, which may lead round in a circle
    const deeper = await Promise.all(
      folders.map(({ name }) => matches(join(folder, name), [segment, ...rest])),
    );
    return [...(await matches(folder, rest)), ...deeper.flat()];
  }
  const pattern = patternOf(segment);
  const matching = visible.filter(({ name }) => pattern.test(name));
  return (await Promise.all(matching.map(({ name }) => found(name)))).flat();
}

function patternOf(segment: string): RegExp {
  const source = segment.replace(/\[(!?)([^\]/]+)\]|[\s\S]/gu, (part, not, characters) => {
    if (characters !== undefined) return `[${not ? "^" : ""}${characters.replace(/[\\^]/g, "\\$&")}]`;
    if (part === "*") return ".*";
    return part === "?" ? "." : part.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
  });
  try {
    return new RegExp(`^${source}$`, "su");
  } catch {
    return /(?!)/; // a range such as [z-a], which nothing matches
  }
}

async function isThere(path: string, kind: "any" | "file" = "any"): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && (kind === "any" || !status.isDirectory());
}
