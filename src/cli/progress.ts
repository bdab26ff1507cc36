import { SingleBar } from "cli-progress";
import { printable } from "../io/printable.ts";
import type { Progress } from "../progress.ts";

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
 * Shows progress as a bar on a terminal, else as lines: one when a stage starts, one when it ends and at most one
 * a second between. Without colours, so that NO_COLOR has nothing to switch off. Nothing at all when `quiet`.
 */
export function reportProgress(
  stream: ProgressStream,
  quiet: boolean,
  now: () => number = performance.now.bind(performance),
): ProgressReport {
  if (quiet) return { update() {}, note() {}, end() {} };
  const display = stream.isTTY && process.env.TERM !== "dumb" ? bars(stream) : lines(stream, now);
  let current: string | undefined;
  let finished = false;
  return {
    update({ stage, done, total }) {
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
    end: display.pause,
  };
}

function bars(stream: NodeJS.WritableStream): Display {
  let name = "";
  let bar: SingleBar | undefined;
  const pause = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    start(stage) {
      name = stage;
    },
    advance(done, total) {
      if (bar === undefined) {
        bar = new SingleBar({
          stream,
          format: "{name} [{bar}] {percentage}% | {duration_formatted}",
          barsize: 30,
        });
        bar.start(total, done, { name });
      }
      bar.update(done);
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
      if (done < total && now() - last >= 1000) line(`: ${Math.floor((100 * done) / total)}%`);
    },
    finish() {
      line(`: done in ${((now() - started) / 1000).toFixed(1)} s`);
    },
    pause() {},
  };
}
