import { Command, type Option } from "commander";

/** Adds some options to a command. */
type WithOptions = (command: Command) => Command;

/** Those of some options that stand on the command line or in a config file, as opposed to defaults. */
export function givenOptions(command: Command, ...groups: WithOptions[]): Option[] {
  const names = new Set(groups.flatMap((add) => add(new Command()).options.map(({ long }) => long)));
  return command.options.filter(
    (option) => names.has(option.long) && isGiven(command, option.attributeName()),
  );
}

/** The first option with one of these names (as in the code) that stands there. */
export function firstGiven(command: Command, names: readonly string[]): Option | undefined {
  return command.options.find((option) => {
    const name = option.attributeName();
    return names.includes(name) && isGiven(command, name);
  });
}

function isGiven(command: Command, name: string): boolean {
  return ["cli", "config"].includes(command.getOptionValueSource(name) ?? "default");
}

/** The values of options, by the names that the code has for them. */
export function valuesOf(command: Command, options: readonly Option[]): Record<string, unknown> {
  return Object.fromEntries(
    options.map((option) => [option.attributeName(), command.getOptionValue(option.attributeName())]),
  );
}
