import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export interface S3Server {
  /** How clients find it and get in. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** An S3 server (s3rver) on loopback that keeps its files in `folder`, with an empty bucket, `prorec`. */
export async function startS3(folder: string): Promise<S3Server> {
  const script = require.resolve("s3rver/bin/s3rver.js");
  const legacy = "--openssl-legacy-provider"; // it names the pages of a listing by Blowfish
  const server = spawn(process.execPath, [
    legacy,
    script,
    "-s",
    "-d",
    folder,
    "-p",
    "0",
    "--configure-bucket",
    "prorec",
  ]);
  let said = "";
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    said += chunk;
    const port = /listening on \S+:(\d+)/.exec(said)?.[1];
    if (port === undefined) continue;
    return {
      environment: {
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "S3RVER",
        AWS_SECRET_ACCESS_KEY: "S3RVER",
      },
      async stop() {
        server.kill("SIGKILL");
        await once(server, "exit");
      },
    };
  }
  throw new Error(`s3rver ended: ${said}`);
}
