import { type AddressInfo, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { ProRecError } from "../errors.ts";

/** What a browser may call a server that listens on `host`: `name:port` in lower case. */
export function hostNames(host: string, port: number): Set<string> {
  const names = isEverywhere(host)
    ? Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address))
    : [host];
  if (isEverywhere(host) || isLoopback(host)) names.push("localhost", "127.0.0.1", "::1");
  return new Set(names.map((name) => `${urlHost(name)}:${port}`.toLowerCase()));
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Whether it means all addresses of this machine. */
export function isEverywhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** The host as it stands in an address. */
export function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Gives the port. @throws ProRecError UNWRITABLE_FILE if there is no listening there */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new ProRecError(
          "UNWRITABLE_FILE",
          `Can't listen at ${urlHost(host)}:${port}: ${cause.code ?? cause.message}.`,
          {
            hint: "Choose another --port, or leave it out for a free one; --host is an address of this machine.",
            cause,
          },
        ),
      ),
    );
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** What a later `listen` would throw, thrown now. */
export async function assertListenable(host: string, port: number): Promise<void> {
  const server = createServer();
  await listen(server, host, port);
  await new Promise((resolve) => server.close(resolve));
}
