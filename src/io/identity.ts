import { ProRecError } from "../errors.ts";
import { printable, printablePath } from "./printable.ts";

/** All that a result depends on, by names for messages. Values go through JSON. */
export type Identity = Readonly<Record<string, unknown>>;

/**
 * Checks that what `path` holds was made from the same as what is asked for now.
 * @throws ProRecError INPUT_CHANGED naming the first difference with both values
 */
export function assertSameIdentity(
  path: string,
  before: Identity,
  now: Identity,
  { what, hint }: { readonly what: string; readonly hint: string },
): void {
  for (const name of new Set([...Object.keys(now), ...Object.keys(before)])) {
    const [was, is] = [before[name], now[name]].map((value) => JSON.stringify(value) ?? "nothing");
    if (was === is) continue;
    throw new ProRecError(
      "INPUT_CHANGED",
      `${printablePath(path)} holds ${what}: its ${name} is ${printable(was!)}, here it is ${printable(is!)}.`,
      { details: { file: path, column: name }, hint },
    );
  }
}
