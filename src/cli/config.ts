import type { EventEmitter } from "node:events";
import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, type Option } from "commander";
import { printablePath } from "../io/printable.ts";
import { closest, didYouMean, type OptionParser, withCommonOptions } from "./options.ts";

/** Looked for in the working directory unless `--config` or `--no-config` says otherwise. */
const CONFIG_FILE = "prorec.config.json";

/** What a config file says: options by their long names, by command. */
export interface Config {
  readonly path: string;
  readonly sections: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A command's options that a config file may hold: all but those of every command. */
export function configurable(command: Command): Option[] {
  const common = withCommonOptions(command.createCommand(), "").options.map(({ long }) => long);
  return command.options.filter(({ long, negate }) => !negate && !common.includes(long));
}

/** The commands that a config file may have a section for, by that section's name: `denoise`, `noise inject`. */
export function configurableCommands(program: Command): Map<string, Command> {
  const found = new Map<string, Command>();
  const visit = (group: Command, before: string) => {
    for (const command of group.commands) {
      const name = `${before}${command.name()}`;
      if (configurable(command).length > 0) found.set(name, command);
      visit(command, `${name} `);
    }
  };
  visit(program, "");
  return found;
}

/**
 * Reads the config file that the words of a command line ask for, and checks every name in it.
 *
 * @throws InvalidArgumentError for one that can't be read, is not JSON, or has a section or an option that isn't there
 */
export async function readConfig(program: Command, argv: readonly string[]): Promise<Config | undefined> {
  const asked = pathIn(argv);
  if (asked === undefined && argv.includes("--no-config")) return undefined;
  const path = asked ?? CONFIG_FILE;
  const name = printablePath(path);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (asked === undefined && code === "ENOENT") return undefined;
    throw new InvalidArgumentError(`The config file ${name} can't be read: ${message}`);
  }
  const sections = parsed(text, name);
  const commands = configurableCommands(program);
  for (const [section, options] of Object.entries(sections)) {
    const command = commands.get(section);
    if (command === undefined) {
      const meant = didYouMean(closest(section, [...commands.keys()]));
      throw new InvalidArgumentError(`${name}: there is no command "${section}" with options.${meant}`);
    }
    if (!isObject(options)) {
      throw new InvalidArgumentError(`${name}: "${section}" must be an object of options.`);
    }
    const known = configurable(command).map((option) => option.name());
    const unknown = Object.keys(options).find((option) => !known.includes(option));
    if (unknown !== undefined) {
      const meant = didYouMean(closest(unknown, known));
      throw new InvalidArgumentError(`${name}: "${section}" has no option "${unknown}".${meant}`);
    }
  }
  return { path, sections: sections as Config["sections"] };
}

/** Gives a command the config's options before it reads the command line, which replaces them. */
export function applyConfig({ path, sections }: Config, command: Command): void {
  const section = sectionOf(command);
  const options = configurable(command);
  for (const [name, value] of Object.entries(sections[section] ?? {})) {
    const option = options.find((option) => option.name() === name)!;
    const attribute = option.attributeName();
    try {
      command.setOptionValueWithSource(attribute, valueFor(option, value), "config");
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const found = `${printablePath(path)}: "${name}" of "${section}" is ${JSON.stringify(value)}.`;
      throw new InvalidArgumentError(`${found} ${error.message}`);
    }
    (command as unknown as EventEmitter).prependOnceListener(`option:${name}`, () =>
      command.setOptionValue(attribute, undefined),
    );
  }
}

/** The name of a command's section. */
export function sectionOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${sectionOf(parent)} ${command.name()}` : command.name();
}

/** The FILE of `--config FILE` or `--config=FILE`. */
function pathIn(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => /^--config(=|$)/.test(word));
  return at < 0 ? undefined : (/=(.*)/s.exec(argv[at]!)?.[1] ?? argv[at + 1]);
}

/** The sections of a config file. */
function parsed(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw new InvalidArgumentError(`${name} is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw new InvalidArgumentError(`${name} must be an object with a section a command.`);
  const { $schema: _, ...sections } = value;
  return sections;
}

/** An option's value from a number, a text as on the command line, true or false, or a list where it may be repeated. */
function valueFor(option: Option, value: unknown): unknown {
  if (option.isBoolean()) {
    if (typeof value !== "boolean") throw new InvalidArgumentError("It must be true or false.");
    return value;
  }
  const parse = option.parseArg as OptionRead | undefined;
  if (Array.isArray(value) && parse?.schema?.type === "array") {
    return value.reduce((previous, one) => parse(textOf(one), previous), undefined);
  }
  return parse === undefined ? textOf(value) : parse(textOf(value));
}

/** Commander's parser of an option, perhaps one of options.ts, perhaps one that adds to the value before. */
type OptionRead = ((text: string, previous?: unknown) => unknown) & Partial<OptionParser<unknown>>;

function textOf(value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new InvalidArgumentError("It must be a number or a text, as on the command line.");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
