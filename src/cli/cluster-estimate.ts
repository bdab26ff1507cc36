import type { ClusterCrew } from "../cluster/crew.ts";
import { type ClusterShape, clusterSeconds, estimateCluster } from "../cluster/estimate.ts";
import type { DenoiseSettings } from "../denoise/settings.ts";
import type { Interactions } from "../interactions/interactions.ts";
import type { Engine } from "../kernels/kernels.ts";
import { loadKernels } from "../kernels/load.ts";
import type { Recommender } from "../models/recommender.ts";
import { plural } from "../report/table.ts";
import { duration } from "./pace.ts";
import type { Session } from "./session.ts";

/** What of a run can go to a cluster. */
interface Parts {
  /** undefined for embeddings from elsewhere. */
  readonly model: Recommender | undefined;
  readonly transport: DenoiseSettings["transport"];
}

interface Asked extends Parts {
  readonly rank: number | undefined;
  readonly iterations?: number;
  readonly untilConverged?: boolean;
  readonly exactColumns?: boolean;
  readonly engine: Engine | "auto";
}

/** Models whose fit goes to workers, and those beside them that the transport can take there. */
const FITTED_THERE = ["svd", "nce-plrec", "wrmf"];
const FACTORS = [...FITTED_THERE, "cdae", "vae-cf"];
const SWEEPING = ["sinkhorn", "unbalanced"];

/** Says before a run starts which parts of it the cluster computes and which this machine does. */
export function notePlaces(parts: Parts, session: Session): void {
  const { fit, transport } = placesOf(parts);
  const all = [
    ...(parts.model === undefined ? [] : [{ what: `the fit of ${parts.model.name}`, there: fit !== "none" }]),
    { what: `the ${parts.transport} transport`, there: transport !== "none" },
  ];
  const there = all.filter((part) => part.there).map(({ what }) => what);
  const here = [
    ...all.filter((part) => !part.there).map(({ what }) => what),
    "reading, relabelling, writing",
  ];
  session.note(
    `The cluster computes ${there.join(" and ") || "nothing of this run"}; this machine: ${here.join("; ")}.`,
  );
}

function placesOf({ model, transport }: Parts): Required<Pick<ClusterShape, "fit" | "transport">> {
  const spread = model === undefined || FACTORS.includes(model.name);
  const alone = !spread || transport === "emd" || transport === "fixed-mass";
  const there = model !== undefined && FITTED_THERE.includes(model.name);
  const products = model?.name === "wrmf" ? { passes: Number(model.parameters.iterations) } : "products";
  return {
    fit: there ? products : "none",
    transport: alone ? "none" : SWEEPING.includes(transport) ? "sweeps" : "rows",
  };
}

/**
 * Says what a run needs before anything of it is queued: memory here and of a worker, bytes, and the time where it was
 * measured for such a run. `denoise` itself refuses next what this machine can't hold.
 */
export async function tellEstimate(
  { users, items, size }: Interactions,
  { rank, iterations = 1, untilConverged, exactColumns, engine, ...parts }: Asked,
  crew: ClusterCrew,
  session: Session,
): Promise<void> {
  const places = placesOf(parts);
  if (places.fit === "none" && places.transport === "none") return;
  const workers = (await crew.workers()).map(({ threads = 1 }) => threads);
  const most = Math.min(Number(parts.model?.parameters.factors ?? 0), users.size, items.size);
  const shape = {
    ...{ users: users.size, items: items.size, interactions: size, factors: rank ?? most },
    ...{ threads: Math.max(1, ...workers), ownThreads: crew.threads, ...places },
  };
  const { runMemory, workerMemory, inputs, results } = estimateCluster({
    ...shape,
    nearShare: 1,
  });
  const rounds = untilConverged ? " a round" : iterations === 1 ? "" : ` in ${iterations} rounds`;
  const times = untilConverged ? 1 : iterations;
  const bytes =
    `at most ${inBytes(times * inputs)} to the store, which each worker reads, and ` +
    `${inBytes(times * results)} back from it${rounds}`;
  const swept = places.transport === "sweeps" ? ", and what each sweep of the transport adds" : "";
  session.note(
    `Estimated: ${inBytes(runMemory)} of memory here, ${inBytes(workerMemory)} for a worker of ${plural(shape.threads, "thread")}; ${bytes}${swept}.`,
  );
  const measured = places.transport === "rows" && typeof places.fit === "string";
  if (!measured || loadKernels(engine).engine !== "relaxed-simd") return;
  const longest = times * clusterSeconds({ ...shape, nearShare: 1 });
  const shortest = exactColumns ? longest : times * clusterSeconds(shape);
  const threads = workers.reduce((sum, count) => sum + count, 0);
  const range = (over: number) =>
    [...new Set([duration(shortest / over), duration(longest / over)])].join(" to ");
  session.note(
    `Work for the cluster: ${range(1)} of one thread${rounds}, at the rates that docs/scale.md measured` +
      `${threads === 0 ? "" : `; ${range(threads)} on the ${plural(threads, "thread")} there now`}.`,
  );
}

function inBytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
