import type { ModelName, ModelOptions } from "../models/models.ts";
import type { LogName } from "./logs.ts";

/**
 * Hyper-parameters as the searches of Table II's cells found them on validation rows; a test compares them with the
 * committed cells. Everything but Table II, and `--quick`, starts from them.
 */
export const TUNED: Readonly<Record<LogName, { readonly [name in ModelName]?: Omit<ModelOptions, "seed"> }>> =
  {
    "ml-100k": {
      svd: { factors: 10, userPower: 0.2, itemPower: 0.1 },
      "nce-plrec": { factors: 200, regularization: 30_000, root: 0.9 },
      wrmf: { factors: 32, regularization: 30, alpha: 2 },
    },
    amusic: {
      svd: { factors: 100, userPower: 0.35, itemPower: 0.2 },
      "nce-plrec": { factors: 200, regularization: 3000, root: 1 },
      wrmf: { factors: 128, regularization: 40, alpha: 10 },
    },
    atoy: {},
    "yahoo-shaped": {},
  };
