import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { readEmbeddings } from "./embeddings.ts";
import { writeNpy } from "./npy.ts";

const folder = temporaryFolder();

async function npy(name: string, rows: number, columns: number): Promise<string> {
  const path = folder.file(name);
  await writeNpy(
    path,
    [rows, columns],
    Float32Array.from({ length: rows * columns }, (_, k) => k + 1),
  );
  return path;
}

const users = await npy("users.npy", 3, 2);
const items = await npy("items.NPY", 2, 2);
const userIds = (content: string | Uint8Array) => ({
  users,
  items,
  userIds: folder.file("user-ids.txt", content),
});

describe("readEmbeddings", () => {
  it("takes row numbers as ids where there is no id file", async () => {
    const embeddings = await readEmbeddings({ users, items });
    expect(embeddings.rank).toBe(2);
    expect([...embeddings.users.ids]).toEqual(["0", "1", "2"]);
    expect([...embeddings.items.ids]).toEqual(["0", "1"]);
    expect(embeddings.users.factors).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(embeddings.items.factors).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it("reads .safetensors", async () => {
    const header = JSON.stringify({ v: { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] } });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const body = new Uint8Array(Float32Array.of(7, 8).buffer);
    const path = folder.file("v.safetensors", Buffer.concat([length, Buffer.from(header), body]));
    expect((await readEmbeddings({ users, items: path })).items.factors).toEqual(Float32Array.of(7, 8));
  });

  it.each([
    ["newlines", "a\nb\nc\n", ["a", "b", "c"]],
    ["no last newline", "a\nb\nc", ["a", "b", "c"]],
    ["CR LF", "a\r\nb\r\nc\r\n", ["a", "b", "c"]],
    ["a byte order mark", "\ufeffa\n\ufeffb\nc", ["a", "\ufeffb", "c"]],
    ["ids that look like other things", " 007 \n1e5\n__proto__", [" 007 ", "1e5", "__proto__"]],
    ["an empty id and emoji", '\n👩‍👩‍👧\n"a,b"\n', ["", "👩‍👩‍👧", '"a,b"']],
    ["a return inside", "a\rb\nc\nd", ["a\rb", "c", "d"]],
  ])("reads ids with %s, byte for byte", async (_, content, ids) => {
    expect([...(await readEmbeddings(userIds(content))).users.ids]).toEqual(ids);
  });

  it("reads id files longer than one block", async () => {
    const ids = Array.from({ length: 60_000 }, (_, k) => `🎵-${k * 7919}`);
    const many = await npy("many.npy", ids.length, 2);
    const path = folder.file("many.txt", ids.join("\n"));
    const { users } = await readEmbeddings({ users: many, items, userIds: path });
    expect([...users.ids]).toEqual(ids);
  });

  it("names both lines of an id that comes twice", async () => {
    await expect(readEmbeddings(userIds("a\nb\na\n"))).rejects.toMatchObject({
      code: "BAD_ROW",
      message: expect.stringMatching(/user-ids\.txt, row 3: the id "a" stands in row 1 already/),
      details: { file: folder.file("user-ids.txt"), row: 3, value: "a" },
    });
  });

  it("names the line of an id that is not UTF-8 or never ends", async () => {
    await expect(readEmbeddings(userIds(Buffer.from("a\nb\xff\nc\n", "latin1")))).rejects.toMatchObject({
      code: "BAD_ROW",
      details: { row: 2 },
    });
    await expect(readEmbeddings(userIds(Buffer.alloc(2_000_000, 0x61)))).rejects.toMatchObject({
      code: "BAD_ROW",
      details: { row: 1 },
    });
  });

  it.each([
    ["a\nb\n", 2],
    ["a\nb\nc\nd\n", 4],
    ["", 0],
  ])("counts ids against rows: %j", async (content, count) => {
    await expect(readEmbeddings(userIds(content))).rejects.toMatchObject({
      code: "SHAPE_MISMATCH",
      message: expect.stringMatching(new RegExp(`${count} ids.*3 rows`)),
    });
  });

  it("gives both shapes when the sides differ in rank", async () => {
    const wide = await npy("wide.npy", 4, 5);
    await expect(readEmbeddings({ users, items: wide })).rejects.toMatchObject({
      code: "SHAPE_MISMATCH",
      message: expect.stringMatching(/3 x 2.*4 x 5/),
    });
  });

  it("names unknown extensions and missing files", async () => {
    await expect(readEmbeddings({ users: folder.file("u.csv"), items })).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringContaining(".csv"),
    });
    await expect(readEmbeddings({ users, items, itemIds: folder.file("none.txt") })).rejects.toMatchObject({
      code: "UNREADABLE_FILE",
    });
  });
});
