import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { parseAddress } from "../src/cluster/address.ts";
import { prorec, ROOT } from "./process.ts";

/** The YAML parser that TypeDoc brings. */
const { parseAllDocuments } = createRequire(createRequire(import.meta.url).resolve("typedoc"))("yaml");

// biome-ignore lint/suspicious/noExplicitAny: the shape is what is tested
function documentsOf(file: string): any[] {
  const documents = parseAllDocuments(readFileSync(`${ROOT}deploy/${file}`, "utf8"), { merge: true });
  return documents.map((document: { errors: unknown[]; warnings: unknown[]; toJS(): unknown }) => {
    expect([document.errors, document.warnings]).toEqual([[], []]);
    return document.toJS();
  });
}

/** That the words are a command of ProRec with options that it has. */
async function assertWorkerCommand(words: readonly string[]): Promise<void> {
  expect(words[0]).toBe("worker");
  const { stdout, exit } = await prorec(["worker", "--help"]);
  expect(exit).toBe(0);
  for (const word of words.filter((word) => word.startsWith("--"))) expect(stdout).toContain(word);
  expect(words[words.indexOf("--store") + 1]).toBe("/store");
}

it("the compose file starts a Redis that keeps what it is told, and workers that share a volume", async () => {
  const [{ services, volumes }] = documentsOf("compose.yaml");
  const { redis, store, worker, run } = services;
  const settings = redis.command.slice(1);
  const setting = (name: string) => settings[settings.indexOf(`--${name}`) + 1];
  expect(setting("maxmemory-policy")).toBe("noeviction");
  expect(setting("appendonly")).toBe("yes");
  expect(setting("save")).toBe("");
  expect(redis.command.every((word: unknown) => typeof word === "string")).toBe(true);
  await assertWorkerCommand(worker.command);
  const address = worker.command[worker.command.indexOf("--cluster") + 1];
  expect(parseAddress(address.replaceAll(/\$\{\w+\}/g, "x"))).toMatchObject({ kind: "redis", host: "redis" });
  expect(worker.deploy.replicas).toBeGreaterThan(1);
  for (const service of [store, worker, run]) {
    expect(service.image).toBe(store.image);
    expect(service.volumes).toEqual(["store:/store"]);
  }
  expect(Object.keys(volumes).sort()).toEqual(["queue", "store"]);
  for (const name of Object.keys(worker.depends_on)) expect(services).toHaveProperty(name);
});

it("the Kubernetes manifest has workers with a probe, the address from a secret and a volume that all can write", async () => {
  const [claim, deployment] = documentsOf("kubernetes.yaml");
  expect(claim).toMatchObject({ kind: "PersistentVolumeClaim", spec: { accessModes: ["ReadWriteMany"] } });
  expect(deployment).toMatchObject({ apiVersion: "apps/v1", kind: "Deployment" });
  const { replicas, selector, template } = deployment.spec;
  expect(replicas).toBeGreaterThan(1);
  expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  const [worker] = template.spec.containers;
  await assertWorkerCommand(worker.args);
  const [cluster] = worker.env;
  expect(worker.args).toContain(`$(${cluster.name})`);
  expect(cluster.valueFrom.secretKeyRef).toEqual({ name: "prorec-cluster", key: "address" });
  expect(worker.livenessProbe.exec.command[0]).toBe("node");
  expect(worker.livenessProbe.periodSeconds).toBeGreaterThan(0);
  const mounted = worker.volumeMounts.map(({ name }: { name: string }) => name);
  expect(template.spec.volumes.map(({ name }: { name: string }) => name)).toEqual(mounted);
  expect(template.spec.volumes[0].persistentVolumeClaim.claimName).toBe(claim.metadata.name);
  expect(worker.resources.limits).toHaveProperty("memory");
});

it("the image has all optional packages at once", () => {
  const text = readFileSync(`${ROOT}deploy/Dockerfile`, "utf8");
  const { peerDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
  const needed = Object.keys(peerDependencies).filter((name) => name !== "pino");
  for (const name of ["prorec", ...needed]) expect(text).toMatch(new RegExp(`npm install .*${name}`));
  expect(text).toMatch(/^FROM node:24-slim$/m);
  expect(text).toMatch(/^USER node$/m);
});
