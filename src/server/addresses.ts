import { networkInterfaces } from "node:os";

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
