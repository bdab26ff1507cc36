import type { Flag } from "../../src/denoise/evidence.ts";
import type { DataReport } from "../../src/io/log.ts";
import type { Progress } from "../../src/progress.ts";

/** What the page asks of its worker, which lives for one file. */
export interface Request {
  readonly file: File;
  readonly columns: { readonly [role in "user" | "item" | "rating"]?: string };
  readonly minRating: number | undefined;
  /** Name of the cleaned file; its extension tells the format. */
  readonly name: string;
}

/** What the worker says: that it listens, then progress, then one of the others. */
export type Reply =
  | "ready"
  | { readonly progress: Progress }
  | { readonly result: Result }
  | { readonly error: Problem };

export interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
  /** The page's fields for columns can mend it. */
  readonly aboutColumns?: boolean;
}

export interface Result {
  readonly report: DataReport;
  readonly flagged: number;
  readonly threads: number;
  /** The log with its new columns, and the flagged interactions with evidence as CSV. */
  readonly clean: Blob;
  readonly evidence: Blob;
  /** The worst of them. */
  readonly examples: readonly Flag[];
}
