import type { Progress } from "../progress.ts";

export interface Timings {
  update(progress: Progress): void;
  /** A line a stage, what lies outside stages, and the whole. */
  lines(): string[];
}

/** Adds up the wall time between a stage's first and last report, stage by stage. */
export function stageTimings(now: () => number): Timings {
  const started = now();
  const spent = new Map<string, number>();
  let current: string | undefined;
  let since = started;
  const close = () => {
    if (current !== undefined) spent.set(current, (spent.get(current) ?? 0) + now() - since);
    current = undefined;
  };
  return {
    update({ stage, done, total }) {
      if (stage !== current) {
        close();
        current = stage;
        since = now();
      }
      if (done >= total) close();
    },
    lines() {
      close();
      const whole = now() - started;
      const stages = [...spent.values()].reduce((sum, each) => sum + each, 0);
      const rows: [string, number][] = [...spent, ["outside these", whole - stages], ["in all", whole]];
      const width = Math.max(...rows.map(([name]) => name.length));
      return rows.map(([name, ms]) => `${name.padEnd(width)} ${(ms / 1000).toFixed(2).padStart(9)} s`);
    },
  };
}
