import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { temporaryFolder } from "./files.ts";
import { start } from "./process.ts";

// The examples import "prorec", which is dist/ here.
const folder = temporaryFolder();
const run = (example: string, ...args: string[]) =>
  start(`examples/${example}.mjs`, args, { cwd: folder.path, environment: { PORT: "0" } });

/** Two tastes: users 0 to 19 with items 0 to 9, the others with items 10 to 19; and one click that strayed. */
const users = Array.from({ length: 40 }, (_, user) => `u${user}`);
const items = Array.from({ length: 20 }, (_, item) => `i${item}`);
const rows = users.flatMap((user, row) =>
  [0, 1, 2, 3, 4, 5].map((step) => `${user},${items[(row < 20 ? 0 : 10) + ((row + step * step) % 10)]}`),
);
const clicks = ["user,item", ...new Set(rows), "u3,i15", ""].join("\n");
/** Factors that are the tastes. */
const tastes = (count: number) =>
  Float32Array.from({ length: 2 * count }, (_, at) =>
    (at >> 1 < count / 2 ? 0 : 1) === (at & 1) ? 1 : 0.05,
  );

beforeAll(() => {
  folder.file("clicks.csv", clicks);
  folder.file("users.txt", `${users.join("\n")}\n`);
  folder.file("items.txt", `${items.join("\n")}\n`);
});

it("session.mjs reads, cleans, recommends and compares", async () => {
  const { exit, stdout, stderr } = await run("session", "clicks.csv").ended;
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toContain("40 users, 20 items");
  expect(stdout).toContain("For u0:");
  expect(stdout).toMatch(/arm: 'prorec'/);
});

/** As safetensors.torch.save_file writes a tensor: header padded to 8 bytes, then the numbers. */
function safetensors(values: Float32Array): Buffer {
  const tensor = { dtype: "F32", shape: [values.length / 2, 2], data_offsets: [0, values.byteLength] };
  const json = JSON.stringify({ weight: tensor, __metadata__: { format: "pt" } });
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.from(values.buffer)]);
}

async function audits(usersFile: string, itemsFile: string) {
  const args = ["clicks.csv", usersFile, itemsFile, "users.txt", "items.txt"];
  const { exit, stdout, stderr } = await run("audit-embeddings", ...args).ended;
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toMatch(/^2 factors; .*\nu3, i15: Ranks/);
  expect(readFileSync(`${folder.path}/audit.csv`, "utf8").split("\n")[0]).toMatch(/^user,item,weight,/);
}

it("audit-embeddings.mjs finds the click that strayed, with tensors as PyTorch's safetensors writes them", async () => {
  folder.file("users.safetensors", safetensors(tastes(40)));
  folder.file("items.safetensors", safetensors(tastes(20)));
  await audits("users.safetensors", "items.safetensors");
});

const numpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;
it.skipIf(!numpy)("and with factors as implicit has them, by numpy.save (needs python3-numpy)", async () => {
  for (const [name, count] of Object.entries({ users: 40, items: 20 })) {
    const script = `import sys, numpy; numpy.save(sys.argv[1], numpy.frombuffer(sys.stdin.buffer.read(), "<f4").reshape(-1, 2))`;
    const input = Buffer.from(tastes(count).buffer);
    expect(spawnSync("python3", ["-c", script, `${folder.path}/${name}.npy`], { input }).status).toBe(0);
  }
  await audits("users.npy", "items.npy");
});

let stop = () => {};
afterAll(() => stop());
it("web-service.mjs cleans what is posted, and says what is wrong with what it can't", async () => {
  const { process: service } = run("web-service");
  stop = () => void service.kill();
  const said = await new Promise<string>((resolve) =>
    service.stdout!.once("data", (data) => resolve(String(data))),
  );
  const address = /http:\S+/.exec(said)![0];
  const post = (body: string) => fetch(address, { method: "POST", body });
  const [good, wrong] = await Promise.all([post(clicks), post("user,what\na,b\n")]);
  expect([good.status, good.headers.get("content-type")]).toEqual([200, "text/csv"]);
  expect((await good.text()).trimEnd().split(/\r?\n/)).toHaveLength(clicks.split("\n").length - 1);
  expect(wrong.status).toBe(422);
  expect(await wrong.text()).toContain('The columns are "user", "what"');
});
