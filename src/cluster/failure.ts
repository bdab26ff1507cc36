import { ProRecError, type ProRecErrorCode } from "../errors.ts";

/** What a block can fail with beside a bug. */
const CODES: readonly ProRecErrorCode[] = [
  ...(["TOO_LARGE", "CORRUPT_FILE", "UNREADABLE_FILE", "UNWRITABLE_FILE", "UNUSABLE_CLUSTER"] as const),
];

/** What is told of an error. */
export interface Reason {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string | undefined;
  /** The system's or the bucket's own name for it, as ENOSPC. */
  readonly system?: string;
}

export function failureOf(error: unknown): Reason {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof ProRecError)) return { name, message };
  const { code, hint, details } = error;
  const { system } = details;
  return { name, message, code, hint, ...(typeof system === "string" && { system }) };
}

/** The same as one line for the queue. */
export function reasonOf(error: unknown): string {
  return JSON.stringify(failureOf(error));
}

/** The error again, for who ran the job; a reason of the queue's own is no JSON. */
export function errorOf(text: string, task: string, block: number): Error {
  const { name, message, code, hint, system } = reasonFrom(text);
  const whole = `Block ${block} of ${task} failed on the cluster: ${message}`;
  const known = CODES.find((each) => each === code);
  if (known) {
    const details = { task, block, ...(system !== undefined && { system }) };
    return new ProRecError(known, whole, { details, ...(hint && { hint }) });
  }
  return name === "RangeError" ? new RangeError(whole) : new Error(whole);
}

function reasonFrom(text: string): Reason {
  try {
    return JSON.parse(text);
  } catch {
    const hint = "The workers' own messages say more; each that dies gives the block to another.";
    return { name: "Error", code: "UNUSABLE_CLUSTER", message: text, hint };
  }
}
