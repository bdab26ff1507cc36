import { freemem } from "node:os";
import { type ErrorDetails, ProRecError } from "./errors.ts";

/**
 * @throws ProRecError TOO_LARGE with both figures where `bytes` exceeds the memory that is free
 */
export function assertFits(bytes: number, hint: string, details: ErrorDetails = {}): void {
  const constrained = process.constrainedMemory?.() ?? 0;
  const limit = constrained > 0 ? Math.min(freemem(), constrained - process.memoryUsage.rss()) : freemem();
  const free = limit + process.memoryUsage.rss();
  if (bytes <= free) return;
  throw new ProRecError(
    "TOO_LARGE",
    `This needs about ${inMegabytes(bytes)} of memory and ${inMegabytes(free)} are free.`,
    { details: { ...details, estimatedBytes: bytes, freeBytes: free }, hint },
  );
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}
