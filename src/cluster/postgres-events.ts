import { setTimeout } from "node:timers/promises";
import type { Pool } from "pg";
import type { OnEnd } from "./queueing.ts";

/** Milliseconds between two looks. */
const LOOK = 100;
/** Events are numbered as they are written and seen as they are committed: so many numbers back one may still turn up. */
const LATE = 1000;

interface Row {
  readonly id: string;
  readonly event: "completed" | "failed";
  readonly data: { readonly jobId: string; readonly returnvalue?: unknown; readonly failedReason?: string };
}

/**
 * Reads BullMQ's events of the ends of a queue's jobs. Its own QueueEvents (6.7.0) reads on from the highest number it has
 * seen and so loses those of transactions that end out of order.
 */
export async function followEvents(
  pool: Pool,
  schema: string,
  queue: string,
  onEnd: OnEnd,
): Promise<{ close(): Promise<void> }> {
  const read = async (after: number) => {
    const { rows } = await pool.query<Row>(
      `SELECT id, event, data FROM ${schema}.event
       WHERE queue = $1 AND id > $2 AND event IN ('completed', 'failed') ORDER BY id`,
      [queue, after],
    );
    return rows;
  };
  const latest = await pool.query(`SELECT coalesce(max(id), 0) AS id FROM ${schema}.event`);
  let last = Number(latest.rows[0].id);
  let seen = new Set((await read(last - LATE)).map(({ id }) => id));
  let open = true;
  const look = async () => {
    for (const { id, event, data } of await read(last - LATE)) {
      last = Math.max(last, Number(id));
      if (seen.has(id)) continue;
      seen.add(id);
      const { jobId, returnvalue, failedReason = "" } = data;
      onEnd(jobId, event === "completed" ? { returned: parsed(returnvalue) } : { failed: failedReason });
    }
    seen = new Set([...seen].filter((id) => Number(id) > last - LATE));
  };
  const looking = (async () => {
    while (open) {
      await look().catch(() => {}); // lost connections come back
      await setTimeout(LOOK);
    }
  })();
  return {
    async close() {
      open = false;
      await looking;
    },
  };
}

function parsed(value: unknown): unknown {
  return typeof value === "string" ? JSON.parse(value) : value;
}
