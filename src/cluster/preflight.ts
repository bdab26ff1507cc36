import { randomUUID } from "node:crypto";
import { ProRecError } from "../errors.ts";
import { printablePath } from "../io/printable.ts";
import type { Store } from "./store/store.ts";

/** What one machine left in a store for others to find. */
export interface Token {
  readonly key: string;
  readonly text: string;
}

/**
 * Leaves a token, and so finds out that the store takes and gives back what it is given; tell its key and text to others by
 * another way (a notice on the queue's server), and remove it at the end.
 * @throws ProRecError UNWRITABLE_FILE; UNUSABLE_CLUSTER if it reads something else
 */
export async function leaveToken(store: Store): Promise<Token> {
  const token = { key: `tokens/${randomUUID()}`, text: randomUUID() };
  await store.put(token.key, Buffer.from(token.text));
  if (await holdsToken(store, token)) return token;
  throw new ProRecError(
    "UNUSABLE_CLUSTER",
    `The store ${printablePath(store.location)} does not give back what was just written to it.`,
    { details: { location: store.location }, hint: "Check that disk or bucket." },
  );
}

/** Whether this store is the one in which another machine left that token. */
export async function holdsToken(store: Store, { key, text }: Token): Promise<boolean> {
  if (!(await store.has(key))) return false;
  return Buffer.from(await store.get(key)).toString() === text;
}

/**
 * @param who left the token, for the message: "worker 1a2b on host-3"
 * @throws ProRecError UNUSABLE_CLUSTER unless both have the same store
 */
export async function assertSharedStore(store: Store, token: Token, who: string): Promise<void> {
  if (await holdsToken(store, token)) return;
  const { location } = store;
  throw new ProRecError(
    "UNUSABLE_CLUSTER",
    `The store ${printablePath(location)} is not the one of ${who}: what was left there isn't here.`,
    {
      details: { location, key: token.key },
      hint: "Give all machines the same shared folder, mounted, or the same bucket.",
    },
  );
}
