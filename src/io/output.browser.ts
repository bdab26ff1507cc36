import { ProRecError } from "../errors.ts";
import type { Output } from "./atomic.ts";
import { quoted } from "./bad-row.ts";
import type { OutputTarget } from "./sink.ts";

/** Nothing that a browser writes can be what it reads. */
export async function assertNotInput(): Promise<void> {}

/** Where the bytes for a target go: a page has no paths and no streams. */
export async function outputOf(target: OutputTarget): Promise<Output> {
  if (typeof target === "object" && "commit" in target) return target;
  throw new ProRecError("UNWRITABLE_FILE", `Can't write ${quoted(String(target))}: a browser has no paths.`, {
    hint: "Take toBlob(denoised, NAME) and let the person save that.",
  });
}
