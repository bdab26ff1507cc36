import type { Reason } from "./failure.ts";
import type { Attendance, Presence } from "./presence.ts";
import type { Records, RunRecord } from "./record.ts";
import type { RunNews } from "./tally.ts";

/**
 * queued: blocks wait and none is done yet; interrupted: its process was ended, by Ctrl-C or worse; cancelled: by `runs
 * cancel`; damaged: its record can't be read.
 */
export type RunState = "queued" | "running" | "done" | "failed" | "cancelled" | "interrupted" | "damaged";

/** One run, as lists and the page show it. */
export interface RunStatus
  extends Partial<RunNews>,
    Partial<Pick<Presence, "host" | "process" | "since" | "seen" | "moved">> {
  readonly id: string;
  readonly state: RunState;
  /** The name of the build that computes it. */
  readonly build?: string;
  /** What the store's record adds. */
  readonly log?: readonly string[];
  readonly folder?: string;
  readonly ended?: string;
  /** Why it failed. */
  readonly failure?: Reason;
  /** Of those that are there now, they that take its blocks. */
  readonly workers?: number;
  readonly threads?: number;
  /** Whether `runs resume` goes on with it. */
  readonly resumable: boolean;
}

export interface Status {
  /** The oldest first. */
  readonly runs: readonly RunStatus[];
  readonly workers: readonly Presence[];
}

/** Whether a run's process is there. */
export function isOn({ state }: RunStatus): boolean {
  return state === "queued" || state === "running";
}

/** What signs of life and a store's records say together. */
export function statusOf({ runs, workers }: Attendance, { records, damaged }: Records): Status {
  const recorded = new Map(records.map((record) => [record.id, record]));
  const on = runs.filter(({ id, since }) => {
    const end = recorded.get(id)?.end;
    return end === undefined || end.at < since; // its sign of life outlasts it by some seconds
  });
  const present = new Set(on.map(({ id }) => id));
  const all = [
    ...on.map((run) => live(run, recorded.get(run.id), workers)),
    ...records.filter(({ id }) => !present.has(id)).map(recordedOnly),
    ...damaged
      .filter(({ id }) => !present.has(id))
      .map(({ id, error: { name, code, message, hint } }): RunStatus => {
        return { id, state: "damaged", resumable: false, failure: { name, code, message, hint } };
      }),
  ];
  return { runs: all.sort((left, right) => ((left.since ?? "") < (right.since ?? "") ? -1 : 1)), workers };
}

function live(run: Presence, record: RunRecord | undefined, workers: readonly Presence[]): RunStatus {
  const { build, threads: _, work: __, failure: ___, ...told } = run;
  const own = workers.filter((worker) => worker.build.id === build.id);
  const { computed = 0, there = 0, waiting = 0 } = run.blocks ?? {};
  return {
    ...told,
    state: waiting > 0 && computed + there === 0 ? "queued" : "running",
    build: build.name,
    ...(record && { log: record.log, folder: record.folder, since: record.since }),
    workers: own.length,
    threads: own.reduce((sum, { threads = 0 }) => sum + threads, 0),
    resumable: false,
  };
}

function recordedOnly({ id, since, host, folder, log, end }: RunRecord): RunStatus {
  const about = { id, since, host, folder, log };
  if (end === undefined) return { ...about, state: "interrupted", resumable: true };
  const { state, at: ended, final, blocks, stages, failure } = end;
  return { ...about, state, ended, blocks, stages, resumable: !final, ...(failure && { failure }) };
}
