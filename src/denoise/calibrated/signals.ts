import type { Interactions } from "../../interactions/interactions.ts";
import { type SparseMatrix, sharedMatrix } from "../../linalg/sparse.ts";
import type { Crew, Threads } from "../../parallel/crew.ts";
import type { RunOptions } from "../../progress.ts";
import { columnsOf } from "./columns.ts";
import { couplingScores } from "./coupling-scores.ts";
import { neighbourScores } from "./neighbour-scores.ts";
import { type Projection, projectionScores } from "./projection-scores.ts";

/** What is known of each click, a number an entry; weights of the log play no part. */
export interface Signals {
  readonly projection: Projection;
  readonly coupling: Float32Array;
  readonly neighbours: Float32Array;
  readonly userClicks: Float32Array;
  readonly itemClicks: Float32Array;
}

export async function signalsOf(
  { matrix }: Interactions,
  options: RunOptions & { readonly seed: number; readonly threads?: Threads | undefined },
  crew: Crew,
): Promise<Signals> {
  const pattern = sharedMatrix({ ...matrix, values: new Float32Array(matrix.indices.length).fill(1) });
  const columns = columnsOf(pattern);
  return {
    projection: await projectionScores(pattern, options, crew),
    coupling: await couplingScores(pattern, columns, options, crew),
    neighbours: await neighbourScores(pattern, columns, options, crew),
    userClicks: userClicks(matrix),
    itemClicks: Float32Array.from(
      matrix.indices,
      (item) => columns.offsets[item + 1]! - columns.offsets[item]!,
    ),
  };
}

function userClicks({ rows, offsets, indices }: SparseMatrix): Float32Array {
  const clicks = new Float32Array(indices.length);
  for (let user = 0; user < rows; user++) {
    clicks.fill(offsets[user + 1]! - offsets[user]!, offsets[user], offsets[user + 1]);
  }
  return clicks;
}
