import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { readNpy, writeNpy } from "./npy.ts";

const folder = temporaryFolder();
const python = (code: string) => spawnSync("python3", ["-c", code], { cwd: folder.path, encoding: "utf8" });
const noNumpy = python("import numpy").status !== 0;

/** A .npy file as the format's description has it. */
function npy(header: string, body: Uint8Array, version = 1): Buffer {
  const prefix = Buffer.alloc(version === 1 ? 10 : 12);
  prefix.write("\x93NUMPY", "latin1");
  prefix[6] = version;
  if (version === 1) prefix.writeUInt16LE(header.length, 8);
  else prefix.writeUInt32LE(header.length, 8);
  return Buffer.concat([prefix, Buffer.from(header), body]);
}

const header = (shape: string, descr = "'<f4'", order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const read = (bytes: Uint8Array) => readNpy(folder.file("case.npy", bytes));

describe("readNpy", () => {
  it("reads either memory order, keys in any order, and format 2", async () => {
    const numbers = floats(1, 2, 3, 4, 5, 6);
    const rows = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    expect(await read(npy(header("(2, 3)"), numbers))).toEqual(rows);
    expect(await read(npy(header("(2, 3)"), numbers, 2))).toEqual(rows);
    expect(await read(npy(`{'shape':(2,3),'fortran_order':False,'descr':'<f4'}`, numbers))).toEqual(rows);
    expect(await read(npy(header("(2, 3)", "'<f4'", "True"), numbers))).toEqual({
      shape: [2, 3],
      data: Float32Array.of(1, 3, 5, 2, 4, 6),
    });
  });

  it("reads half precision, known bit patterns", async () => {
    const known: [number, number][] = [
      [0x0000, 0],
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x8000, -0],
    ];
    const bits = Uint16Array.from(known, ([pattern]) => pattern);
    const { data } = await read(npy(header("(1, 9)", "'<f2'"), new Uint8Array(bits.buffer)));
    expect([...data]).toEqual(known.map(([, value]) => value));
  });

  it.skipIf(noNumpy)(
    "reads what numpy writes, every type, byte order and memory order [needs python3 with numpy]",
    async () => {
      const types = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"];
      const { stderr } = python(`
import numpy, sys
rng = numpy.random.default_rng(1)
for kind in ${JSON.stringify(types)}:
    for byte_order in "<>":
        for order in "CF":
            values = rng.uniform(-100, 100, (7, 5)) if kind[0] != "u" else rng.uniform(0, 200, (7, 5))
            array = numpy.asarray(values.astype(byte_order + kind), order=order)
            name = kind + {"<": "l", ">": "b"}[byte_order] + order
            numpy.save(name, array)
            array.astype("<f4").tofile(name + ".expected")
numpy.save("halves", numpy.arange(65536, dtype="<u2").view("<f2")[numpy.isfinite(numpy.arange(65536, dtype="<u2").view("<f2"))].reshape(-1, 2))
numpy.load("halves.npy").astype("<f4").tofile("halves.expected")
numpy.save("large", numpy.asfortranarray(rng.standard_normal((1500, 1001))))
numpy.load("large.npy").astype("<f4").tofile("large.expected")
numpy.lib.format.write_array(open("version3.npy", "wb"), numpy.ones((2, 2)), version=(3, 0))
numpy.ones((2, 2), "<f4").tofile("version3.expected")
`);
      expect(stderr).toBe("");
      const names = types.flatMap((type) => ["lC", "lF", "bC", "bF"].map((order) => type + order));
      for (const name of [...names, "halves", "large", "version3"]) {
        const { shape, data } = await readNpy(folder.file(`${name}.npy`));
        const expected = readFileSync(folder.file(`${name}.expected`));
        expect(shape[0] * shape[1]).toBe(data.length);
        expect(Buffer.compare(Buffer.from(data.buffer), expected), name).toBe(0);
      }
    },
  );

  it("says CORRUPT_FILE wherever a file is cut, or longer than announced", async () => {
    const whole = npy(header("(2, 2)"), floats(1, 2, 3, 4));
    for (let length = 0; length < whole.length; length++) {
      await expect(read(whole.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
        code: "CORRUPT_FILE",
        details: { file: folder.file("case.npy") },
      });
    }
    await expect(read(Buffer.concat([whole, Buffer.alloc(4)]))).rejects.toMatchObject({
      code: "CORRUPT_FILE",
    });
  });

  it("never crashes or hangs on an altered byte", async () => {
    const whole = npy(header("(2, 2)"), floats(1, 2, 3, 4));
    for (let at = 0; at < whole.length; at++) {
      const altered = Buffer.from(whole);
      altered[at]! ^= 0x11;
      const outcome = await read(altered).catch((error) => error.code);
      expect(typeof outcome === "object" || /^[A-Z_]+$/.test(outcome), `byte ${at}: ${outcome}`).toBe(true);
    }
  });

  it.each([
    ["a wrong magic", Buffer.from("NUMPY not at all, but long enough"), "CORRUPT_FILE"],
    ["format 9", npy(header("(1, 1)"), floats(1), 9), "CORRUPT_FILE"],
    ["a header longer than the file", npy(header("(1, 1)"), floats(1)).fill(0xff, 8, 10), "CORRUPT_FILE"],
    ["a header without shape", npy("{'descr': '<f4', 'fortran_order': False}", floats(1)), "CORRUPT_FILE"],
    ["a header without type", npy("{'fortran_order': False, 'shape': (1, 1)}", floats(1)), "CORRUPT_FILE"],
    ["a shape beyond memory", npy(header("(1000000000000, 1000)"), floats(1)), "CORRUPT_FILE"],
    ["a shape beyond counting", npy(header(`(${"9".repeat(400)}, 4)`), floats(1)), "CORRUPT_FILE"],
    ["a negative shape", npy(header("(-1, 4)"), floats(1)), "CORRUPT_FILE"],
    ["a number alone", npy(header("()"), floats(1)), "SHAPE_MISMATCH"],
    ["one dimension", npy(header("(3,)"), floats(1, 2, 3)), "SHAPE_MISMATCH"],
    ["three dimensions", npy(header("(1, 1, 2)"), floats(1, 2)), "SHAPE_MISMATCH"],
    ["no rows", npy(header("(0, 4)"), floats()), "SHAPE_MISMATCH"],
    ["no columns", npy(header("(4, 0)"), floats()), "SHAPE_MISMATCH"],
    ["objects", npy(header("(1, 1)", "'|O'"), floats(1)), "UNSUPPORTED_FORMAT"],
    ["complex numbers", npy(header("(1, 1)", "'<c8'"), floats(1, 2)), "UNSUPPORTED_FORMAT"],
    ["records", npy(header("(1, 1)", "[('a', '<f4')]"), floats(1)), "UNSUPPORTED_FORMAT"],
  ])("refuses %s", async (_, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining("case.npy") });
  });

  it.each([NaN, Infinity, -Infinity, 1e39])("names the row and column of %s", async (value) => {
    const numbers = new Float64Array(6).fill(1);
    numbers[4] = value;
    const bytes = new Uint8Array(numbers.buffer);
    const place = (row: number, column: string) => ({
      code: "BAD_ROW",
      details: { file: folder.file("case.npy"), row, column, value: String(value) },
    });
    await expect(read(npy(header("(3, 2)", "'<f8'"), bytes))).rejects.toMatchObject(place(3, "1"));
    await expect(read(npy(header("(3, 2)", "'<f8'", "True"), bytes))).rejects.toMatchObject(place(2, "2"));
  });

  it("says UNREADABLE_FILE for a missing file and a folder", async () => {
    await expect(readNpy(folder.file("none.npy"))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
    await expect(readNpy(folder.path)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  });
});

