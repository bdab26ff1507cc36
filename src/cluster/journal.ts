import { hostname } from "node:os";
import { optional } from "./optional.ts";

/** Writes an event down; fields are chosen one by one, so that no address or credential gets in. */
export type Journal = (
  event: "started" | "taken" | "done" | "failed" | "stalled" | "stopped",
  fields: object,
) => void;

/**
 * One line of JSON for each event, by pino: level, time, host, process, event and its fields.
 * @throws ProRecError UNUSABLE_CLUSTER if pino isn't installed
 */
export async function openJournal(write: (line: string) => void): Promise<Journal> {
  const { pino } = await optional("pino", () => import("pino"));
  const logger = pino(
    {
      base: { host: hostname(), process: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  );
  return (event, fields) =>
    logger[event === "failed" ? "error" : event === "stalled" ? "warn" : "info"]({ event, ...fields });
}
