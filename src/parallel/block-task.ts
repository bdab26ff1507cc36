/** Work on one block, in this thread or another: a pure function of a job that every thread sees and the block's number. */
export interface BlockTask<Job, Result> {
  /** URL of the module that exports `work` under `name`. */
  readonly module: string;
  readonly name: string;
  readonly work: (input: BlockInput<Job>) => Result;
  /** What a block changes in the job's arrays. A task that doesn't say so stays on one machine. */
  readonly writes?: (input: BlockInput<Job>) => readonly Strips[];
  /** Fields that only number the jobs of a process, for what a thread keeps loaded. */
  readonly numbering?: readonly (keyof Job)[];
}

/** `length` numbers of an array from each start on. */
export interface Strips {
  readonly array: Float32Array | Float64Array | Uint32Array;
  readonly starts: ArrayLike<number>;
  readonly length: number;
}

/** The numbers start..end-1 of an array. */
export function strip(array: Strips["array"], start: number, end: number): Strips {
  return { array, starts: [start], length: Math.min(end, array.length) - start };
}

export interface BlockInput<Job> {
  readonly job: Job;
  readonly block: number;
}
