import type { Matching } from "../transport/match.ts";

/** Eq. 22: relevance r = 1 / (1 + exp(-beta (rho - theta))), an interaction a number. */
export function relevanceOf(matching: Matching, offsets: Uint32Array, beta: number): Float32Array {
  const relevance = new Float32Array(matching.match.length);
  for (let user = 0; user + 1 < offsets.length; user++) {
    const threshold = matching.threshold[user]!;
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      relevance[entry] = 1 / (1 + Math.exp(-beta * (matching.match[entry]! - threshold)));
    }
  }
  return relevance;
}

/** Eq. 23 on observed entries: lambda X + (1 - lambda) r * X. */
export function relabelled(values: Float32Array, relevance: Float32Array, lambda: number): Float32Array {
  return values.map((value, entry) => value * (lambda + (1 - lambda) * relevance[entry]!));
}

/** 1 for each interaction whose match lies below its user's threshold. */
export function noiseFlags(matching: Matching, offsets: Uint32Array): Uint8Array {
  const flags = new Uint8Array(matching.match.length);
  for (let user = 0; user + 1 < offsets.length; user++) {
    const threshold = matching.threshold[user]!;
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      if (matching.match[entry]! < threshold) flags[entry] = 1;
    }
  }
  return flags;
}
