import { execFileSync, spawnSync } from "node:child_process";

/** Machines, as far as the network goes: a first one and others that reach it through a bridge, each with an address. */
export interface Network {
  readonly address: string;
  /** The words that start a program on a machine; the first one is 0. */
  on(machine: number): readonly string[];
  addressOf(machine: number): string;
  /** What is sent to or from a machine is lost, without a word to either side. */
  cut(machine: number): void;
  heal(machine: number): void;
  close(): void;
}

const ip = (...words: string[]) => execFileSync("ip", words, { stdio: "pipe" });

/** Why there can be no network namespaces, for a test's name; "" where there can. */
export const noNamespaces = reason();

function reason(): string {
  const name = `prorec-probe-${process.pid}`;
  const { status, stderr, error } = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (status === 0) ip("netns", "del", name);
  return status === 0 ? "" : ` (skipped: no network namespaces: ${(error?.message ?? stderr).trim()})`;
}

/** Its bridge is in a namespace, too, so that nothing of this machine's own network changes. */
export function openNetwork(machines: number): Network {
  const nameOf = (machine: number) => `prorec-${process.pid}-${machine}`;
  const addressOf = (machine: number) => `198.18.0.${machine + 1}`; // a network for tests, RFC 2544
  const at = (machine: number, ...words: string[]) => ip("-n", nameOf(machine), ...words);
  const close = () => {
    for (let machine = 0; machine <= machines; machine++) spawnSync("ip", ["netns", "del", nameOf(machine)]);
  };
  try {
    ip("netns", "add", nameOf(0));
    at(0, "link", "add", "bridge", "type", "bridge");
    at(0, "addr", "add", `${addressOf(0)}/24`, "dev", "bridge");
    for (const link of ["lo", "bridge"]) at(0, "link", "set", link, "up");
    for (let machine = 1; machine <= machines; machine++) {
      ip("netns", "add", nameOf(machine));
      const end = ["peer", "name", "port", "netns", nameOf(machine)];
      at(0, "link", "add", `to${machine}`, "type", "veth", ...end);
      at(0, "link", "set", `to${machine}`, "master", "bridge", "up");
      at(machine, "addr", "add", `${addressOf(machine)}/24`, "dev", "port");
      for (const link of ["lo", "port"]) at(machine, "link", "set", link, "up");
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    address: addressOf(0),
    on: (machine) => ["ip", "netns", "exec", nameOf(machine)],
    addressOf,
    cut: (machine) => at(0, "link", "set", `to${machine}`, "down"),
    heal: (machine) => at(0, "link", "set", `to${machine}`, "up"),
    close,
  };
}
