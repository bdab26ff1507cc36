import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { ProRecError } from "../errors.ts";
import { printable, printablePath } from "../io/printable.ts";
import type { Build } from "./build.ts";
import type { Notices } from "./queueing.ts";
import type { Store } from "./store/store.ts";

/** What a worker has left in its store for runs to find, that both have the same. */
export interface Token {
  readonly key: string;
  readonly text: string;
  /** Who left it, for people. */
  readonly host: string;
  readonly process: number;
}

/** What keys of tokens begin with. */
const TOKENS = "tokens/";
/** Seconds that a token is looked for after it was last shown. */
const SHOWN = 15;

/**
 * Leaves a token, and so finds out that the store takes and gives back what it is given.
 * @throws ProRecError UNWRITABLE_FILE; UNUSABLE_CLUSTER if it reads something else
 */
export async function leaveToken(store: Store): Promise<Token> {
  const token = {
    ...{ key: `${TOKENS}${randomUUID()}`, text: randomUUID() },
    ...{ host: hostname(), process: process.pid },
  };
  await store.put(token.key, Buffer.from(token.text));
  if (await holdsToken(store, token)) return token;
  throw new ProRecError(
    "UNUSABLE_CLUSTER",
    `The store ${printablePath(store.location)} does not give back what was just written to it.`,
    { details: { location: store.location }, hint: "Check that disk or bucket." },
  );
}

/** Tells runs of the same build of a token, for some seconds. */
export async function showToken(notices: Notices, build: Build, token: Token): Promise<void> {
  await notices.post(noticeOf(build, token.key), JSON.stringify(token), SHOWN);
}

/** First its notice: a run must not look for what is gone. */
export async function removeToken(
  notices: Notices,
  build: Build,
  store: Store,
  { key }: Token,
): Promise<void> {
  await notices.remove(noticeOf(build, key));
  await store.remove(key);
}

/**
 * Checks that all workers of this build have the run's store.
 * @throws ProRecError UNUSABLE_CLUSTER naming one that has another
 */
export async function assertSharedStore(notices: Notices, build: Build, store: Store): Promise<void> {
  for (const text of await notices.read(noticeOf(build, ""))) {
    const token: Token = JSON.parse(text);
    if (await holdsToken(store, token)) continue;
    const { location } = store;
    const other = `process ${token.process} on ${printable(token.host)}`;
    throw new ProRecError(
      "UNUSABLE_CLUSTER",
      `The worker that is ${other} has another store than ${printablePath(location)}.`,
      {
        details: { location },
        hint: "Give all machines the same shared folder, mounted, or the same bucket.",
      },
    );
  }
}

export function isToken(key: string): boolean {
  return key.startsWith(TOKENS);
}

async function holdsToken(store: Store, { key, text }: Token): Promise<boolean> {
  return (await store.has(key)) && Buffer.from(await store.get(key)).toString() === text;
}

function noticeOf({ id }: Build, key: string): string {
  return `token/${id}/${key}`;
}
