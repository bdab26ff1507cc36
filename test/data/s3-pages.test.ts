import { afterAll, beforeAll, expect, it } from "vitest";
import { openStore } from "../../src/cluster/store/store.ts";
import { temporaryFolder } from "../files.ts";
import { type S3Server, startS3 } from "../s3.ts";

const folder = temporaryFolder();
let server: S3Server;
beforeAll(async () => {
  server = await startS3(folder.file("s3"));
  Object.assign(process.env, server.environment);
});
afterAll(() => server.stop());

it("a store in S3 lists more than a page of 1,000 keys", async () => {
  const store = await openStore("s3://prorec/some/runs");
  const keys = Array.from({ length: 2100 }, (_, index) => `many/${String(index).padStart(4, "0")}`);
  for (let start = 0; start < keys.length; start += 50) {
    await Promise.all(keys.slice(start, start + 50).map((key) => store.put(key, Buffer.from(key))));
  }
  await store.put("other", Buffer.from("x"));
  expect(await store.list("many/")).toEqual(keys);
  expect(await store.list("")).toHaveLength(2101);
});
