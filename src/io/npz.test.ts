import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { npyHeader, zipped } from "../../test/damage.ts";
import { rowsOf, temporaryFolder } from "../../test/files.ts";
import { openNpz } from "./npz.ts";
import { readInteractions } from "./open-log.ts";
import { openSource } from "./source.ts";

const folder = temporaryFolder();
const python = (code: string) => spawnSync("python3", ["-c", code], { cwd: folder.path, encoding: "utf8" });
const noScipy = python("import scipy.sparse").status !== 0;

const read = async (name: string) => {
  const source = await openSource(folder.file(name));
  return { columns: source.columns, rows: await rowsOf(source.batches()) };
};

describe.skipIf(noScipy)("what scipy.sparse.save_npz writes [needs python3 with scipy]", () => {
  it("is a log, whatever the format, the types and the compression", async () => {
    const { stderr } = python(`
import json, numpy, scipy.sparse as sparse
rng = numpy.random.default_rng(1)
matrix = sparse.random(300, 70, density=.1, random_state=1)
expected = {}
for layout in ("csr", "csc", "coo"):
    for kind in ("f4", "f8", "i4", "i8", "u1", "b1"):
        for compressed in (True, False):
            name = f"{layout}-{kind}-{compressed}.npz"
            part = matrix.asformat(layout).astype(kind) if kind == "f8" else matrix.asformat(layout)
            if kind != "f8":
                part.data = rng.integers(0, 2 if kind == "b1" else 9, part.nnz).astype(kind)
            sparse.save_npz(name, part, compressed=compressed)
            rows = part.tocoo()
            expected[name] = [[int(u), int(i), float(v)] for u, i, v in zip(rows.row, rows.col, rows.data)]
wide = sparse.csr_array((numpy.ones(3, "f4"), (numpy.array([0, 999999, 999999]), numpy.array([1, 0, 49]))), shape=(10**6, 50))
wide.indices, wide.indptr = wide.indices.astype("i8"), wide.indptr.astype("i8")
sparse.save_npz("wide.npz", wide)
expected["wide.npz"] = [[0, 1, 1], [999999, 0, 1], [999999, 49, 1]]
sparse.save_npz("bsr.npz", matrix.tobsr())
sparse.save_npz("empty.npz", sparse.csr_matrix((3, 4)))
numpy.savez("dense.npz", users=numpy.ones((2, 2)))
json.dump(expected, open("expected.json", "w"))
`);
    expect(stderr).toBe("");
    const expected: Record<string, number[][]> = JSON.parse(
      readFileSync(folder.file("expected.json"), "utf8"),
    );
    for (const [name, cells] of Object.entries(expected)) {
      const { columns, rows } = await read(name);
      expect(columns.map((column) => column.name)).toEqual(["user", "item", "rating"]);
      expect(rows, name).toEqual(cells.map((row, index) => [index + 1, ...row]));
    }
    const { users, items, size } = await readInteractions(folder.file("wide.npz"), { weights: "rating" });
    expect([[...users], [...items], size]).toEqual([["0", "999999"], ["1", "0", "49"], 3]);
  }, 60_000);

  it.each([
    ["bsr.npz", "UNSUPPORTED_FORMAT", /format bsr/],
    ["dense.npz", "UNSUPPORTED_FORMAT", /no sparse matrix; it holds users\.npy/],
    ["empty.npz", "BAD_ROW", /no data rows/],
  ])("%s is refused", async (name, code, message) => {
    await expect(read(name)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

it("a ZIP archive that holds something else is refused", async () => {
  const bytes = Buffer.alloc(22);
  bytes.write("PK\x05\x06", "latin1");
  await expect(openSource(folder.file("none.npz", bytes))).rejects.toMatchObject({
    code: "UNSUPPORTED_FORMAT",
  });
  await expect(openNpz(folder.file("book.xlsx", bytes))).rejects.toMatchObject({
    code: "UNSUPPORTED_FORMAT",
    hint: "Save its sheet as CSV.",
  });
  await expect(openSource(folder.file("text.npz", "user,item\na,b\n"))).rejects.toMatchObject({
    code: "CORRUPT_FILE",
  });
});

describe("a matrix that can't be is refused before memory is taken for it:", () => {
  const int32 = (...numbers: number[]) => Buffer.from(Int32Array.from(numbers).buffer);
  const whole = {
    format: [npyHeader("|S3", "()"), Buffer.from("csr")],
    shape: [npyHeader("<i8", "(2,)"), Buffer.from(BigInt64Array.of(2n, 3n).buffer)],
    indptr: [npyHeader("<i4", "(3,)"), int32(0, 1, 2)],
    indices: [npyHeader("<i4", "(2,)"), int32(2, 0)],
    data: [npyHeader("<i4", "(2,)"), int32(1, 1)],
  };
  const archive = (changes: Partial<typeof whole>) =>
    zipped(
      Object.fromEntries(
        Object.entries({ ...whole, ...changes }).map(([name, parts]) => [
          `${name}.npy`,
          Buffer.concat(parts),
        ]),
      ),
      true,
    );

  it("but this one is read", async () => {
    folder.file("whole.npz", archive({}));
    expect((await read("whole.npz")).rows).toEqual([
      [1, 0, 2, 1],
      [2, 1, 0, 1],
    ]);
  });

  it.each<[string, Partial<typeof whole>]>([
    ["2^60 entries", { data: [npyHeader("<i4", "(1152921504606846976,)"), int32(1, 1)] }],
    [
      "2^60 users",
      { shape: [npyHeader("<i8", "(2,)"), Buffer.from(BigInt64Array.of(2n ** 60n, 3n).buffer)] },
    ],
    ["an item beyond the matrix", { indices: [npyHeader("<i4", "(2,)"), int32(2, 3)] }],
    ["a negative item", { indices: [npyHeader("<i4", "(2,)"), int32(-1, 0)] }],
    ["rows that end beyond the entries", { indptr: [npyHeader("<i4", "(3,)"), int32(0, 1, 2_000_000_000)] }],
    ["rows that end before the last entry", { indptr: [npyHeader("<i4", "(3,)"), int32(0, 1, 1)] }],
    ["rows that end before they start", { indptr: [npyHeader("<i4", "(3,)"), int32(0, 2, 1)] }],
    ["rows that don't start at 0", { indptr: [npyHeader("<i4", "(3,)"), int32(1, 1, 2)] }],
  ])("%s", async (_, changes) => {
    folder.file("bad.npz", archive(changes));
    await expect(read("bad.npz")).rejects.toMatchObject({ code: "CORRUPT_FILE" });
  });

  it("a directory that announces more than DEFLATE can make", async () => {
    const bytes = archive({});
    bytes.writeUInt32LE(0xfffffffe, bytes.indexOf("PK\x01\x02", "latin1") + 24);
    folder.file("bomb.npz", bytes);
    await expect(read("bomb.npz")).rejects.toMatchObject({
      code: "CORRUPT_FILE",
      message: expect.stringContaining("can't hold"),
    });
  });
});
