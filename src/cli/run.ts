import { setImmediate as nextTurn } from "node:timers/promises";
import { Command } from "commander";
import { inertJson } from "../io/printable.ts";
import { version } from "../version.ts";
import { failureFrom, formatFailure } from "./failure.ts";
import { type Interruption, watchForInterruption } from "./interruption.ts";
import { reportProgress } from "./progress.ts";
import { print, type RegisterCommand, type Session } from "./session.ts";

/** Runs a command line and gives the exit code; every message has been written by then. Once per process. */
export async function run(commands: readonly RegisterCommand[], argv: readonly string[]): Promise<number> {
  const given = (flag: string) => argv.includes(flag); // needed before, and when, parsing fails
  const json = given("--json");
  const interruption = watchForInterruption();
  const progress = reportProgress(process.stderr, given("--quiet"));
  const session: Session = {
    signal: interruption.signal,
    onProgress: progress.update,
    json,
    note: progress.note,
    print,
    printJson: (value) => print(`${inertJson(value, 2)}\n`),
  };
  const failure = await outcome(() => parse(buildProgram(commands, session), argv), interruption);
  progress.end();
  if (failure === undefined) return 0;
  process.stderr.write(formatFailure(failure, { json, verbose: given("--verbose") }));
  return failure.exit;
}

async function outcome(work: () => Promise<void>, { signal, overdue }: Interruption) {
  try {
    await Promise.race([work(), overdue]);
  } catch (error) {
    if (!signal.aborted) await nextTurn(); // a failing stream may still be about to say why
    return failureFrom(signal.aborted ? signal.reason : error);
  }
  return signal.aborted ? failureFrom(signal.reason) : undefined;
}

async function parse(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(argv.length > 0 ? argv : ["--help"], { from: "user" });
  } finally {
    if (process.stdout.writableLength > 0) await print(""); // once all of it was taken
  }
}

function buildProgram(commands: readonly RegisterCommand[], session: Session): Command {
  const program = new Command("prorec")
    .description(
      "Finds accidental clicks in a log of implicit feedback, re-weights them, and says whether it helped.",
    )
    .version(version, "--version", "print the version")
    .helpOption("--help", "print what a command does and its options")
    .helpCommand("help [command]", "Prints what a command does and its options.")
    .exitOverride()
    .configureOutput({ outputError: () => {} }); // `run` tells it
  for (const register of commands) register(program, session);
  return program;
}
