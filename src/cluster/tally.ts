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

/** Blocks of a step or of all steps of a stage. */
interface Count {
  readonly stage: string;
  done: number;
  total: number;
}

/** How many blocks had been computed at a time. */
interface Sample {
  readonly time: number;
  readonly computed: number;
}

/** @param now milliseconds */
export function openTally(now: () => number = Date.now): Tally {
  const counts = { computed: 0, there: 0 };
  const stages = new Map<string, Count>();
  const samples: Sample[] = [{ time: now(), computed: 0 }];
  let last: { readonly at: Count; readonly start: Sample; ended: boolean } | undefined;
  const waiting = () => (last === undefined || last.ended ? 0 : last.at.total - last.at.done);
  const secondsLeft = (start: Sample) => {
    const computed = counts.computed - start.computed;
    return waiting() > 0 && computed > 0 ? (waiting() * (now() - start.time)) / computed / 1000 : null;
  };
  return {
    begin(stage, total) {
      const whole = stages.get(stage) ?? { stage, done: 0, total: 0 };
      stages.set(stage, whole);
      whole.total += total;
      const step = {
        at: { stage, done: 0, total },
        start: { time: now(), computed: counts.computed },
        ended: false,
      };
      last = step;
      const move = (by: 1 | -1) => {
        step.at.done += by;
        whole.done += by;
      };
      return {
        add(found) {
          counts[found]++;
          move(1);
        },
        takeBack: () => move(-1),
        end() {
          step.ended = true;
        },
      };
    },
    news() {
      const time = now();
      while (samples.length > 1 && samples[0]!.time < time - WINDOW) samples.shift();
      const oldest = samples[0]!;
      const seconds = (time - oldest.time) / 1000;
      samples.push({ time, computed: counts.computed });
      const told = {
        blocks: { ...counts, waiting: waiting() },
        stages: [...stages.values()].map((stage) => ({ ...stage })),
      };
      if (last === undefined) return told;
      const blocksPerSecond = seconds > 0 ? (counts.computed - oldest.computed) / seconds : 0;
      return { ...told, at: { ...last.at }, pace: { blocksPerSecond, secondsLeft: secondsLeft(last.start) } };
    },
  };
}
