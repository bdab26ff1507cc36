import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { readContainer, type TypedArray, writeContainer } from "./container.ts";

const folder = temporaryFolder();

const arrays: fc.Arbitrary<TypedArray> = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((values) => new BigInt64Array(values)),
  fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map((values) => new BigUint64Array(values)),
);

async function small(): Promise<{ path: string; bytes: Buffer }> {
  const path = folder.file("small.prorec");
  const sections = {
    users: Float32Array.of(1, -2.5, 3),
    items: BigInt64Array.of(2n ** 60n),
    none: new Uint8Array(),
  };
  await writeContainer(path, { kind: "model/test", metadata: { rank: 3 }, sections });
  return { path, bytes: readFileSync(path) };
}

/** Another header, with a checksum that fits. */
function withHeader(bytes: Buffer, change: (text: string) => string): Buffer {
  const length = bytes.readUInt32LE(8);
  const header = Buffer.from(change(bytes.toString("utf8", 12, 12 + length)));
  if (header.length !== length) throw new Error("The header must keep its length.");
  const body = Buffer.concat([bytes.subarray(0, 12), header, bytes.subarray(12 + length, -32)]);
  return Buffer.concat([body, createHash("sha256").update(body).digest()]);
}

describe("container", () => {
  it("gives back every array, bit for bit, and the metadata", async () => {
    const path = folder.file("round-trip.prorec");
    const sections = fc.array(fc.tuple(fc.oneof(fc.string(), fc.constant("__proto__")), arrays), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        sections.map(Object.fromEntries),
        fc.dictionary(fc.string(), fc.jsonValue()),
        async (sections, metadata) => {
          await writeContainer(path, { kind: "checkpoint", metadata, sections });
          const read = await readContainer(path, "checkpoint");
          expect(read.metadata).toEqual(JSON.parse(JSON.stringify(metadata)));
          expect(Object.keys(read.sections)).toEqual(Object.keys(sections));
          for (const [name, array] of Object.entries(read.sections)) {
            const written = sections[name] as TypedArray;
            expect(array.constructor).toBe(written.constructor);
            expect(Buffer.from(array.buffer)).toEqual(
              Buffer.from(written.buffer, written.byteOffset, written.byteLength),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is laid out as documented", async () => {
    const { bytes } = await small();
    expect(bytes.toString("latin1", 0, 8)).toBe("PRORECB1");
    const length = bytes.readUInt32LE(8);
    const header = JSON.parse(bytes.toString("utf8", 12, 12 + length));
    expect(header).toEqual({
      kind: "model/test",
      version: 1,
      metadata: { rank: 3 },
      sections: [
        { name: "users", type: "Float32Array", length: 3, offset: 0 },
        { name: "items", type: "BigInt64Array", length: 1, offset: 64 },
        { name: "none", type: "Uint8Array", length: 0, offset: 128 },
      ],
    });
    const start = Math.ceil((12 + length) / 64) * 64;
    expect([0, 4, 8].map((at) => bytes.readFloatLE(start + at))).toEqual([1, -2.5, 3]);
    expect(bytes.readBigInt64LE(start + 64)).toBe(2n ** 60n);
    expect(bytes.subarray(-32)).toEqual(createHash("sha256").update(bytes.subarray(0, -32)).digest());
  });

  it("writes views and shared memory", async () => {
    const path = folder.file("views.prorec");
    const shared = new Float32Array(new SharedArrayBuffer(40)).fill(7);
    const view = new Float64Array([1, 2, 3, 4]).subarray(1, 3);
    await writeContainer(path, { kind: "shard", metadata: {}, sections: { shared, view } });
    const { sections } = await readContainer(path, "shard");
    expect(sections).toEqual({ shared: new Float32Array(10).fill(7), view: Float64Array.of(2, 3) });
  });

  it("carries sections larger than one chunk", async () => {
    const path = folder.file("large.prorec");
    const values = Uint32Array.from({ length: 3_000_001 }, (_, k) => k * 2654435761);
    await writeContainer(path, {
      kind: "shard",
      metadata: {},
      sections: { before: Uint8Array.of(1), values },
    });
    const { sections } = await readContainer(path, "shard");
    expect(Buffer.compare(Buffer.from(sections.values!.buffer), Buffer.from(values.buffer))).toBe(0);
  });

  it("finds every altered byte and every cut", async () => {
    const { bytes } = await small();
    const path = folder.file("damaged.prorec");
    const damaged = { code: "CORRUPT_FILE", details: { file: path } };
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes);
      altered[at]! ^= 1 << (at % 8);
      folder.file("damaged.prorec", altered);
      await expect(readContainer(path, "model/test"), `byte ${at}`).rejects.toMatchObject(damaged);
      folder.file("damaged.prorec", bytes.subarray(0, at));
      await expect(readContainer(path, "model/test"), `cut at ${at}`).rejects.toMatchObject(damaged);
    }
    folder.file("damaged.prorec", Buffer.concat([bytes, Buffer.alloc(1)]));
    await expect(readContainer(path, "model/test")).rejects.toMatchObject(damaged);
  });

  it("names another kind and another version", async () => {
    const { path, bytes } = await small();
    await expect(readContainer(path, "checkpoint")).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringMatching(/model\/test, version 1.*checkpoint, version 1/),
    });
    folder.file(
      "small.prorec",
      withHeader(bytes, (text) => text.replace('"version":1', '"version":2')),
    );
    await expect(readContainer(path, "model/test")).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringContaining("model/test, version 2"),
    });
  });

  it("leaves nothing behind when a file can't be written or read", async () => {
    const before = readdirSync(folder.path);
    const content = { kind: "shard", metadata: {}, sections: {} };
    await expect(writeContainer(folder.file("no/such/folder"), content)).rejects.toMatchObject({
      code: "UNWRITABLE_FILE",
    });
    await expect(readContainer(folder.file("none"), "shard")).rejects.toMatchObject({
      code: "UNREADABLE_FILE",
    });
    await expect(readContainer(folder.path, "shard")).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    expect(readdirSync(folder.path)).toEqual(before);
  });
});
