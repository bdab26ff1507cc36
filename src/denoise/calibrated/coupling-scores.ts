import type { SparseMatrix } from "../../linalg/sparse.ts";
import type { Crew } from "../../parallel/crew.ts";
import { sharedFloat32, sharedFloat64 } from "../../parallel/shared.ts";
import type { RunOptions } from "../../progress.ts";
import { randomFor } from "../../random.ts";
import type { Columns } from "./columns.ts";
import { type Coupling, countTask, ITEMS, shareTask, USERS } from "./coupling-work.ts";

/** Numbers of topics whose scores are averaged. */
const TOPICS = [10, 20];
const SWEEPS = 15;
/** Exponent of an item's popularity in what its score is compared with. */
const POPULARITY = 0.25;

/**
 * How probable each click is for its user under a low-rank coupling with the log's marginals: the mean over the
 * numbers of topics of log(pi_ui / q_u) - 1/4 log n_i, with pi_ui / q_u = sum_k theta_uk phi_ki and a uniform noise
 * topic, by leave-one-out CVB0.
 */
export async function couplingScores(
  matrix: SparseMatrix,
  columns: Columns,
  options: RunOptions & { readonly seed: number },
  crew: Crew,
): Promise<Float32Array> {
  const scores = sharedFloat32(matrix.indices.length);
  for (const topics of TOPICS) await addScores(matrix, columns, topics, scores, options, crew);
  for (let entry = 0; entry < scores.length; entry++) {
    const item = matrix.indices[entry]!;
    const popularity = columns.offsets[item + 1]! - columns.offsets[item]!;
    scores[entry] = scores[entry]! / TOPICS.length - POPULARITY * Math.log(popularity);
  }
  return scores;
}

async function addScores(
  matrix: SparseMatrix,
  columns: Columns,
  topics: number,
  scores: Float32Array,
  { seed, signal, onProgress }: RunOptions & { readonly seed: number },
  crew: Crew,
): Promise<void> {
  const coupling: Coupling = {
    ...{ matrix, columns, topics, scores },
    shares: sharedFloat32(matrix.indices.length * (topics + 1)),
    itemCounts: sharedFloat32(matrix.columns * topics),
    topicCounts: sharedFloat64(topics),
  };
  randomStart(coupling, seed);
  const users = Math.ceil(matrix.rows / USERS);
  const items = Math.ceil(matrix.columns / ITEMS);
  for (let sweep = 0; sweep <= SWEEPS; sweep++) {
    onProgress?.({ stage: `coupling of rank ${topics}`, done: sweep, total: SWEEPS + 1 });
    sumTopics(coupling);
    const job = { ...coupling, first: sweep === 0, last: sweep === SWEEPS };
    await crew.run(shareTask, job, users, { signal, stage: shareTask.name });
    if (!job.last) await crew.run(countTask, coupling, items, { signal, stage: countTask.name });
  }
  onProgress?.({ stage: `coupling of rank ${topics}`, done: SWEEPS + 1, total: SWEEPS + 1 });
}

/** Every item's clicks are dealt to the topics in random parts. */
function randomStart({ matrix, columns, topics, itemCounts }: Coupling, seed: number): void {
  const random = randomFor(seed, "coupling", topics);
  for (let item = 0; item < matrix.columns; item++) {
    const clicks = columns.offsets[item + 1]! - columns.offsets[item]!;
    for (let k = 0; k < topics; k++) {
      itemCounts[item * topics + k] = (clicks / topics) * -Math.log(1 - random.uniform());
    }
  }
}

function sumTopics({ topics, itemCounts, topicCounts }: Coupling): void {
  topicCounts.fill(0);
  for (let at = 0; at < itemCounts.length; at += topics) {
    for (let k = 0; k < topics; k++) topicCounts[k]! += itemCounts[at + k]!;
  }
}
