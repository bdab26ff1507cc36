import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { readSafetensors } from "./safetensors.ts";

const folder = temporaryFolder();

interface Entry {
  dtype: string;
  shape: unknown;
  data_offsets: unknown;
}

/** A .safetensors file as the format's description has it. */
function file(
  entries: Record<string, Entry | object>,
  body: Uint8Array,
  header = JSON.stringify(entries),
): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), body]);
}

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const two = (dtype: string, end: number): Entry => ({ dtype, shape: [2, 2], data_offsets: [0, end] });
const read = (bytes: Uint8Array, name?: string) =>
  readSafetensors(folder.file("case.safetensors", bytes), name);

describe("readSafetensors", () => {
  it.each([
    ["F32", Float32Array.of(1, -2.5, 3e-20, 4)],
    ["F64", Float64Array.of(1, -2.5, 3, 1 / 3)],
    ["F16", Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff), [1, -2, 2 ** -24, 65504]],
    ["BF16", Uint16Array.of(0x3f80, 0xc020, 0x0001, 0x7f7f), [1, -2.5, 2 ** -133, 3.3895313892515355e38]],
    ["I64", BigInt64Array.of(1n, -2n, 3n, 2n ** 40n), [1, -2, 3, 2 ** 40]],
  ])("reads %s", async (dtype, stored, expected: readonly number[] = [...stored].map(Number)) => {
    const { shape, data } = await read(file({ factors: two(dtype, stored.byteLength) }, bytesOf(stored)));
    expect(shape).toEqual([2, 2]);
    expect(data).toEqual(Float32Array.from(expected));
  });

  it("reads every bfloat16 as the upper half of a float32", async () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, k) => k).filter((k) => (k & 0x7f80) !== 0x7f80);
    const expected = new Float32Array(Uint32Array.from(bits, (k) => k << 16).buffer);
    const entry = { dtype: "BF16", shape: [bits.length / 2, 2], data_offsets: [0, bits.byteLength] };
    expect((await read(file({ entry }, bytesOf(bits)))).data).toEqual(expected);
  });

  it("finds the only 2-D tensor, or the named one", async () => {
    const body = bytesOf(Float32Array.of(9, 1, 2, 3, 4, 5, 6, 7, 8));
    const bias = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
    const first = { dtype: "F32", shape: [2, 2], data_offsets: [4, 20] };
    const second = { dtype: "F32", shape: [4, 1], data_offsets: [20, 36] };
    const metadata = { format: "pt" };
    const one = file({ __metadata__: metadata, bias, first }, body.subarray(0, 20));
    expect((await read(one)).data).toEqual(Float32Array.of(1, 2, 3, 4));
    const several = file({ bias, second, first }, body);
    expect(await read(several, "second")).toEqual({ shape: [4, 1], data: Float32Array.of(5, 6, 7, 8) });
    await expect(read(several)).rejects.toMatchObject({
      code: "SHAPE_MISMATCH",
      message: expect.stringMatching(/several.*second \(4 x 1\), first \(2 x 2\)/),
    });
    await expect(read(several, "third")).rejects.toMatchObject({
      code: "SHAPE_MISMATCH",
      message: expect.stringMatching(/third.*bias/),
    });
    await expect(read(file({ bias }, body.subarray(0, 4)))).rejects.toMatchObject({ code: "SHAPE_MISMATCH" });
  });

  it("says CORRUPT_FILE wherever a file is cut, or longer than announced", async () => {
    const whole = file({ factors: two("F32", 16) }, bytesOf(Float32Array.of(1, 2, 3, 4)));
    for (let length = 0; length < whole.length; length++) {
      await expect(read(whole.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
        code: "CORRUPT_FILE",
        details: { file: folder.file("case.safetensors") },
      });
    }
    await expect(read(Buffer.concat([whole, Buffer.alloc(1)]))).rejects.toMatchObject({
      code: "CORRUPT_FILE",
    });
  });

  const body = bytesOf(Float32Array.of(1, 2, 3, 4));
  it.each([
    ["a header that is not JSON", file({}, body, "{]")],
    ["a header that is no object", file({}, body, "3")],
    ["a null entry", file({}, body, '{"a":null}')],
    ["a negative shape", file({ a: { dtype: "F32", shape: [-2, -2], data_offsets: [0, 16] } }, body)],
    ["a fractional shape", file({ a: { dtype: "F32", shape: [0.5, 8], data_offsets: [0, 16] } }, body)],
    [
      "a shape beyond counting",
      file({ a: { dtype: "F32", shape: [2 ** 40, 2 ** 40], data_offsets: [0, 16] } }, body),
    ],
    [
      "offsets beyond the file",
      file({ a: two("F32", 16), b: { ...two("F32", 32), data_offsets: [16, 32] } }, body),
    ],
    ["overlapping tensors", file({ a: two("F32", 16), b: two("F32", 16) }, body)],
    ["a hole", file({ a: { dtype: "F32", shape: [3, 1], data_offsets: [4, 16] } }, body)],
    ["offsets in the wrong order", file({ a: { dtype: "F32", shape: [2, 2], data_offsets: [16, 0] } }, body)],
    ["three offsets", file({ a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 8, 16] } }, body)],
    ["a header of 2^60 bytes", Buffer.concat([Buffer.from("0000000000000010", "hex"), body])],
  ])("refuses %s", async (_, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: "CORRUPT_FILE" });
  });

  it("names types that are not numbers, and values that are not finite", async () => {
    await expect(
      read(file({ a: { dtype: "BOOL", shape: [4, 4], data_offsets: [0, 16] } }, body)),
    ).rejects.toMatchObject({ code: "UNSUPPORTED_FORMAT", message: expect.stringContaining("BOOL") });
    await expect(
      read(file({ a: two("F32", 16) }, bytesOf(Float32Array.of(1, 2, NaN, 4)))),
    ).rejects.toMatchObject({ code: "BAD_ROW", details: { row: 2, column: "1", value: "NaN" } });
  });
});
