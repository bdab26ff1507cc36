import { ProRecError } from "../errors.ts";
import { type Output, unwritable } from "./atomic.ts";
import { printablePath } from "./printable.ts";

const CLOSED = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]);

/**
 * Writes to a stream that is open already, such as standard output, as fast as its reader takes it. `commit` leaves it open.
 * @throws ProRecError UNWRITABLE_FILE from its methods; with details.closedPipe if no one reads any more.
 */
export function streamOutput(stream: NodeJS.WritableStream, name = "standard output"): Output {
  const ignore = () => {}; // the callback of the write tells the same; unheard, the event would end the process
  stream.on("error", ignore);
  return {
    name,
    async write(bytes) {
      try {
        await new Promise<void>((resolve, reject) => {
          const onClose = () => reject(Object.assign(new Error("The stream closed."), { code: "EPIPE" }));
          stream.once("close", onClose); // a destroyed stream may forget the callback of the write it is in
          stream.write(bytes, (error) => {
            stream.off("close", onClose);
            if (error) reject(error);
            else resolve();
          });
        });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (!CLOSED.has(code ?? "")) throw unwritable(name, error);
        throw new ProRecError("UNWRITABLE_FILE", `Can't write ${printablePath(name)}: its reader is gone.`, {
          details: { file: name, closedPipe: true },
          cause: error,
        });
      }
    },
    async commit() {
      stream.off("error", ignore);
    },
    abandon: async () => {}, // keeps listening: errors of a broken stream may come late
  };
}
