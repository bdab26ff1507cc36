/** What went wrong, as a closed set that callers can switch on. */
export type ProRecErrorCode =
  | "BAD_ROW"
  | "UNKNOWN_COLUMN"
  | "UNSUPPORTED_FORMAT"
  | "SHAPE_MISMATCH"
  | "NOT_FITTED"
  | "NOT_CONVERGED"
  | "TOO_LARGE"
  | "CORRUPT_FILE"
  | "UNREADABLE_FILE"
  | "UNWRITABLE_FILE"
  | "INPUT_CHANGED"
  | "UNUSABLE_CLUSTER"
  | "ABORTED";

/** Where a data error sits. `row` counts from 1 and is the line of the file for text formats. */
export interface ErrorDetails {
  readonly file?: string;
  readonly row?: number;
  readonly column?: string;
  readonly value?: string;
  readonly [key: string]: unknown;
}

/** The one error that ProRec throws for bad data and for work that can't be done; programmers' mistakes are TypeError or RangeError. */
export class ProRecError extends Error {
  override readonly name = "ProRecError";
  readonly code: ProRecErrorCode;
  readonly details: ErrorDetails;
  /** One sentence that says what to do about it. */
  readonly hint: string | undefined;

  constructor(
    code: ProRecErrorCode,
    message: string,
    options: { details?: ErrorDetails; hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint;
  }
}
