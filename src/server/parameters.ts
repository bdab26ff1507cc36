import { HTTPException } from "hono/http-exception";

// What an address or a body says, or 400.

export function bad(message: string): HTTPException {
  return new HTTPException(400, { message: `400: ${message}` });
}

/** A whole number from `least` to below `below`. */
export function wholeNumber(name: string, text: string | undefined, least: number, below: number): number {
  const value = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value < below) return value;
  throw bad(`${name} must be a whole number from ${least} to below ${below}.`);
}

export function optionalNumber(name: string, text: string | undefined, below: number): number | undefined {
  return text === undefined || text === "" ? undefined : wholeNumber(name, text, 0, below);
}

export function oneOf<const Name extends string>(
  name: string,
  text: string | undefined,
  allowed: readonly Name[],
): Name {
  const found = allowed.find((each) => each === text);
  if (found === undefined) throw bad(`${name} must be one of ${allowed.join(", ")}.`);
  return found;
}

export function shortText(name: string, text = ""): string {
  if (text.length <= 200) return text;
  throw bad(`${name} is longer than 200 characters.`);
}
