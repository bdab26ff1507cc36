import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { afterAll } from "vitest";

/** An S3 server (s3rver) on loopback with an empty bucket, ended after the tests of the file; and how clients find it. */
export async function startS3(folder: string): Promise<Readonly<Record<string, string>>> {
  const script = createRequire(import.meta.url).resolve("s3rver/bin/s3rver.js");
  const server = spawn(process.execPath, [
    script,
    "-s",
    "-d",
    folder,
    "-p",
    "0",
    "--configure-bucket",
    "prorec",
  ]);
  afterAll(async () => {
    server.kill("SIGKILL");
    await once(server, "exit");
  });
  let said = "";
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    said += chunk;
    const port = /listening on \S+:(\d+)/.exec(said)?.[1];
    if (port === undefined) continue;
    return {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "S3RVER",
      AWS_SECRET_ACCESS_KEY: "S3RVER",
    };
  }
  throw new Error(`s3rver ended: ${said}`);
}
