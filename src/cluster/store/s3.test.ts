import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/files.ts";
import { type S3Server, startS3 } from "../../../test/s3.ts";
import { openStore } from "./store.ts";

const folder = temporaryFolder();
const before = { ...process.env };
let server: S3Server;
beforeAll(async () => {
  server = await startS3(folder.file("s3"));
});
afterAll(() => server.stop());
afterEach(() => {
  process.env = { ...before };
});

const SECRET = "hunter2/+secret";

/** All that a log could get of an error. */
async function toldBy(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => expect.unreachable(),
    (error) => error,
  );
  expect(error.name).toBe("ProRecError");
  expect(error.cause).toBeUndefined();
  return `${error.stack}\n${error.code}\n${error.hint}\n${JSON.stringify(error)}`;
}

describe("a store in S3", () => {
  it("refuses an address with credentials, or that is none, without repeating it", async () => {
    for (const address of [
      `s3://AKIAKEY:${SECRET}@bucket/runs`,
      `s3://bucket/runs?X-Amz-Signature=${SECRET}`,
      `s3://bucket/runs#${SECRET}`,
      `s3://bucket/@${SECRET}`,
      `s3://bucket/../${SECRET}`,
      `S3://${SECRET}`,
      `s3:///${SECRET}`,
      `https://user:${SECRET}@example.com/bucket`,
      `gs://${SECRET}`,
    ]) {
      const told = await toldBy(openStore(address));
      expect(told).toContain("UNUSABLE_CLUSTER");
      expect(told).not.toContain("hunter2");
      expect(told).not.toContain("AKIA");
    }
  });

  it("takes an address with and without a prefix", async () => {
    Object.assign(process.env, server.environment);
    const locations = ["s3://prorec", "s3://prorec/", "s3://prorec/a/b", "s3://prorec/a/b//"];
    const stores = await Promise.all(locations.map(openStore));
    expect(stores.map(({ location }) => location)).toEqual([
      "s3://prorec/",
      "s3://prorec/",
      "s3://prorec/a/b/",
      "s3://prorec/a/b/",
    ]);
    await stores[3]!.put("key", Buffer.from("x"));
    expect(await stores[0]!.list("")).toEqual(["a/b/key"]);
    expect(await stores[2]!.list("")).toEqual(["key"]);
  });

  it("says what is wrong with bucket, credentials and server, without the credentials", async () => {
    Object.assign(process.env, server.environment);
    const noBucket = await openStore("s3://no-such-bucket/x");
    const calls = [noBucket.put("a", Buffer.from("x")), noBucket.get("a"), noBucket.list("")];
    for (const told of await Promise.all(calls.map(toldBy)))
      expect(told).toContain("there is no such bucket");

    process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = "hunter2secret";
    const forbidden = await openStore("s3://prorec/x");
    const refusals = [
      forbidden.put("a", Buffer.from("x")),
      forbidden.get("a"),
      forbidden.has("a"),
      forbidden.list(""),
      forbidden.remove("a"),
    ];
    for (const told of await Promise.all(refusals.map(toldBy))) {
      expect(told).toContain("permission denied");
      expect(told).toContain("s3://prorec/x/");
      expect(told).not.toContain("hunter2");
    }

    process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:9";
    const nowhere = await openStore("s3://prorec/x");
    const told = await toldBy(nowhere.put("a", Buffer.from("x")));
    expect(told).toContain("UNWRITABLE_FILE");
    expect(told).toContain("the server can't be reached");
    expect(told).not.toContain("hunter2");
  });
});
