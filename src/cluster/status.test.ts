import { expect, it } from "vitest";
import { ProRecError } from "../errors.ts";
import type { Presence } from "./presence.ts";
import type { RunEnd, RunRecord } from "./record.ts";
import { statusOf } from "./status.ts";

const build = { id: "build", name: "ProRec 1" };
const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`;
const presence = (id: string, more: Partial<Presence> = {}): Presence => ({
  ...{ id, build, host: "host1", process: 7, since: at(1), seen: at(2), ...more },
});
const record = (id: string, end?: Partial<RunEnd>): RunRecord => ({
  ...{ id, since: at(0), host: "host1", folder: "/data", log: ["clicks.csv"], options: {}, identity: {} },
  ...(end && { end: { ...DONE, ...end } }),
});
const DONE = {
  ...{ state: "done" as const, at: at(3), final: true, stages: [{ stage: "rows", done: 2, total: 2 }] },
  blocks: { computed: 2, there: 0, waiting: 0 },
};
const blocks = (computed: number, waiting: number) => ({ blocks: { computed, there: 0, waiting } });
const statesOf = (runs: Presence[], records: RunRecord[]) =>
  statusOf({ runs, workers: [] }, { records, damaged: [] }).runs.map(({ state }) => state);

it.each([
  ["queued while none of its blocks is done", [presence("a", blocks(0, 5))], [record("a")], "queued"],
  ["running from the first block on", [presence("a", blocks(1, 4))], [record("a")], "running"],
  ["running where its own machine works", [presence("a", blocks(0, 0))], [], "running"],
  ["done", [], [record("a", {})], "done"],
  ["done although it is still heard of for some seconds", [presence("a")], [record("a", {})], "done"],
  [
    "on again after it was cancelled",
    [presence("a", { since: at(4) })],
    [record("a", { state: "cancelled" })],
    "running",
  ],
  ["failed", [], [record("a", { state: "failed" })], "failed"],
  ["interrupted where nobody wrote how it ended", [], [record("a")], "interrupted"],
])("a run is %s", (_, runs, records, state) => {
  expect(statesOf(runs, records)).toEqual([state]);
});

it("a run has what its record knows, and the workers of its build", () => {
  const workers = [presence("w1", { threads: 4 }), presence("w2", { threads: 2 })];
  const foreign = presence("w3", { threads: 8, build: { id: "other", name: "ProRec 2" } });
  const runs = [presence("a", { ...blocks(1, 1), seen: at(2) })];
  const status = statusOf({ runs, workers: [...workers, foreign] }, { records: [record("a")], damaged: [] });
  expect(status.runs).toEqual([
    {
      ...{
        id: "a",
        state: "running",
        host: "host1",
        process: 7,
        since: at(0),
        seen: at(2),
        build: "ProRec 1",
      },
      ...{ log: ["clicks.csv"], folder: "/data", workers: 2, threads: 6, resumable: false, ...blocks(1, 1) },
    },
  ]);
});

it("of a run that has ended it has how, and whether it can go on", () => {
  const failure = {
    name: "ProRecError",
    code: "UNWRITABLE_FILE",
    message: "The disk is full.",
    system: "ENOSPC",
  };
  const records = [record("a", { state: "failed", final: false, failure }), record("b", {})];
  const [failed, done] = statusOf({ runs: [], workers: [] }, { records, damaged: [] }).runs;
  expect(failed).toMatchObject({ state: "failed", resumable: true, ended: at(3), failure });
  expect(done).toMatchObject({ state: "done", resumable: false, blocks: { computed: 2 } });
});

it("a damaged record is one line among the others", () => {
  const error = new ProRecError("CORRUPT_FILE", "runs/x is damaged.", { hint: "Remove it." });
  const { runs } = statusOf(
    { runs: [], workers: [] },
    { records: [record("a")], damaged: [{ id: "x", error }] },
  );
  expect(runs).toMatchObject([
    {
      id: "x",
      state: "damaged",
      resumable: false,
      failure: { code: "CORRUPT_FILE", message: "runs/x is damaged." },
    },
    { id: "a", state: "interrupted" },
  ]);
});