describe("writeNpy", () => {
  it("is read back bit for bit", async () => {
    const path = folder.file("round-trip.npy");
    const numbers = fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(numbers, fc.boolean(), async (data, flat) => {
        const shape = flat ? ([1, data.length] as const) : ([data.length, 1] as const);
        await writeNpy(path, shape, data);
        expect(await readNpy(path)).toEqual({ shape, data });
        expect(readFileSync(path).indexOf("\n") % 64).toBe(63);
      }),
      { numRuns: 50 },
    );
  });

  it.skipIf(noNumpy)("is read by numpy, beyond one chunk [needs python3 with numpy]", async () => {
    const data = Float32Array.from({ length: 1_200_003 }, (_, k) => Math.sin(k));
    await writeNpy(folder.file("ours.npy"), [400_001, 3], data);
    const { stdout } = python(
      "import numpy; a = numpy.load('ours.npy'); print(a.shape, a.dtype); a.tofile('ours.raw')",
    );
    expect(stdout.trim()).toBe("(400001, 3) float32");
    expect(Buffer.compare(readFileSync(folder.file("ours.raw")), Buffer.from(data.buffer))).toBe(0);
  });

  it("refuses numbers that don't fill the shape", async () => {
    await expect(writeNpy(folder.file("x.npy"), [2, 2], new Float32Array(3))).rejects.toThrow(RangeError);
  });
});
