import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { folderWith } from "../refusals.ts";
import { amusic } from "../shared.ts";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));

/** What training needs by the estimate and at its peak, of a process of its own. */
function figuresOf(model: string, architecture: string): { estimated: number; peak: number } {
  const program = `
import { Cdae, readInteractions, VaeCf } from "${dist}/index.js";
import { denoisingAutoencoder } from "${dist}/models/network/denoising-autoencoder.js";
import { trainingBytes } from "${dist}/models/network/memory.js";
import { variationalAutoencoder } from "${dist}/models/network/variational-autoencoder.js";
const interactions = await readInteractions(${JSON.stringify(amusic.path)});
const model = ${model};
const options = { negatives: 0, ...model.parameters };
const added = trainingBytes(${architecture}, interactions.matrix, options, 1);
const estimated = process.memoryUsage.rss() + added;
await model.fit(interactions, { threads: 1 });
console.log(JSON.stringify({ estimated, peak: process.resourceUsage().maxRSS * 1024 }));`;
  const script = join(folderWith({ "fit.mjs": program }), "fit.mjs");
  const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe.skipIf(amusic.absent)(`what training is estimated to need${amusic.reason}`, () => {
  it.each([
    ["new Cdae({ epochs: 1 })", "denoisingAutoencoder(100)"],
    ["new VaeCf({ epochs: 1 })", "variationalAutoencoder(100, 0)"],
  ])("%s: within a quarter of its peak", (model, architecture) => {
    const { estimated, peak } = figuresOf(model, architecture);
    expect(estimated / peak).toBeGreaterThan(0.75);
    expect(estimated / peak).toBeLessThan(1.25);
  });
});
