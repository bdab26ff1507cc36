import { createAtomicFile, type Output } from "./atomic.ts";
import type { OutputTarget } from "./sink.ts";
import { streamOutput } from "./stream-output.ts";

export { assertNotInput } from "./atomic.ts";

/** Where the bytes for a target go. */
export async function outputOf(target: OutputTarget): Promise<Output> {
  if (typeof target === "string") return createAtomicFile(target);
  return "commit" in target ? target : streamOutput(target);
}
