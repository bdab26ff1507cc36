import { type Command, CommanderError, type Option } from "commander";
import { printable } from "../io/printable.ts";
import { type Config, configurable, sectionOf } from "./config.ts";
import type { Session } from "./session.ts";

interface Effective {
  readonly value?: unknown;
  readonly from: string;
}

/** Makes a command print its options, once they are read, instead of running; it needs no log for that. */
export function printInstead(
  program: Command,
  command: Command,
  config: Config | undefined,
  session: Session,
): void {
  for (const argument of command.registeredArguments) argument.required = false;
  for (const option of command.options) option.mandatory = false;
  const words = new Map<string, string[]>();
  for (const option of command.options) {
    const given: string[] = [];
    words.set(option.attributeName(), given);
    command.on(`option:${option.name()}`, (word: string) => given.push(word));
  }
  program.hook("preAction", async () => {
    const options = Object.fromEntries(
      configurable(command).map((option) => [option.name(), effective(option, command, config, words)]),
    );
    const section = sectionOf(command);
    if (session.json) await session.printJson({ command: section, config: config?.path ?? null, options });
    else await session.print(text(section, options));
    throw new CommanderError(0, "prorec.printConfig", "printed"); // commander's way of ending after --help
  });
}

/** Values as they are or, where a parser made something else of them, as they were written. */
function effective(
  option: Option,
  command: Command,
  config: Config | undefined,
  words: ReadonlyMap<string, readonly string[]>,
): Effective {
  const name = option.attributeName();
  const value: unknown = command.getOptionValue(name);
  const simple = typeof value !== "object" ? value : undefined;
  switch (command.getOptionValueSource(name)) {
    case "cli":
      return { value: simple ?? asGiven(words.get(name)!), from: "command line" };
    case "config":
      return { value: config?.sections[sectionOf(command)]?.[option.name()], from: config!.path };
    case "default":
      return { value: simple ?? option.defaultValueDescription, from: "default" };
    default:
      return { from: "not given" };
  }
}

function asGiven(words: readonly string[]): unknown {
  return words.length === 1 ? words[0] : words;
}

function text(section: string, options: Readonly<Record<string, Effective>>): string {
  const rows = Object.entries(options).map(([name, { value, from }]) => [name, shown(value), from] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(
    ([name, value, from]) => `${name.padEnd(widths[0]!)}  ${value.padEnd(widths[1]!)}  ${from}\n`,
  );
  return `prorec ${section}\n${lines.map((line) => `  ${line}`).join("")}`;
}

function shown(value: unknown): string {
  if (value === undefined) return "";
  return printable(typeof value === "string" ? value : JSON.stringify(value), Infinity);
}
