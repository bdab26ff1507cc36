import { type ErrorDetails, ProRecError } from "./errors.ts";
import { memory } from "./host.ts";

/**
 * @throws ProRecError TOO_LARGE with both figures where `bytes` exceeds the memory that is free
 */
export function assertFits(bytes: number, hint: string, details: ErrorDetails = {}): void {
  const { own, free: unused } = memory();
  const free = own + unused;
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
