import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { hasRedis, type Server, startRedis } from "../../test/servers.ts";
import { assertSharedStore, leaveToken, removeToken, showToken } from "./preflight.ts";
import { openQueueing, type Queueing } from "./queueing.ts";
import { openStore } from "./store/store.ts";

const folder = temporaryFolder();
const newStore = (name: string) => {
  mkdirSync(folder.file(name));
  return openStore(folder.file(name));
};
const build = { id: "abc", name: "ProRec of this test" };

describe.skipIf(!hasRedis)(`tokens of workers${hasRedis ? "" : " (skipped: no redis-server)"}`, () => {
  let server: Server;
  let queueing: Queueing;
  beforeAll(async () => {
    server = await startRedis(folder.file("redis"));
    queueing = await openQueueing(`redis://127.0.0.1:${server.port}`);
  });
  afterAll(async () => {
    await queueing.close();
    await server.stop();
  });

  it("tell the same store from another", async () => {
    const { notices } = queueing;
    const run = await newStore("shared");
    const [same, other] = [await openStore(folder.file("shared")), await newStore("other")];
    await assertSharedStore(notices, build, run);
    const token = await leaveToken(same);
    await showToken(notices, build, token);
    await assertSharedStore(notices, build, run);

    const foreign = await leaveToken(other);
    await showToken(notices, { ...build, id: "another build" }, foreign);
    await assertSharedStore(notices, build, run);
    await showToken(notices, build, foreign);
    await expect(assertSharedStore(notices, build, run)).rejects.toMatchObject({
      code: "UNUSABLE_CLUSTER",
      message: expect.stringContaining(`process ${process.pid} on `),
      hint: expect.stringContaining("mounted"),
    });
    await removeToken(notices, build, other, foreign);
    await assertSharedStore(notices, build, run);
    await run.put(token.key, Buffer.from("another text"));
    await expect(assertSharedStore(notices, build, run)).rejects.toThrow("has another store");
    await removeToken(notices, build, same, token);
    expect(await same.list("")).toEqual([]);
  });
});

it("a store that forgets is refused", async () => {
  const forgetful = { ...(await newStore("forgetful")), put: async () => {} };
  await expect(leaveToken(forgetful)).rejects.toMatchObject({ code: "UNUSABLE_CLUSTER" });
});
