import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compressedOutput } from "./compressed-output.ts";

describe("compressedOutput", () => {
  const block = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 2654435761) % 251));

  it("compresses on the way", async () => {
    const chunks: Buffer[] = [];
    const ended: string[] = [];
    const output = compressedOutput(
      {
        name: "x",
        write: async (bytes) => void chunks.push(Buffer.from(bytes)),
        commit: async () => void ended.push("commit"),
        abandon: async () => void ended.push("abandon"),
      },
      "gzip",
    );
    for (let count = 0; count < 20; count++) await output.write(block);
    await output.commit();
    expect(gunzipSync(Buffer.concat(chunks)).equals(Buffer.concat(Array(20).fill(block)))).toBe(true);
    expect(ended).toEqual(["commit"]);
  });

  it("hands on the error of what is behind it", async () => {
    let abandoned = 0;
    const output = compressedOutput(
      {
        name: "x",
        write: async () => {
          throw new Error("the disk is full");
        },
        commit: async () => {},
        abandon: async () => void abandoned++,
      },
      "gzip",
    );
    const writing = (async () => {
      for (let count = 0; count < 100; count++) await output.write(block);
      await output.commit();
    })();
    await expect(writing).rejects.toThrow("the disk is full");
    await output.abandon();
    expect(abandoned).toBe(1);
  });
});
