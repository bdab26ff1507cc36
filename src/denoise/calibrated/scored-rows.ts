/** Decoys of one kind beside observed clicks; arrays of one length. */
export interface ScoredRows {
  /** How much a row looks like a decoy. */
  readonly suspicion: Float32Array;
  /** 1 for a decoy, 0 for an observed click. */
  readonly decoys: Uint8Array;
  /** How much a row counts; 0 leaves it out. */
  readonly weights: Float32Array;
  /** Clicks of the row's user. */
  readonly userClicks: Float32Array;
}
