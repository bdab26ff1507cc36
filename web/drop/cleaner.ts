// The page's worker: it cleans one file as `prorec denoise` does, and ends.
import { openBlob } from "../../src/browser/blob-log.ts";
import { blobFile } from "../../src/browser/blob-output.ts";
import { flaggedInteractions, flaggedOf } from "../../src/denoise/evidence.ts";
import { ADDED_COLUMNS, labelReader } from "../../src/denoise/label.ts";
import { denoise } from "../../src/denoise/prorec.ts";
import { flaggedTable } from "../../src/denoise/table.ts";
import { ProRecError } from "../../src/errors.ts";
import { assertAnnotatable, writeAnnotated } from "../../src/io/annotate.ts";
import { readLog } from "../../src/io/log.ts";
import { writeRows } from "../../src/io/write-rows.ts";
import { defaultThreads } from "../../src/parallel/crew.ts";
import { atOnce, type Progress } from "../../src/progress.ts";
import type { Problem, Reply, Request, Result } from "./messages.ts";

/** Milliseconds between two reports of progress. */
const PAUSE = 80;
const EXAMPLES = 50;

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  try {
    reply({ result: await clean(data) });
  } catch (error) {
    reply({ error: explained(error) });
  }
};

reply("ready");

function explained(error: unknown): Problem {
  if (!(error instanceof ProRecError))
    return { message: `This is a mistake of ours, not of your file: ${error}` };
  const { code, message, hint } = error;
  if (code !== "UNKNOWN_COLUMN") return { message, hint };
  return { message, hint: "Say which under Columns and format, and try again.", aboutColumns: true };
}

function reply(message: Reply): void {
  self.postMessage(message);
}

let reported = 0;

function onProgress(progress: Progress): void {
  const now = performance.now();
  if (now - reported < PAUSE && progress.done > 0) return;
  reported = now;
  reply({ progress });
}

async function clean({ file, columns, minRating, name }: Request): Promise<Result> {
  const output = blobFile(name);
  const log = await openBlob(file, file.name, { columns, minRating });
  await assertAnnotatable(log, output.file, ADDED_COLUMNS);
  const { interactions, report } = await readLog(log, { onProgress });
  const denoised = await denoise(interactions, {
    engine: "simd128", // the same bits as in Node
    threads: defaultThreads(),
    onProgress,
  });
  await writeAnnotated(log, output.file, ADDED_COLUMNS, labelReader(denoised), { onProgress });
  const flagged = atOnce(flaggedOf(denoised));
  const evidence = blobFile("flagged.csv");
  const ids = [log.roles.user, log.roles.item].map((column) => log.source.columns[column]!.name);
  const table = flaggedTable(flaggedInteractions(denoised, Infinity, flagged), ids as [string, string]);
  await writeRows(evidence.file, table.columns, table.rows);
  return {
    report,
    flagged: denoised.flaggedCount,
    threads: denoised.matching.threads,
    clean: output.blob(),
    evidence: evidence.blob(),
    examples: [...flaggedInteractions(denoised, EXAMPLES, flagged)],
  };
}
