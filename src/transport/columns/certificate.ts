import type { ColumnSums } from "../../kernels/kernels.ts";

/** How far the items' sums may be off. */
export interface Certificate {
  readonly method: "near-far" | "exact";
  /**
   * No item's sum of exp(score / gamma) is off by more than this share of it, beyond the rounding of float32 that
   * summing in full has too; 0 where all pairs were summed.
   */
  readonly error: number;
  /** Share of the pairs of users and items that were summed one by one. */
  readonly nearShare: number;
}

export interface CertifiedSums {
  readonly columns: ColumnSums;
  readonly certificate: Certificate;
  /** The certificate's error item by item. */
  readonly errors: Float64Array;
}
