import type { Progress } from "../progress.ts";

/** What a run says of its blocks. */
export interface RunNews {
  /** The step that it is at, by the blocks that are done. */
  readonly at?: Progress;
  /** Blocks that were computed for it, that were there, and that it waits for. */
  readonly blocks: { readonly computed: number; readonly there: number; readonly waiting: number };
  /** Blocks by stage, of all steps that were begun. */
  readonly stages: readonly Progress[];
  readonly pace?: Pace;
}

export interface Pace {
  /** Over the last half minute. */
  readonly blocksPerSecond: number;
  /** Until the step is done, at its rate so far; null before its first block. What comes after it isn't known. */
  readonly secondsLeft: number | null;
}

export type Found = "computed" | "there";

/** Counts a run's blocks, step by step. */
export interface Tally {
  /** A step of so many blocks. */
  begin(stage: string, total: number): Step;
  news(): RunNews;
}

export interface Step {
  add(found: Found): void;
  /** A block that was done has to be done again. */
  takeBack(): void;
  /** Nothing of it is waited for any more. */
  end(): void;
}

/** Milliseconds that the rate is taken over. */
const WINDOW = 30_000;

/** @param now milliseconds */
export function openTally(now: () => number = Date.now): Tally {
  const counts = { computed: 0, there: 0 };
  const stages = new Map<string, { stage: string; done: number; total: number }>();
  const samples = [{ time: now(), computed: 0 }];
  let at: { stage: string; done: number; total: number } | undefined;
  let left = (): number | null => null;
  let waiting = () => 0;
  return {
    begin(stage, total) {
      const tally = stages.get(stage) ?? { stage, done: 0, total: 0 };
      stages.set(stage, tally);
      tally.total += total;
      const step = { stage, done: 0, total };
      const start = { time: now(), computed: counts.computed };
      at = step;
      waiting = () => step.total - step.done;
      left = () => {
        const computed = counts.computed - start.computed;
        return computed > 0 ? (waiting() * (now() - start.time)) / computed / 1000 : null;
      };
      const move = (by: 1 | -1) => {
        step.done += by;
        tally.done += by;
      };
      return {
        add(found) {
          counts[found]++;
          move(1);
        },
        takeBack: () => move(-1),
        end() {
          waiting = () => 0;
        },
      };
    },
    news() {
      const time = now();
      const blocks = { ...counts, waiting: waiting() };
      while (samples.length > 1 && samples[0]!.time < time - WINDOW) samples.shift();
      const [oldest] = samples;
      const seconds = (time - oldest!.time) / 1000;
      samples.push({ time, computed: counts.computed });
      const told = { blocks, stages: [...stages.values()].map((stage) => ({ ...stage })) };
      if (at === undefined) return told;
      const blocksPerSecond = seconds > 0 ? (counts.computed - oldest!.computed) / seconds : 0;
      const pace = { blocksPerSecond, secondsLeft: blocks.waiting > 0 ? left() : null };
      return { ...told, at: { ...at }, pace };
    },
  };
}
