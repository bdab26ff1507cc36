import { expect, it } from "vitest";
import { optional } from "./optional.ts";

it("an optional package that is absent is named, with how to install it", async () => {
  const absent = "@prorec/no-such-package";
  await expect(optional(absent, () => import(absent))).rejects.toMatchObject({
    code: "UNUSABLE_CLUSTER",
    message: `This needs the package ${absent}, which isn't installed.`,
    hint: `npm install ${absent}`,
  });
});

it("a package that is there but fails is not called absent", async () => {
  const other = "@prorec/missing-inside";
  await expect(optional("bullmq", () => import(other))).rejects.not.toHaveProperty("hint");
  await expect(optional("bullmq", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});

it("a package that is there is given", async () => {
  const { existsSync } = await optional("node:fs", () => import("node:fs"));
  expect(existsSync("/")).toBe(true);
});
