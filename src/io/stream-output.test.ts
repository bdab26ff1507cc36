import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync } from "node:fs";
import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { streamOutput } from "./stream-output.ts";

describe("streamOutput", () => {
  it("writes on as the reader takes, and leaves the stream open", async () => {
    const taken: string[] = [];
    let waiting = 0;
    let most = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk, _, done) {
        most = Math.max(most, ++waiting);
        setTimeout(() => {
          taken.push(String(chunk));
          waiting--;
          done();
        }, 1);
      },
    });
    const output = streamOutput(slow);
    for (const text of ["a", "b", "c"]) {
      await output.write(Buffer.from(text));
      expect(taken.at(-1)).toBe(text);
    }
    await output.commit();
    expect(taken).toEqual(["a", "b", "c"]);
    expect(most).toBe(1);
    expect(slow.writable).toBe(true);
    expect(slow.listenerCount("error")).toBe(0);
  });

  const closed = { code: "UNWRITABLE_FILE", details: { closedPipe: true } };

  it("tells that the reader is gone: a pipe", async () => {
    const reader = spawn("true", { stdio: ["pipe", "ignore", "ignore"] });
    await once(reader, "close");
    await expect(streamOutput(reader.stdin).write(Buffer.alloc(1 << 20))).rejects.toMatchObject(closed);
  });

  it("tells that the reader is gone: a stream that was destroyed meanwhile", async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const output = streamOutput(stream);
    const unread = output.write(Buffer.alloc(100));
    stream.destroy();
    await expect(unread).rejects.toMatchObject(closed);
    await expect(output.write(Buffer.from("b"))).rejects.toMatchObject(closed);
  });

  const full = existsSync("/dev/full");
  it.skipIf(!full)(`names a full disk${full ? "" : " (skipped: no /dev/full)"}`, async () => {
    const output = streamOutput(createWriteStream("/dev/full"), "out.csv");
    await expect(output.write(Buffer.from("a"))).rejects.toMatchObject({
      code: "UNWRITABLE_FILE",
      message: "Can't write out.csv: the disk is full.",
    });
  });
});
