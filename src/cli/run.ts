import { setImmediate as nextTurn } from "node:timers/promises";
import { Command } from "commander";
import { inertJson } from "../io/printable.ts";
import { version } from "../version.ts";
import { applyConfig, readConfig } from "./config.ts";
import { EXITS_HELP, failureFrom, formatFailure } from "./failure.ts";
import { type Interruption, watchForInterruption } from "./interruption.ts";
import { printInstead } from "./print-config.ts";
import { reportProgress } from "./progress.ts";
import { print, type RegisterCommand, type Session } from "./session.ts";

const EXAMPLES = `Examples:
  prorec diagnose clicks.csv                 one page: what denoising would do here, and what to run next
  prorec explore clicks.csv                  a page in the browser: what looks wrong, and why
  prorec denoise clicks.csv -o clean.csv     give every row a weight, a verdict and a reason
  prorec evaluate clicks.csv                 does denoising help here? with controls
  prorec recommend clean.csv --user u42      a user's next ten items`;

const CONFIG_HELP = `Config:
  prorec.config.json in the working directory, or --config FILE, has options by command:
  {"denoise": {"model": "ease", "gamma": 0.2}}. The command line wins; --print-config shows what holds.`;

/** Runs a command line and gives the exit code; every message has been written by then. Once per process. */
export async function run(commands: readonly RegisterCommand[], argv: readonly string[]): Promise<number> {
  const given = (flag: string) => argv.includes(flag); // needed before, and when, parsing fails
  const json = given("--json");
  const interruption = watchForInterruption();
  const verbose = given("--verbose");
  const progress = reportProgress(process.stderr, { quiet: given("--quiet"), timings: verbose });
  const session: Session = {
    signal: interruption.signal,
    onProgress: progress.update,
    json,
    note: progress.note,
    print,
    printJson: (value) => print(`${inertJson(value, 2)}\n`),
  };
  const program = buildProgram(commands, session);
  withConfig(program, argv, session);
  const failure = await outcome(() => parse(program, argv), interruption);
  progress.end();
  if (failure === undefined || (isForHelp(argv) && failure.code === "UNWRITABLE_FILE")) return 0; // read as far as wanted
  process.stderr.write(formatFailure(failure, { json, verbose }));
  return failure.exit;
}

function isForHelp(argv: readonly string[]): boolean {
  return argv.length === 0 || argv[0] === "help" || argv.includes("--help") || argv.includes("-h");
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

/** Each command gets the config file's options before it reads its own; one that only prints help needs none. */
function withConfig(program: Command, argv: readonly string[], session: Session): void {
  if (isForHelp(argv)) return;
  const prepare = async (_: Command, command: Command) => {
    if (command.commands.length > 0) return;
    const config = await readConfig(program, argv);
    if (config !== undefined) applyConfig(config, command);
    if (argv.includes("--print-config")) printInstead(program, command, config, session);
  };
  for (const group of [program, ...program.commands.filter(({ commands }) => commands.length > 0)]) {
    group.hook("preSubcommand", prepare);
  }
}

async function parse(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(argv.length > 0 ? argv : ["--help"], { from: "user" });
  } finally {
    if (process.stdout.writableLength > 0) await print(""); // once all of it was taken
  }
}

/** All commands, ready to read a command line. */
export function buildProgram(commands: readonly RegisterCommand[], session: Session): Command {
  const program = new Command("prorec")
    .description(
      "Finds accidental clicks in a log of implicit feedback, re-weights them, and says whether it helped.",
    )
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "print what a command does and its options")
    .helpCommand("help [command]", "Prints what a command does and its options.")
    .addHelpText("after", `\n${EXAMPLES}\n\n${EXITS_HELP}\n\n${CONFIG_HELP}`)
    .exitOverride()
    .configureOutput({ outputError: () => {} }); // `run` tells it
  for (const register of commands) register(program, session);
  return program;
}
