import type { LogName } from "./logs.ts";

/** What the paper reports: "Partial Relaxed Optimal Transport for Denoised Recommendation". */

export const PAPER_TABLE_1 = {
  "ml-100k": { users: 942, items: 1447, interactions: 55_375, sparsity: 0.9594 },
  amusic: { users: 1776, items: 12_929, interactions: 46_087, sparsity: 0.998 },
  atoy: { users: 3137, items: 33_953, interactions: 84_642, sparsity: 0.9992 },
  yahoo: { users: 1_948_882, items: 46_110, interactions: 48_817_561, sparsity: 0.9995 },
} as const;

/** N@5, M@5, R@5 of a model, and of it with ProRec, T-CE, R-CE. */
type Level = readonly [ndcg: number, map: number, recall: number];
type Levels = Readonly<Record<string, { readonly [arm: string]: Level }>>;

export const PAPER_TABLE_2: { readonly [log in LogName]?: Levels } = {
  amusic: {
    svd: { base: [0.0363, 0.0667, 0.0264], prorec: [0.0374, 0.0677, 0.0275] },
    "nce-plrec": { base: [0.0375, 0.0693, 0.0276], prorec: [0.0396, 0.0723, 0.0298] },
    cdae: {
      base: [0.0074, 0.0124, 0.006],
      "t-ce": [0.007, 0.0113, 0.006],
      "r-ce": [0.0078, 0.0142, 0.0057],
      prorec: [0.008, 0.0148, 0.0065],
    },
    wrmf: { base: [0.0236, 0.0435, 0.0171], prorec: [0.0241, 0.0442, 0.0179] },
    "vae-cf": { base: [0.0146, 0.0258, 0.0115], prorec: [0.0162, 0.0266, 0.012] },
  },
  atoy: {
    svd: { base: [0.0116, 0.0212, 0.0084], prorec: [0.0123, 0.022, 0.0093] },
    "nce-plrec": { base: [0.0143, 0.0262, 0.0104], prorec: [0.0149, 0.0267, 0.0108] },
    cdae: {
      base: [0.0046, 0.008, 0.0033],
      "t-ce": [0.0048, 0.0078, 0.0036],
      "r-ce": [0.0046, 0.0077, 0.0034],
      prorec: [0.0049, 0.0084, 0.0038],
    },
    wrmf: { base: [0.0086, 0.0157, 0.0062], prorec: [0.0096, 0.0165, 0.0077] },
    "vae-cf": { base: [0.0117, 0.0212, 0.0084], prorec: [0.0129, 0.0231, 0.0102] },
  },
  "yahoo-shaped": {
    svd: { base: [0.1614, 0.2316, 0.143], prorec: [0.1987, 0.282, 0.1763] },
    "nce-plrec": { base: [0.2498, 0.344, 0.2249], prorec: [0.2619, 0.3562, 0.2364] },
    cdae: {
      base: [0.0716, 0.1022, 0.0652],
      "t-ce": [0.0696, 0.103, 0.0607],
      "r-ce": [0.0716, 0.102, 0.649],
      prorec: [0.0718, 0.1028, 0.066],
    },
    wrmf: { base: [0.2503, 0.3244, 0.2321], prorec: [0.2699, 0.3358, 0.2403] },
    "vae-cf": { base: [0.2622, 0.3423, 0.238], prorec: [0.2743, 0.3535, 0.2472] },
  },
};

/** The figure of Table II that can't be: ten times its neighbours. */
export const PAPER_TYPO = { log: "yahoo-shaped", model: "cdae", arm: "r-ce", metric: 2 } as const;

/** NDCG@5, Recall@5 and seconds of NCE and what is put on it. */
export const PAPER_TABLE_3: {
  readonly [log in LogName]?: Readonly<
    Record<string, readonly [ndcg: number, recall: number, seconds: number]>
  >;
} = {
  amusic: {
    nce: [0.0375, 0.0276, 64],
    emd: [0.036, 0.0259, 98],
    sinkhorn: [0.0384, 0.0281, 132],
    rot: [0.0383, 0.0281, 76],
    prorec: [0.0396, 0.0298, 82],
  },
  "yahoo-shaped": {
    nce: [0.2498, 0.2249, 361],
    emd: [0.2169, 0.1933, 723],
    sinkhorn: [0.2579, 0.2341, 1845],
    rot: [0.2577, 0.234, 683],
    prorec: [0.2619, 0.2364, 694],
  },
};

/** Figure 2a in words: recall of NCE and NCE + ProRec at 20% noise, and the hit ratio at any level. */
export const PAPER_FIGURE_2 = { recall: { base: 0.1579, prorec: 0.1596 }, hitRatio: 0.9 } as const;
