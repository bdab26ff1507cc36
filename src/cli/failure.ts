import { CommanderError } from "commander";
import { ProRecError, type ProRecErrorCode } from "../errors.ts";
import { inertJson, printable } from "../io/printable.ts";

/** How a run ended badly, as the user is told. */
export interface Failure {
  readonly exit: number;
  readonly code: ProRecErrorCode | "BAD_OPTION" | "INTERNAL";
  readonly message: string;
  readonly hint?: string | undefined;
  readonly details?: object;
  /** Set for what `--verbose`, or a bug, shows below the message. */
  readonly stack?: string | undefined;
}

/** The reason of an abort by SIGINT or SIGTERM. */
export class Interrupted extends Error {
  readonly exit: number;

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`Stopped by ${signal}; no unfinished files are left.`);
    this.exit = signal === "SIGINT" ? 130 : 143;
  }
}

const EXITS: Readonly<Record<ProRecErrorCode, number>> = {
  BAD_ROW: 3,
  UNKNOWN_COLUMN: 3,
  UNSUPPORTED_FORMAT: 3,
  SHAPE_MISMATCH: 3,
  CORRUPT_FILE: 3,
  UNREADABLE_FILE: 3,
  UNWRITABLE_FILE: 3,
  INPUT_CHANGED: 3,
  UNUSABLE_CLUSTER: 3,
  NOT_CONVERGED: 4,
  TOO_LARGE: 5,
  NOT_FITTED: 1,
  ABORTED: 130,
};

/** What each exit code means, as `prorec --help` shows it. */
export const EXITS_HELP = `Exits:
  0    done
  1    a bug in ProRec; the message says how to report it
  2    the options or the config file are wrong
  3    the data or a file is wrong, or can't be read or written
  4    a solver did not converge
  5    it is too large for the memory there is
  130  stopped by Ctrl-C (143 by SIGTERM)`;

/** What to tell about `error`; undefined for commander's way of ending after `--help` and `--version`. */
export function failureFrom(error: unknown): Failure | undefined {
  if (error instanceof CommanderError) return error.exitCode === 0 ? undefined : optionFailure(error);
  if (error instanceof Interrupted) return { exit: error.exit, code: "ABORTED", message: error.message };
  if (error instanceof ProRecError && EXITS[error.code] !== 1) {
    const { code, message, hint, details, stack } = error;
    return { exit: EXITS[code], code, message, hint, details, stack };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof RangeError && message === "Array buffer allocation failed") {
    const hint = "Free some memory, or give it less data or fewer factors.";
    return {
      exit: EXITS.TOO_LARGE,
      code: "TOO_LARGE",
      message: "There is not enough memory for this.",
      hint,
      stack,
    };
  }
  return {
    exit: 1,
    code: "INTERNAL",
    message: `internal error: ${message}`,
    hint: "This is a bug in ProRec. Please report it with the command line, the output of prorec --version and node --version, and these lines:",
    stack,
  };
}

/** Commander's text is "error: what is wrong", then perhaps "\n(Did you mean ...?)"; a value in it may have any character. */
function optionFailure(error: CommanderError): Failure {
  const text = error.code === "commander.help" ? "Which command? The help above lists them." : error.message;
  const [, message = text, suggestion] =
    /^(?:error: )?(.*?)(?:\n\((Did you mean .*\?)\))?$/s.exec(text) ?? [];
  const hint = suggestion ?? "prorec --help lists the commands, prorec COMMAND --help the options of one.";
  return { exit: 2, code: "BAD_OPTION", message, hint, stack: error.stack };
}

/** The lines for standard error: for people, or with `json` one line of JSON. */
export function formatFailure(failure: Failure, options: { json: boolean; verbose: boolean }): string {
  const { code, message, hint = null, details = {} } = failure;
  const stack = failure.code === "INTERNAL" || options.verbose ? failure.stack : undefined;
  if (options.json) return `${inertJson({ error: { code, message, hint, details, stack } })}\n`;
  const lines = [`prorec: ${message}`];
  if (hint !== null) lines.push(`  ${hint}`);
  if (stack !== undefined) lines.push(...stack.split("\n"));
  return lines.map((line) => `${printable(line, Infinity)}\n`).join("");
}
