declare module "@stdlib/stats-wilcoxon" {
  /** One-sample Wilcoxon signed-rank test of a zero median; drops zeros. */
  export default function wilcoxon(values: Float64Array): { readonly pValue: number };
}
