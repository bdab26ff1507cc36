import type { Attendance, Presence } from "./presence.ts";

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What runs and workers say of themselves, some two seconds old, in Prometheus's text format (version 0.0.4). */
export function metricsOf({ runs, workers }: Attendance): string {
  const each = (kind: "run" | "worker", all: readonly Presence[], samplesOf: (one: Presence) => Sample[]) =>
    all.flatMap((one) =>
      samplesOf(one).map(({ labels, value }) => ({
        labels: { [kind]: one.id, host: one.host, ...labels },
        value,
      })),
    );
  const by = (label: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
  const workerOnes = (samplesOf: (one: Presence) => Sample[]) => each("worker", workers, samplesOf);
  const runOnes = (samplesOf: (one: Presence) => Sample[]) => each("run", runs, samplesOf);
  const moved = ({ work, moved = work }: Presence) =>
    moved ? by("direction", { read: moved.bytesRead, written: moved.bytesWritten }) : [];
  return [
    family("prorec_runs", "gauge", "Runs that are on.", [{ value: runs.length }]),
    family("prorec_workers", "gauge", "Workers that are there.", [{ value: workers.length }]),
    family(
      "prorec_worker_threads",
      "gauge",
      "Threads that compute.",
      workerOnes(({ threads }) => (threads === undefined ? [] : [{ value: threads }])),
    ),
    family(
      "prorec_worker_blocks_total",
      "counter",
      "Blocks by how they ended; failed counts attempts, stalled blocks that others had abandoned.",
      workerOnes(({ work }) => {
        if (work === undefined) return [];
        const { computed, there, failed, stalled } = work;
        return by("end", { computed, there, failed, stalled });
      }),
    ),
    family(
      "prorec_worker_work_seconds_total",
      "counter",
      "Seconds from taking blocks to having written them, of all blocks together.",
      workerOnes(({ work }) => (work ? [{ value: work.seconds }] : [])),
    ),
    family(
      "prorec_worker_store_bytes_total",
      "counter",
      "Bytes of the store read and written.",
      workerOnes(moved),
    ),
    family(
      "prorec_run_blocks",
      "gauge",
      "Blocks of a run: computed for it, found there, waited for now.",
      runOnes(({ blocks }) => (blocks ? by("state", { ...blocks }) : [])),
    ),
    family(
      "prorec_run_step_done_ratio",
      "gauge",
      "How much of its present step a run has done.",
      runOnes(({ at }) =>
        at ? [{ labels: { step: at.stage }, value: at.total === 0 ? 1 : at.done / at.total }] : [],
      ),
    ),
    family("prorec_run_store_bytes_total", "counter", "Bytes of the store read and written.", runOnes(moved)),
  ].join("");
}

function family(name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
