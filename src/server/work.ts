import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { stream } from "hono/streaming";
import { ProRecError } from "../errors.ts";
import type { RunOptions } from "../progress.ts";
import type { StreamLine } from "./messages.ts";

/** Milliseconds between two lines of progress. */
const PACE = 100;

/** Lets one long piece of work run at a time. */
export interface Desk {
  /**
   * Answers with lines of JSON: progress, then the result or an error. Stops when the client goes. 409 while another runs;
   * one whose client has gone is waited for.
   */
  answer<Result>(context: Context<Connection>, work: (options: RunOptions) => Promise<Result>): Response;
}

/** What the server tells beside the request. */
export type Connection = { Bindings: HttpBindings };

/** Lets the connection be silent, which otherwise ends it, while `work` is done. */
export async function unhurried<Result>(
  { env }: Context<Connection>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { socket } = env.incoming;
  const patience = socket.timeout ?? 0;
  socket.setTimeout(0);
  try {
    return await work();
  } finally {
    socket.setTimeout(patience);
  }
}

export function openDesk(onBug: (error: Error) => void): Desk {
  let running: { readonly control: AbortController; readonly ended: Promise<void> } | undefined;
  return {
    answer<Result>(context: Context<Connection>, work: (options: RunOptions) => Promise<Result>) {
      const before = running;
      if (before !== undefined && !before.control.signal.aborted)
        throw new HTTPException(409, { message: "409: other work is being done; try again after it." });
      const control = new AbortController();
      let end = () => {};
      const own = { control, ended: new Promise<void>((resolve) => (end = resolve)) };
      running = own;
      context.header("Content-Type", "application/x-ndjson");
      return stream(context, async (out) => {
        out.onAbort(() => control.abort());
        const say = (line: StreamLine<Result>) => out.write(`${JSON.stringify(line)}\n`);
        let said = 0;
        const onProgress: RunOptions["onProgress"] = (progress) => {
          if (performance.now() - said < PACE) return;
          said = performance.now();
          void say({ progress }).catch(() => {});
        };
        try {
          await before?.ended;
          const options = { signal: control.signal, onProgress };
          await say({ result: await unhurried(context, () => work(options)) });
        } catch (error) {
          if (!control.signal.aborted) await say(failure(error as Error, onBug));
        } finally {
          if (running === own) running = undefined;
          end();
        }
      });
    },
  };
}

function failure(error: Error, onBug: (error: Error) => void): { error: string; hint: string | null } {
  if (error instanceof ProRecError) return { error: error.message, hint: error.hint ?? null };
  if (error instanceof RangeError) return { error: error.message, hint: null };
  onBug(error);
  return { error: "This is a bug in ProRec; the terminal tells more.", hint: null };
}
