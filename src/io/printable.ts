/** Control and formatting characters, halves of surrogate pairs, line separators: all that can change a terminal or hide. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const ZERO_WIDTH_JOINER = "\u200d";

/** `value` for a message: control characters escaped (\n, \u{1b}), cut after `limit` characters. */
export function printable(value: string, limit = 80): string {
  const cut = value.length > limit ? `${value.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}...` : value;
  return cut.replace(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  if (character === ZERO_WIDTH_JOINER) return character; // part of many emoji
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** A path for a message: whole, but with control characters escaped. */
export function printablePath(path: string): string {
  return printable(path, Infinity);
}

/** JSON that does nothing to a terminal: characters that JSON leaves alone but terminals may obey are escaped too. */
export function inertJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, (_, each) => (typeof each === "bigint" ? String(each) : each), indent);
  return text.replace(/[\x7f-\x9f\p{Cf}\u2028\u2029]/gu, (character) =>
    Array.from({ length: character.length }, (_, unit) => escapedUnit(character.charCodeAt(unit))).join(""),
  );
}

function escapedUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
