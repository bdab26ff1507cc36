/** Where a store has a block's result. */
export function resultKey(job: string, block: number): string {
  return `${resultsOf(job)}${block}`;
}

/** What the keys of a job's results begin with. */
export function resultsOf(job: string): string {
  return `jobs/${job}/block-`;
}

/** Where a store has what a job is. */
export function documentKey(job: string): string {
  return `jobs/${job}/job.json`;
}

/** Where a store has a piece of an array, by its SHA-256. */
export function pieceKey(piece: string): string {
  return `arrays/${piece}`;
}
