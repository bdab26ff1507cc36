import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ProRecError } from "../errors.ts";
import { unwritable, writeFileAtomically } from "../io/atomic.ts";
import { corrupt, openBinaryFile } from "../io/binary.ts";
import { printablePath } from "../io/printable.ts";
import { together } from "../io/together.ts";
import { entryBytes, zipEntries } from "../io/zip.ts";
import type { RunOptions } from "../progress.ts";
import type { Dataset } from "./catalogue.ts";
import { type DownloadOptions, download } from "./download.ts";

export interface GetOptions extends RunOptions, Pick<DownloadOptions, "retryAfter" | "patience"> {
  /** Where downloaded files stay. */
  readonly cache: string;
  /** Where the data set goes; made if it isn't there. */
  readonly folder: string;
}

export interface Got {
  /** The paths of what was written. */
  readonly files: readonly string[];
  readonly downloaded: boolean;
  readonly sha256: string;
  /** Whether that was known before. */
  readonly known: boolean;
}

/**
 * Brings a data set into a folder: from the cache if it is there, else from its address; in both cases only if its
 * checksum is the right one.
 *
 * @throws ProRecError UNREADABLE_FILE (no download), CORRUPT_FILE (wrong content), UNWRITABLE_FILE, ABORTED
 */
export async function getDataset(dataset: Dataset, options: GetOptions): Promise<Got> {
  const { cache, folder, signal } = options;
  const name = basename(new URL(dataset.url).pathname);
  const file = join(cache, name);
  const record = `${file}.sha256`;
  await makeFolder(cache);
  await makeFolder(folder);
  const expected = dataset.sha256 ?? (await readFile(record, "utf8").catch(() => "")).trim();
  const cached = await isThere(file);
  const sha256 = cached
    ? await digestOf(file, dataset, expected, `remove ${printablePath(file)}, and it is downloaded anew`)
    : await fetched(dataset, file, expected, options);
  if (expected === "") await writeFileAtomically(record, `${sha256}\n`);
  const files = await together(async (outputs) => {
    const written: string[] = [];
    for await (const [output, chunks] of contents(dataset, file)) {
      const path = join(folder, output);
      const target = await outputs.file(path);
      for await (const chunk of chunks) await target.write(chunk);
      await target.commit();
      written.push(path);
    }
    return written;
  }, signal);
  return { files, downloaded: !cached, sha256, known: expected !== "" };
}

/** Downloads it beside `file` and names it so once it is right. A part from an earlier run that spoils it is left out. */
async function fetched(
  dataset: Dataset,
  file: string,
  expected: string,
  options: GetOptions,
): Promise<string> {
  const part = `${file}.part`;
  const again = await isThere(part);
  const checked = expected !== "";
  await download(dataset.url, part, { ...options, bytes: dataset.bytes, checked }).catch((error) => {
    if (!(error instanceof ProRecError) || error.code !== "UNREADABLE_FILE") throw error;
    const hint = `Try again, which goes on from here; or put the file at ${printablePath(file)} yourself.`;
    throw new ProRecError(error.code, error.message, { details: error.details, hint, cause: error });
  });
  try {
    const sha256 = await digestOf(part, dataset, expected, "don't use what that address gives");
    await rename(part, file);
    return sha256;
  } catch (error) {
    await rm(part, { force: true });
    if (again) return await fetched(dataset, file, expected, options);
    throw error;
  } finally {
    await rm(`${part}.version`, { force: true });
  }
}

/** @throws ProRecError CORRUPT_FILE where it is not the one expected */
async function digestOf(path: string, dataset: Dataset, expected: string, advice: string): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(path)) digest.update(chunk);
  const sha256 = digest.digest("hex");
  if (expected === "" || sha256 === expected) return sha256;
  const message = `${dataset.url} is not the file that was expected: its sha256 is ${sha256}, not ${expected}.`;
  const hint = `It changed, or something on the way changed it: ${advice}.`;
  throw new ProRecError("CORRUPT_FILE", message, { details: { file: path, sha256, expected }, hint });
}

/** What is to be written, under which names. */
async function* contents(
  { members }: Dataset,
  file: string,
): AsyncGenerator<[string, AsyncIterable<Buffer>]> {
  if (members === undefined) {
    yield [basename(file), createReadStream(file)];
    return;
  }
  const archive = await openBinaryFile(file);
  try {
    const entries = await zipEntries(archive);
    for (const member of members) {
      const entry = entries.find(({ name }) => name === member);
      if (entry === undefined) throw corrupt(file, `it has no part ${member}`);
      yield [basename(member), entryBytes(archive, entry)];
    }
  } finally {
    await archive.close();
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error) => {
    throw unwritable(path, error);
  });
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
