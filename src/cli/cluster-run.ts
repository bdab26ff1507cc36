import { hostname } from "node:os";
import type { ClusterCrew } from "../cluster/crew.ts";
import { type RunRecord, removeRecord, saveRecord } from "../cluster/record.ts";
import { ProRecError, type ProRecErrorCode } from "../errors.ts";
import { assertSameIdentity } from "../io/identity.ts";
import type { Session } from "./session.ts";

/** What ends a run for good: it would end so again. */
const FINAL: readonly ProRecErrorCode[] = ["TOO_LARGE", "NOT_CONVERGED", "SHAPE_MISMATCH"];

/**
 * Does what is left of a run, while the store remembers how to go on with it; says so where it is interrupted. `before` is
 * what it remembers of a run that goes on.
 * @throws ProRecError INPUT_CHANGED naming what isn't as it was
 */
export async function resumably<Result>(
  about: Pick<RunRecord, "log" | "options" | "identity">,
  before: RunRecord | undefined,
  { id, store }: ClusterCrew,
  session: Session,
  work: () => Promise<Result>,
): Promise<Result> {
  if (before) {
    assertSameIdentity(`The record of run ${id}`, before.identity, about.identity, {
      what: "other inputs",
      hint: "Put back what it began with, or start a new run.",
    });
  } else {
    const here = { host: hostname(), folder: process.cwd() };
    await saveRecord(store, { id, since: new Date().toISOString(), ...here, ...about });
  }
  try {
    const result = await work();
    await removeRecord(store, id);
    return result;
  } catch (error) {
    if (error instanceof ProRecError && FINAL.includes(error.code)) await removeRecord(store, id);
    else {
      session.note(
        `Run ${id} isn't finished. Workers go on with what is queued; prorec runs resume ${id} --cluster ... --store ${store.location} goes on where it stood.`,
      );
    }
    throw error;
  }
}
