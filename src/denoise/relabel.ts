import { overRanges, type Steps } from "../progress.ts";
import type { Matching } from "../transport/match.ts";

/** Eq. 22: relevance r = 1 / (1 + exp(-beta (rho - theta))), an interaction a number. */
export function* relevanceOf(matching: Matching, offsets: Uint32Array, beta: number): Steps<Float32Array> {
  const relevance = new Float32Array(matching.match.length);
  yield* overEntries(offsets, (user, entry) => {
    const excess = matching.match[entry]! - matching.threshold[user]!;
    relevance[entry] = 1 / (1 + Math.exp(-beta * excess));
  });
  return relevance;
}

/** Eq. 23 on observed entries: lambda X + (1 - lambda) r * X. */
export function* relabelled(
  values: Float32Array,
  relevance: Float32Array,
  lambda: number,
): Steps<Float32Array> {
  const changed = new Float32Array(values.length);
  yield* overRanges(values.length, (start, end) => {
    for (let entry = start; entry < end; entry++) {
      changed[entry] = values[entry]! * (lambda + (1 - lambda) * relevance[entry]!);
    }
  });
  return changed;
}

/** 1 for each interaction whose match lies below its user's threshold. */
export function* noiseFlags(
  matching: Pick<Matching, "match" | "threshold">,
  offsets: Uint32Array,
): Steps<Uint8Array> {
  const flags = new Uint8Array(matching.match.length);
  yield* overEntries(offsets, (user, entry) => {
    if (matching.match[entry]! < matching.threshold[user]!) flags[entry] = 1;
  });
  return flags;
}

/** Each value as a factor of the input's. */
export function* weightsOf(values: Float32Array, input: Float32Array): Steps<Float32Array> {
  const weights = new Float32Array(values.length);
  yield* overRanges(values.length, (start, end) => {
    for (let entry = start; entry < end; entry++) weights[entry] = values[entry]! / input[entry]!;
  });
  return weights;
}

/** |after - before| / |input| in the Euclidean norm. */
export function* relativeChange(
  before: Float32Array,
  after: Float32Array,
  input: Float32Array,
): Steps<number> {
  let change = 0;
  let size = 0;
  yield* overRanges(input.length, (start, end) => {
    for (let entry = start; entry < end; entry++) {
      change += (after[entry]! - before[entry]!) ** 2;
      size += input[entry]! ** 2;
    }
  });
  return Math.sqrt(change / size);
}

/** Every entry in order, with its user. */
export function* overEntries(
  offsets: Uint32Array,
  visit: (user: number, entry: number) => void,
): Steps<void> {
  let user = 0;
  yield* overRanges(offsets.at(-1)!, (start, end) => {
    for (let entry = start; entry < end; entry++) {
      while (entry >= offsets[user + 1]!) user++;
      visit(user, entry);
    }
  });
}
