import { type Command, InvalidArgumentError, Option } from "commander";
import { type ColumnChoices, ROLES, type Role } from "../io/roles.ts";

// Parsers of option values. What they refuse ends the program with exit 2; commander's message names the option
// and the value, theirs says what is allowed.

/** Reads an option's value; `schema` says in JSON Schema what a config file may hold for it. */
export interface OptionParser<Value> {
  (text: string): Value;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** A number above 0. */
export const positiveNumber = decimal("a number above 0, for example .1", { exclusiveMinimum: 0 });

/** A number of 0 or more. */
export const nonNegativeNumber = decimal("a number of at least 0, for example 1000", { minimum: 0 });

/** A number from 0 to 1. */
export const fraction = decimal("a number from 0 to 1, for example .5", { minimum: 0, maximum: 1 });

/** A number from 0 to below 1. */
export const shareBelowOne = decimal("a number from 0 to below 1, for example .1", {
  minimum: 0,
  exclusiveMaximum: 1,
});

/** Any number. */
export const number = decimal("a number, for example 4", {});

/** A number above 0 and up to 1. */
export const share = decimal("a number above 0 and at most 1, for example .1", {
  exclusiveMinimum: 0,
  maximum: 1,
});

/** 1, 2, 3, ... */
export const positiveInteger = integer("a whole number of at least 1, for example 10", 1);

/** 0, 1, 2, ... */
export const wholeNumber = integer("a whole number of at least 0, for example 7", 0);

interface Limits {
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

function decimal(allowed: string, limits: Limits): OptionParser<number> {
  const { minimum = -Infinity, exclusiveMinimum = -Infinity } = limits;
  const { maximum = Infinity, exclusiveMaximum = Infinity } = limits;
  return parser({ type: "number", ...limits }, (text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    const within =
      value >= minimum && value > exclusiveMinimum && value <= maximum && value < exclusiveMaximum;
    if (!within) throw notAllowed(allowed);
    return value;
  });
}

function integer(allowed: string, minimum: number): OptionParser<number> {
  return parser({ type: "integer", minimum }, (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < minimum) throw notAllowed(allowed);
    return value;
  });
}

/** One of some names; a near miss is answered with the name that was probably meant. */
export function oneOf<const Name extends string>(...names: Name[]): OptionParser<Name> {
  return parser({ enum: names }, (text) => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw notAllowed(`one of ${names.join(", ")}`, closest(text, names));
    return found;
  });
}

/** Any text, as often as the option is given. */
export const repeated = Object.assign(
  (text: string, previous: readonly string[] = []): readonly string[] => [...previous, text],
  { schema: { type: "array", items: { type: "string" } } },
);

function parser<Value>(
  schema: OptionParser<Value>["schema"],
  read: (text: string) => Value,
): OptionParser<Value> {
  return Object.assign(read, { schema });
}

/** Reads `user=who,item=3`: columns by name or 1-based position, as `readInteractions` takes them. */
export function columns(text: string): ColumnChoices {
  const allowed = "pairs such as user=user_id,item=3 with the columns' names or positions";
  const choices: { [role in Role]?: string } = {};
  for (const pair of text.split(",")) {
    const [, key, column] = /^([^=]*)=(.+)$/s.exec(pair) ?? [];
    if (key === undefined || column === undefined) throw notAllowed(allowed);
    const role = oneOf(...ROLES)(key);
    if (choices[role] !== undefined) throw notAllowed(`${allowed}, each role once`);
    choices[role] = column;
  }
  return choices;
}

/** Parts for training, validation and test that sum to 1. */
export interface SplitShares {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** Reads `5:2:3`. Only the validation part may be 0. */
export function ratio(text: string): SplitShares {
  const parts = text.split(":").map((part) => (/^(\d+\.?\d*|\.\d+)$/.test(part) ? Number(part) : Number.NaN));
  const [train = 0, validation = 0, test = 0] = parts;
  const sum = train + validation + test;
  if (parts.length !== 3 || !Number.isFinite(sum) || train === 0 || test === 0) {
    throw notAllowed("train:validation:test such as 5:2:3 or 7:0:3; train and test are above 0");
  }
  return { train: train / sum, validation: validation / sum, test: test / sum };
}

/** `--json --quiet --verbose --config --print-config` and an example: what every command has. */
export function withCommonOptions(command: Command, example: string): Command {
  const group = "Every command:";
  const help = new Option("-h, --help", "print what a command does and its options").helpGroup(group);
  return command
    .addHelpOption(help)
    .optionsGroup(group)
    .option(
      "--json",
      "print the result as JSON on standard output, an error as one line of JSON on standard error",
    )
    .option("--quiet", "no progress and no messages, only errors")
    .option("--verbose", "how long each stage took, and more about errors")
    .option("--config <file>", "options for this command (default: prorec.config.json, if there is one)")
    .option("--no-config", "leave prorec.config.json alone")
    .option("--print-config", "only print the options that hold and where each comes from")
    .addHelpText("after", `\nExample:\n  ${example}`);
}

function notAllowed(allowed: string, suggestion?: string): InvalidArgumentError {
  return new InvalidArgumentError(`It must be ${allowed}.${didYouMean(suggestion)}`);
}

/** The end of a message about options that names what was probably meant. */
export function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? "" : `\n(Did you mean ${suggestion}?)`;
}

/** The name fewest edits away from `text`, if that is no more than two fifths of it. */
export function closest(text: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, distance: edits(text.toLowerCase(), name) }))
    .sort((left, right) => left.distance - right.distance);
  return best !== undefined && best.distance <= 0.4 * Math.max(text.length, best.name.length)
    ? best.name
    : undefined;
}

/** Edits from one word to another: letters added, left out, replaced or swapped with the next. */
function edits(from: string, to: string): number {
  const distance = Array.from({ length: from.length + 1 }, (_, i) =>
    Array.from({ length: to.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  for (let i = 1; i <= from.length; i++) {
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      distance[i]![j] = Math.min(
        distance[i - 1]![j]! + 1,
        distance[i]![j - 1]! + 1,
        distance[i - 1]![j - 1]! + (same ? 0 : 1),
        swapped ? distance[i - 2]![j - 2]! + 1 : Infinity,
      );
    }
  }
  return distance[from.length]![to.length]!;
}
