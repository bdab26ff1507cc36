import { type Corrupted, injected } from "../interactions/corrupt.ts";
import type { Interactions } from "../interactions/interactions.ts";
import { readInteractions } from "../io/log.ts";
import { findEntry } from "../linalg/sparse.ts";
import { randomFor, shuffle } from "../random.ts";
import { logFile } from "./logs.ts";

interface FlipOptions {
  /** Rows to add, as a share of the training rows. */
  readonly rate: number;
  readonly seed: number;
  readonly data: string;
  readonly signal: AbortSignal | undefined;
}

const POSITIVE = 4;

/** Part of ML-100k's positives with some of its rows rated below 4 among them, of users and items that have positives. */
export async function withFlippedRatings(
  train: Interactions,
  { rate, seed, data, signal }: FlipOptions,
): Promise<Corrupted> {
  const file = logFile(data, "ml-100k");
  const all = await readInteractions(file, { signal });
  const positives = await readInteractions(file, { minRating: POSITIVE, signal });
  const rows: number[] = [];
  const columns: number[] = [];
  for (let user = 0; user < all.users.size; user++) {
    const row = train.users.indexOf(all.users.at(user));
    const positiveRow = positives.users.indexOf(all.users.at(user));
    if (row < 0) continue;
    for (let entry = all.matrix.offsets[user]!; entry < all.matrix.offsets[user + 1]!; entry++) {
      const id = all.items.at(all.matrix.indices[entry]!);
      const column = train.items.indexOf(id);
      if (column < 0 || findEntry(positives.matrix, positiveRow, positives.items.indexOf(id)) >= 0) continue;
      rows.push(row);
      columns.push(column);
    }
  }
  const order = shuffle(
    Uint32Array.from(rows, (_, index) => index),
    randomFor(seed, "flipped-ratings"),
  ).subarray(0, Math.round(rate * train.size));
  const at = (positions: readonly number[]) => Array.from(order, (index) => positions[index]!);
  return injected(train, { users: at(rows), items: at(columns) });
}
