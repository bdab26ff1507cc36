import { SingleBar } from "cli-progress";
import { printable } from "../io/printable.ts";
import type { Progress } from "../progress.ts";
import { pace } from "./pace.ts";
import { stageTimings } from "./timings.ts";

/** Standard error, or what stands in for it. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface ProgressReport {
  update(progress: Progress): void;
  /** One line of its own, between bars. */
  note(message: string): void;
  /** Leaves the terminal as it was found. */
  end(): void;
}

interface Display {
  start(stage: string): void;
  advance(done: number, total: number): void;
  finish(): void;
  /** Makes way for other lines. */
  pause(): void;
}

/**
 * Shows progress, with rate and time left, as a bar on a terminal, else as lines: one when a stage starts, one when
 * it ends and at most one a second between. With `timings`, how long each stage took at the end. Without colours, so
 * that NO_COLOR has nothing to switch off. Nothing at all when `quiet`.
 */
export function reportProgress(
  stream: ProgressStream,
  { quiet = false, timings = false }: { readonly quiet?: boolean; readonly timings?: boolean } = {},
  now: () => number = performance.now.bind(performance),
): ProgressReport {
  if (quiet) return { update() {}, note() {}, end() {} };
  const clock = timings ? stageTimings(now) : undefined;
  const display = stream.isTTY && process.env.TERM !== "dumb" ? bars(stream, now) : lines(stream, now);
  let current: string | undefined;
  let finished = false;
  return {
    update(progress) {
      clock?.update(progress);
      const { stage, done, total } = progress;
      if (stage !== current || (finished && done < total)) {
        display.pause();
        display.start(printable(stage));
        current = stage;
        finished = false;
      }
      if (finished) return;
      display.advance(done, total);
      finished = done >= total;
      if (finished) display.finish();
    },
    note(message) {
      display.pause();
      stream.write(`prorec: ${printable(message, Infinity)}\n`);
    },
    end() {
      display.pause();
      for (const line of clock?.lines() ?? []) stream.write(`prorec: ${printable(line, Infinity)}\n`);
    },
  };
}

function bars(stream: NodeJS.WritableStream, now: () => number): Display {
  let name = "";
  let started = 0;
  let bar: SingleBar | undefined;
  const pause = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    start(stage) {
      name = stage;
      started = now();
    },
    advance(done, total) {
      if (bar === undefined) {
        bar = new SingleBar({
          stream,
          format: "{name} [{bar}] {percentage}% | {duration_formatted}{pace}",
          barsize: 30,
        });
        bar.start(total, done, { name, pace: "" });
      }
      const left = pace(done, total, now() - started);
      bar.update(done, { pace: left === "" || done >= total ? "" : ` | ${left}` });
    },
    finish: pause,
    pause,
  };
}

function lines(stream: NodeJS.WritableStream, now: () => number): Display {
  let name = "";
  let started = 0;
  let last = 0;
  const line = (text: string) => {
    stream.write(`prorec: ${name}${text}\n`);
    last = now();
  };
  return {
    start(stage) {
      name = stage;
      started = now();
      line(" ...");
    },
    advance(done, total) {
      if (done >= total || now() - last < 1000) return;
      const left = pace(done, total, now() - started);
      line(`: ${Math.floor((100 * done) / total)}%${left === "" ? "" : `, ${left}`}`);
    },
    finish() {
      line(`: done in ${((now() - started) / 1000).toFixed(1)} s`);
    },
    pause() {},
  };
}
