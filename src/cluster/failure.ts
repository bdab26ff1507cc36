import { ProRecError, type ProRecErrorCode } from "../errors.ts";

/** What a block can fail with beside a bug. */
const CODES: readonly ProRecErrorCode[] = [
  ...(["TOO_LARGE", "CORRUPT_FILE", "UNREADABLE_FILE", "UNWRITABLE_FILE", "UNUSABLE_CLUSTER"] as const),
];

interface Reason {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string | undefined;
}

/** What can be told of a worker's error. */
export function failureOf(error: unknown): Reason {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, message, ...(error instanceof ProRecError && { code: error.code, hint: error.hint }) };
}

/** The same as one line for the queue. */
export function reasonOf(error: unknown): string {
  return JSON.stringify(failureOf(error));
}

/** The error again, for who ran the job; a reason of the queue's own is no JSON. */
export function errorOf(text: string, task: string, block: number): Error {
  const { name, message, code, hint } = reasonFrom(text);
  const whole = `Block ${block} of ${task} failed on the cluster: ${message}`;
  const known = CODES.find((each) => each === code);
  if (known) return new ProRecError(known, whole, { details: { task, block }, ...(hint && { hint }) });
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
