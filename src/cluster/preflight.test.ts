import { mkdirSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../test/files.ts";
import { assertSharedStore, holdsToken, leaveToken } from "./preflight.ts";
import { openStore } from "./store/store.ts";

const folder = temporaryFolder();
const newStore = (name: string) => {
  mkdirSync(folder.file(name));
  return openStore(folder.file(name));
};

it("a token tells the same store from another", async () => {
  const [driver, elsewhere] = await Promise.all(["shared", "other"].map(newStore));
  const worker = await openStore(folder.file("shared"));
  const token = await leaveToken(driver!);
  expect(await holdsToken(worker, token)).toBe(true);
  expect(await holdsToken(worker, { ...token, text: "another" })).toBe(false);
  await assertSharedStore(worker, token, "the run");
  await expect(assertSharedStore(elsewhere!, token, "worker 1 on host-3")).rejects.toMatchObject({
    code: "UNUSABLE_CLUSTER",
    message: expect.stringContaining("is not the one of worker 1 on host-3"),
    hint: expect.stringContaining("mounted"),
  });
  await driver!.remove(token.key);
  expect(await holdsToken(worker, token)).toBe(false);
});

it("a store that forgets is refused", async () => {
  const forgetful = { ...(await newStore("forgetful")), put: async () => {} };
  await expect(leaveToken(forgetful)).rejects.toMatchObject({ code: "UNUSABLE_CLUSTER" });
});
