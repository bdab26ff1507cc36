import { describe, expect, it } from "vitest";
import { randomizedSvd } from "../../linalg/randomized-svd.ts";
import { type SparseMatrix, sharedMatrix, sparseFromPairs } from "../../linalg/sparse.ts";
import { openCrew } from "../../parallel/crew.ts";
import { randomFor } from "../../random.ts";
import { columnsOf } from "./columns.ts";
import { ALPHA, type Coupling, countBlock, ETA, shareBlock } from "./coupling-work.ts";
import { neighbourScores } from "./neighbour-scores.ts";
import { projectionScores } from "./projection-scores.ts";

const USERS = 40;
const ITEMS = 25;

function someMatrix(): SparseMatrix {
  const random = randomFor(3, "signals");
  const pairs = Array.from({ length: 300 }, () => [random.below(USERS), random.below(ITEMS)] as const);
  return sharedMatrix(
    sparseFromPairs(
      USERS,
      ITEMS,
      Uint32Array.from(pairs, ([user]) => user),
      Uint32Array.from(pairs, ([, item]) => item),
    ),
  );
}

const matrix = someMatrix();
const { offsets, indices } = matrix;
const crew = openCrew(0);

/** [user, item, entry] of all. */
function* entriesOf(): Generator<[number, number, number]> {
  for (let user = 0; user < USERS; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++)
      yield [user, indices[entry]!, entry];
  }
}

describe("projectionScores", () => {
  it("are the user's scores projected anew without the click, V fixed, mean over ranks", async () => {
    const { scores } = await projectionScores(matrix, { seed: 1 }, crew);
    const { right, rank } = await randomizedSvd(matrix, { rank: 20, seed: 1, iterations: 4 });
    for (const [user, item, entry] of entriesOf()) {
      const others = [...indices.subarray(offsets[user], offsets[user + 1])].filter(
        (other) => other !== item,
      );
      let expected = 0;
      for (const most of [5, 10, 20]) {
        for (let k = 0; k < most; k++) {
          const embedded = others.reduce((sum, other) => sum + right[other * rank + k]!, 0);
          expected += (embedded * right[item * rank + k]!) / 3;
        }
      }
      expect(scores[entry]).toBeCloseTo(expected / Math.sqrt(others.length + 1), 5);
    }
  });
});

describe("neighbourScores", () => {
  it("are mean cosines counted without the user", async () => {
    const scores = await neighbourScores(matrix, columnsOf(matrix), {}, crew);
    const dense = Array.from({ length: USERS }, () => new Uint8Array(ITEMS));
    for (const [user, item] of entriesOf()) dense[user]![item] = 1;
    for (const [user, item, entry] of entriesOf()) {
      const rest = dense.filter((_, other) => other !== user);
      const others = [...indices.subarray(offsets[user], offsets[user + 1])].filter(
        (other) => other !== item,
      );
      const count = (left: number, right: number) =>
        rest.reduce((sum, row) => sum + row[left]! * row[right]!, 0);
      const cosine = (other: number) =>
        count(item, other) === 0
          ? 0
          : count(item, other) / Math.sqrt(count(item, item) * count(other, other));
      const expected = others.reduce((sum, other) => sum + cosine(other), 0) / Math.max(1, others.length);
      expect(scores[entry]).toBeCloseTo(expected, 5);
    }
  });
});

describe("the coupling", () => {
  it("sweeps as a plain dense CVB0 does, and scores a click by the counts without it", () => {
    const topics = 3;
    const width = topics + 1;
    const random = randomFor(5, "coupling-test");
    const coupling: Coupling = {
      ...{ matrix, columns: columnsOf(matrix), topics },
      shares: new Float32Array(indices.length * width),
      itemCounts: Float32Array.from({ length: ITEMS * topics }, () => 1 + random.uniform()),
      topicCounts: new Float64Array(topics),
      scores: new Float32Array(indices.length),
    };
    const shares = new Map<number, number[]>();
    let itemCounts = Array.from({ length: ITEMS }, (_, item) =>
      Array.from({ length: topics }, (_, k) => coupling.itemCounts[item * topics + k]!),
    );
    const zeros = Array.from({ length: width }, () => 0);
    for (let sweep = 0; sweep <= 4; sweep++) {
      const last = sweep === 4;
      coupling.topicCounts.fill(0);
      coupling.itemCounts.forEach((count, index) => {
        coupling.topicCounts[index % topics]! += count;
      });
      shareBlock({ job: { ...coupling, first: sweep === 0, last }, block: 0 });
      const totals = zeros.slice(0, topics).map((_, k) => itemCounts.reduce((sum, row) => sum + row[k]!, 0));
      for (const [user, item, entry] of entriesOf()) {
        const own = shares.get(entry) ?? zeros;
        const theta = zeros.map((_, k) => {
          let count = ALPHA;
          for (let other = offsets[user]!; other < offsets[user + 1]!; other++) {
            if (other !== entry) count += (shares.get(other) ?? zeros)[k]!;
          }
          return count;
        });
        const phi = zeros.map((_, k) =>
          k === topics
            ? 1 / ITEMS
            : (itemCounts[item]![k]! - own[k]! + ETA) / (totals[k]! - own[k]! + ETA * ITEMS),
        );
        const fresh = theta.map((value, k) => value * phi[k]!);
        const sum = fresh.reduce((total, value) => total + value, 0);
        if (last) {
          const thetas = theta.reduce((total, value) => total + value, 0);
          expect(coupling.scores[entry]).toBeCloseTo(Math.log(sum / thetas), 3);
        } else
          shares.set(
            entry,
            fresh.map((value) => value / sum),
          );
      }
      if (last) break;
      countBlock({ job: coupling, block: 0 });
      itemCounts = itemCounts.map((row) => row.map(() => 0));
      for (const [, item, entry] of entriesOf()) {
        for (let k = 0; k < topics; k++) itemCounts[item]![k]! += shares.get(entry)![k]!;
      }
      itemCounts.forEach((row, item) => {
        row.forEach((count, k) => {
          expect(coupling.itemCounts[item * topics + k]).toBeCloseTo(count, 3);
        });
      });
    }
  });
});
