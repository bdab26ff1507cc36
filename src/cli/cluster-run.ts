import { hostname } from "node:os";
import type { ClusterCrew } from "../cluster/crew.ts";
import { failureOf } from "../cluster/failure.ts";
import { type RunEnd, type RunRecord, saveRecord } from "../cluster/record.ts";
import { ProRecError, type ProRecErrorCode } from "../errors.ts";
import { assertSameIdentity } from "../io/identity.ts";
import type { Session } from "./session.ts";

/** What ends a run for good: it would end so again. */
const FINAL: readonly ProRecErrorCode[] = ["TOO_LARGE", "NOT_CONVERGED", "SHAPE_MISMATCH"];

/**
 * Does what is left of a run, while the store remembers how to go on with it, and then how it ended; says so where it isn't
 * finished. `before` is what it remembers of a run that goes on.
 * @throws ProRecError INPUT_CHANGED naming what isn't as it was
 */
export async function resumably<Result>(
  about: Pick<RunRecord, "log" | "options" | "identity">,
  before: RunRecord | undefined,
  { id, store, news }: ClusterCrew,
  session: Session,
  work: () => Promise<Result>,
): Promise<Result> {
  if (before) {
    assertSameIdentity(`The record of run ${id}`, before.identity, about.identity, {
      what: "other inputs",
      hint: "Put back what it began with, or start a new run.",
    });
  }
  const { end: _, ...record } = before ?? {
    ...{ id, since: new Date().toISOString(), host: hostname(), folder: process.cwd() },
    ...about,
  };
  await saveRecord(store, record);
  const finish = async (how: Pick<RunEnd, "state" | "final" | "failure">) => {
    const { blocks, stages } = news();
    await saveRecord(store, { ...record, end: { ...how, at: new Date().toISOString(), blocks, stages } });
  };
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    const code = error instanceof ProRecError ? error.code : undefined;
    const final = code !== undefined && FINAL.includes(code);
    if (!session.signal.aborted) {
      const failed = code !== "ABORTED";
      await finish({
        ...(failed ? { state: "failed", failure: failureOf(error) } : { state: "cancelled" }),
        final,
      }).catch(() => {}); // the store may be what failed
    }
    if (!final) {
      session.note(
        `Run ${id} isn't finished. Workers go on with what is queued; prorec runs resume ${id} --cluster ... --store ${store.location} goes on where it stood.`,
      );
    }
    throw error;
  }
  await finish({ state: "done", final: true }).catch(({ message }) =>
    session.note(`All is written; but the store can't keep that run ${id} is done: ${message}`),
  );
  return result;
}
