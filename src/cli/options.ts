import { type Command, InvalidArgumentError } from "commander";
import { type ColumnChoices, ROLES, type Role } from "../io/roles.ts";

// Parsers of option values. What they refuse ends the program with exit 2; commander's message names the option
// and the value, theirs says what is allowed.

/** A number above 0. */
export const positiveNumber = decimal("a number above 0, for example .1", (value) => value > 0);

/** A number of 0 or more. */
export const nonNegativeNumber = decimal("a number of at least 0, for example 1000", (value) => value >= 0);

/** A number from 0 to 1. */
export const fraction = decimal("a number from 0 to 1, for example .5", (value) => value >= 0 && value <= 1);

/** A number from 0 to below 1. */
export const shareBelowOne = decimal(
  "a number from 0 to below 1, for example .1",
  (value) => value >= 0 && value < 1,
);

/** Any number. */
export const number = decimal("a number, for example 4", () => true);

/** A number above 0 and up to 1. */
export const share = decimal(
  "a number above 0 and at most 1, for example .1",
  (value) => value > 0 && value <= 1,
);

/** 1, 2, 3, ... */
export const positiveInteger = integer("a whole number of at least 1, for example 10", 1);

/** 0, 1, 2, ... */
export const wholeNumber = integer("a whole number of at least 0, for example 7", 0);

function decimal(allowed: string, accepts: (value: number) => boolean): (text: string) => number {
  return (text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value) || !accepts(value)) throw notAllowed(allowed);
    return value;
  };
}

function integer(allowed: string, least: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < least) throw notAllowed(allowed);
    return value;
  };
}

/** One of some names; a near miss is answered with the name that was probably meant. */
export function oneOf<const Name extends string>(...names: Name[]): (text: string) => Name {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw notAllowed(`one of ${names.join(", ")}`, closest(text, names));
    return found;
  };
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

/** `--json --quiet --verbose` and an example: what every command has. */
export function withCommonOptions(command: Command, example: string): Command {
  return command
    .option(
      "--json",
      "print the result as JSON on standard output, an error as one line of JSON on standard error",
    )
    .option("--quiet", "no progress and no messages, only errors")
    .option("--verbose", "more about errors")
    .addHelpText("after", `\nExample:\n  ${example}`);
}

function notAllowed(allowed: string, suggestion?: string): InvalidArgumentError {
  const hint = suggestion === undefined ? "" : `\n(Did you mean ${suggestion}?)`;
  return new InvalidArgumentError(`It must be ${allowed}.${hint}`);
}

/** The name fewest edits away from `text`, if that is no more than two fifths of it. */
function closest(text: string, names: readonly string[]): string | undefined {
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
