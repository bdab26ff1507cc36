import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denoise } from "../denoise/prorec.ts";
import { interactionsFromPairs } from "../interactions/interactions.ts";
import { createModel, type ModelName } from "../models/models.ts";
import type { BlockTask } from "../parallel/block-task.ts";
import { type Crew, openCrew } from "../parallel/crew.ts";
import { randomFor } from "../random.ts";
import type { FactorScores } from "../scores.ts";
import { transportJob } from "../transport/block-work.ts";
import { nearFarColumns } from "../transport/columns/near-far.ts";
import { type BlockResult, workOnBlock } from "./block.ts";
import { openJobs } from "./jobs.ts";
import { ship, shipmentOf } from "./shipment.ts";
import { openFolder } from "./store/folder.ts";
import type { Store } from "./store/store.ts";
import { putInPlace, type ShippedTask, taskNamed } from "./tasks.ts";
import { pack, seal, unpack, unseal } from "./values.ts";

const build = { id: "0123", name: "ProRec of this test" };
let folder: string;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prorec-shipped-"));
  store = await openFolder(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** Does every block twice, on jobs from the store, and keeps what it says it wrote: as a cluster would. */
function shippingCrew(done: Set<string>): Crew {
  const local = openCrew(0);
  return {
    ...local,
    threads: 1,
    async run<Job, Result>(
      task: BlockTask<Job, Result>,
      job: Job,
      count: number,
      options: Parameters<Crew["run"]>[3],
      collect?: (result: Result, block: number) => void,
    ) {
      const shipped = taskNamed(task.name) as ShippedTask;
      const shipment = await shipmentOf(build.id, shipped, job as object);
      await ship(store, shipment, new Set(), undefined);
      const jobs = openJobs(store, build, 1e9);
      const results: { block: number; sealed: Uint8Array }[] = [];
      for (let block = count - 1; block >= 0; block--) {
        const input = async () => ({
          job: { task: task.name, job: await jobs.get(task.name, shipment.digest), key: `${block}` },
          block,
        });
        const sealed = workOnBlock(await input());
        expect(workOnBlock(await input())).toEqual(sealed);
        results.unshift({ block, sealed });
      }
      for (const { block, sealed } of results) {
        const { result, written } = unpack(unseal(`${block}`, sealed)!) as BlockResult;
        for (const [index, strip] of shipped.writes({ job, block }).entries())
          putInPlace(strip, written[index]!);
        collect?.(result as Result, block);
      }
      done.add(options.stage);
    },
  };
}

const log = () => {
  const random = randomFor(5, "shipped");
  return interactionsFromPairs(
    Array.from({ length: 3000 }, (): [string, string] => {
      const user = random.below(1100);
      return [`u${user}`, `i${random.below(3 + (user % 50))}`];
    }),
  );
};

describe("a denoise whose blocks are shipped has the bits of one in this process", () => {
  it.each([
    ["nce-plrec", "relaxed"],
    ["svd", "relaxed"],
    ["wrmf", "relaxed"],
    ["svd", "sinkhorn"],
    ["svd", "unbalanced"],
  ] as const)("%s, %s", async (model: ModelName, transport) => {
    const interactions = log();
    const options = {
      model: createModel(model, { factors: 8, iterations: 2, seed: 3 }),
      transport,
      gamma: 1,
    };
    const own = await denoise(interactions, options);
    const done = new Set<string>();
    const shipped = await denoise(interactions, { ...options, threads: shippingCrew(done) });
    expect(done.size).toBeGreaterThan(1);
    expect(shipped.weights).toEqual(own.weights);
    expect(shipped.noise).toEqual(own.noise);
    const { threads: _, ...matching } = own.matching;
    expect(shipped.matching).toMatchObject(matching);
    expect(shipped.objective).toEqual(own.objective);
  });

  it("near and far sums", async () => {
    const random = randomFor(1, "shipped");
    const [users, items, rank] = [2000, 700, 5];
    const side = (count: number, scale: number) =>
      Float32Array.from({ length: count * rank }, (_, at) => (scale * random.normal()) / (1 + at / rank));
    const scores: FactorScores = {
      ...{ kind: "factors", users, items, rank, userFactors: side(users, 2), itemFactors: side(items, 1) },
    };
    const sumsBy = (crew: Crew) => {
      const job = { ...transportJob("simd128", scores, 0.1), scores };
      return nearFarColumns(crew, job, {}, { tolerance: 1e-4, always: true });
    };
    expect(await sumsBy(shippingCrew(new Set()))).toEqual(await sumsBy(openCrew(0)));
  });
});

describe("a packed value", () => {
  const numbers = fc.oneof(
    fc.float32Array().map((array) => array as Float32Array),
    fc.float64Array().map((array) => array as Float64Array),
    fc.uint32Array().map((array) => array as Uint32Array),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(fc.double(), fc.string(), fc.boolean(), numbers, tie("list"), tie("object")),
    list: fc.array(tie("any"), { maxLength: 3 }),
    object: fc.dictionary(fc.stringMatching(/^[a-z]+$/), tie("any"), { maxKeys: 3, noNullPrototype: true }),
  })).any;

  it("is unpacked bit for bit", () => {
    fc.assert(
      fc.property(value, (some) => {
        expect(unpack(pack(some))).toEqual(some);
      }),
    );
  });

  it("is unsealed only under its key and as it was", () => {
    const bytes = pack({ sums: Float64Array.of(1, 2, 3) });
    const sealed = seal("jobs/a/block-0", bytes);
    expect(unseal("jobs/a/block-0", sealed)).toEqual(bytes);
    expect(unseal("jobs/a/block-1", sealed)).toBeUndefined();
    for (const at of sealed.keys()) {
      expect(unseal("jobs/a/block-0", sealed.with(at, sealed[at]! ^ 1))).toBeUndefined();
      expect(unseal("jobs/a/block-0", sealed.subarray(0, at))).toBeUndefined();
    }
  });

  it("can't hold a function", () => {
    expect(() => pack({ fill: () => {} })).toThrow(TypeError);
  });
});
