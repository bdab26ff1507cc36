import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ownBuild } from "../src/cluster/build.ts";
import { digestOf, sha256 } from "../src/cluster/shipment.ts";
import { unseal } from "../src/cluster/values.ts";

/** Looks at each piece of a folder's store as soon as it stands under its name; those that weren't whole then. */
export function watchStore(store: string): { halves(): string[]; stop(): void } {
  const seen = new Set<string>();
  const halves: string[] = [];
  const look = () => {
    for (const key of keysIn(store)) {
      if (seen.has(key)) continue;
      seen.add(key);
      if (!isWhole(key, readFileSync(join(store, key)))) halves.push(key);
    }
  };
  const timer = setInterval(look, 5);
  return {
    halves() {
      look();
      return halves;
    },
    stop: () => clearInterval(timer),
  };
}

function keysIn(store: string): string[] {
  const arrays = namesIn(join(store, "arrays")).map((name) => `arrays/${name}`);
  const jobs = namesIn(join(store, "jobs"));
  return [
    ...arrays,
    ...jobs.flatMap((job) => namesIn(join(store, "jobs", job)).map((name) => `jobs/${job}/${name}`)),
  ];
}

function namesIn(folder: string): string[] {
  return (existsSync(folder) ? readdirSync(folder) : []).filter((name) => !name.startsWith("."));
}

/** By what a piece says of itself. */
function isWhole(key: string, bytes: Uint8Array): boolean {
  const [kind, name, part] = key.split("/");
  if (kind === "arrays") return sha256(bytes) === name;
  if (part !== "job.json") return unseal(key, bytes) !== undefined;
  return digestOf(ownBuild().id, Buffer.from(bytes).toString()) === name;
}
