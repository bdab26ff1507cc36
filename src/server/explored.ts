import type { Explainable } from "../denoise/evidence.ts";
import type { DenoiseOutcome } from "../denoise/outcome.ts";
import type { DataReport, Log } from "../io/log.ts";
import type { Figures } from "./messages.ts";
import type { ItemTitles } from "./titles.ts";

/** A denoised log, from a run of now or one that was saved, as the explorer shows it. */
export interface Explored extends Explainable, Pick<DenoiseOutcome, "model"> {
  readonly matching: Explainable["matching"] & Pick<DenoiseOutcome["matching"], "columns">;
  /** The log or the RUN folder. */
  readonly name: string;
  readonly figures: Figures;
  readonly report: DataReport | undefined;
  /** The log itself, where it is open; the export then has all its columns. */
  readonly log: Log | undefined;
  readonly titles: ItemTitles;
}
