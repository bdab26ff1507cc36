import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";

/** A server on loopback. */
export interface Server {
  readonly port: number;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
const POSTGRES = postgresFolder();
export const hasPostgres = POSTGRES !== undefined;
/** What belongs into the name of a test that is skipped without the server. */
export const noRedis = hasRedis ? "" : " (skipped: no redis-server)";
export const noPostgres = hasPostgres ? "" : " (skipped: no PostgreSQL)";

/** Where Debian puts PostgreSQL's programs: below its version. */
function postgresFolder(): string | undefined {
  const versions = "/usr/lib/postgresql";
  const folders = existsSync(versions) ? readdirSync(versions).map((name) => `${versions}/${name}/bin/`) : [];
  return folders.find((folder) => existsSync(`${folder}postgres`));
}

/** Redis with an append-only file in `folder`, as docs/cluster-operations.md says. */
export async function startRedis(
  folder: string,
  port?: number,
  options: readonly string[] = [],
  under: readonly string[] = [],
): Promise<Server> {
  mkdirSync(folder, { recursive: true });
  const free = port ?? (await freePort());
  const keep = [
    "--appendonly",
    "yes",
    "--appendfsync",
    "everysec",
    "--save",
    "",
    "--maxmemory-policy",
    "noeviction",
  ];
  const where = ["--port", `${free}`, "--bind", "127.0.0.1", "--dir", folder];
  const [program, ...words] = [...under, "redis-server", ...where, ...keep, ...options];
  const process = spawn(program!, words);
  await said(process, "Ready to accept connections");
  return serverOf(process, free, "SIGKILL");
}

/** PostgreSQL with an empty cluster in `folder` (made if it isn't there) and the user `prorec`, password `hunter2`. */
export async function startPostgres(folder: string, port?: number): Promise<Server> {
  const free = port ?? (await freePort());
  const asOther = otherThanRoot();
  const data = `${folder}/data`;
  if (!existsSync(data)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/password`, "hunter2\n");
    if (asOther.uid !== undefined) {
      chownSync(folder, asOther.uid, asOther.gid);
      chmodSync(dirname(folder), 0o711);
    }
    const login = ["-U", "prorec", "--auth=scram-sha-256", `--pwfile=${folder}/password`];
    execFileSync(`${POSTGRES}initdb`, ["-D", data, ...login, "--no-sync", "-E", "UTF8"], {
      cwd: folder,
      ...asOther,
    });
  }
  const where = ["-D", data, "-p", `${free}`, "-k", "", "-c", "listen_addresses=127.0.0.1"];
  const process = spawn(`${POSTGRES}postgres`, where, { cwd: folder, ...asOther });
  await said(process, "ready to accept connections");
  return serverOf(process, free, "SIGQUIT");
}

/** PostgreSQL refuses to run as root. */
function otherThanRoot(): { uid?: number; gid: number } {
  if (process.getuid?.() !== 0) return { gid: process.getgid!() };
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"]).toString());
  return { uid: id("-u"), gid: id("-g") };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function said(process: ChildProcess, text: string): Promise<void> {
  let all = "";
  for (const stream of [process.stdout!, process.stderr!]) stream.on("data", (chunk) => (all += chunk));
  for (let tries = 0; !all.includes(text); tries++) {
    if (process.exitCode !== null || tries > 600) throw new Error(`The server did not start: ${all}`);
    await setTimeout(50);
  }
}

function serverOf(process: ChildProcess, port: number, signal: NodeJS.Signals): Server {
  return {
    port,
    process,
    async stop() {
      if (process.exitCode !== null || process.signalCode !== null) return;
      process.kill(signal);
      await once(process, "exit");
    },
  };
}
