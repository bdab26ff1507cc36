import type { Diagnosis } from "../evaluate/diagnose/diagnose.ts";

// What the explorer's page and its server say to each other. Types only: the page imports them too.

/** Counts between edges: `edges` has one number more than each list of counts. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly kept: readonly number[];
  readonly flagged: readonly number[];
}

/** A user or an item with what was flagged of its interactions. */
export interface Tally {
  readonly position: number;
  readonly id: string;
  readonly title: string | null;
  readonly interactions: number;
  readonly flagged: number;
}

export interface Figures {
  readonly model: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly transport: string;
  readonly marginals: string;
  readonly threshold: string;
  readonly gamma: number;
  readonly beta: number;
  readonly lambda: number;
  readonly iterations: number;
  readonly seed: number;
  readonly planMass: number;
  readonly seconds: { readonly read: number; readonly fit: number; readonly transport: number };
}

export interface DecisionCounts {
  readonly keep: number;
  readonly remove: number;
  /** Where they are kept. */
  readonly file: string;
}

export interface Overview {
  readonly name: string;
  readonly kind: "log" | "run";
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly flagged: number;
  readonly meanWeight: number;
  /** Of the rows as they were read; null where the run did not keep it. */
  readonly report: {
    readonly rows: number;
    readonly duplicates: number;
    readonly dropped: readonly { readonly reason: string; readonly rows: number }[];
    readonly ratings?: { readonly lowest: number; readonly highest: number };
  } | null;
  readonly figures: Figures;
  /** log10 of match / the user's threshold. */
  readonly margins: Histogram;
  /** Interactions by their user's number of interactions. */
  readonly byUser: Histogram;
  /** Interactions by their item's number of interactions. */
  readonly byItem: Histogram;
  readonly worstUsers: readonly Tally[];
  readonly worstItems: readonly Tally[];
  readonly decisions: DecisionCounts;
  /** What `prorec diagnose` says; null as long as nobody had it computed. */
  readonly diagnosis: Diagnosis | null;
  /** The models that the comparison can fit. */
  readonly models: readonly string[];
  /** Whether scores were kept, without which nothing is computed anew. */
  readonly scores: boolean;
}

/** Instead of an overview where the page is about a cluster's runs. */
export interface RunsOverview {
  readonly kind: "cluster";
  /** The queue, without user and password. */
  readonly name: string;
  /** Null where only runs that are on are seen. */
  readonly store: string | null;
}

export type Decision = "keep" | "remove";

/** One interaction. */
export interface Row {
  readonly entry: number;
  readonly user: number;
  readonly userId: string;
  readonly item: number;
  readonly itemId: string;
  readonly title: string | null;
  readonly match: number;
  readonly threshold: number;
  readonly rank: number;
  readonly popularity: number;
  readonly weight: number;
  readonly noise: 0 | 1;
  readonly decision: Decision | null;
}

export const SHOWN = ["flagged", "kept", "all", "decided"] as const;
export type Shown = (typeof SHOWN)[number];

export const SORT_KEYS = ["margin", "match", "rank", "popularity", "weight", "user", "item"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface RowSlice {
  readonly total: number;
  readonly from: number;
  readonly rows: readonly Row[];
}

export interface Explanation {
  readonly row: Row;
  readonly reason: string;
  readonly kappa: number;
  /** The user's own items, best first, at most so many of each. */
  readonly kept: readonly Row[];
  readonly flagged: readonly Row[];
  readonly keptTotal: number;
  readonly flaggedTotal: number;
}

export const USER_KEYS = ["flagged", "share", "interactions", "kappa", "user"] as const;
export type UserKey = (typeof USER_KEYS)[number];

export interface UserSlice {
  readonly total: number;
  readonly from: number;
  readonly rows: readonly (Tally & { readonly kappa: number })[];
}

/** A user's sorted row of the plan at some ranks, ascending. */
export interface Curve {
  readonly ranks: readonly number[];
  readonly matches: readonly number[];
}

export interface UserDetail extends Tally {
  readonly kappa: number;
  readonly threshold: number;
  readonly items: number;
  readonly beta: number;
  readonly lambda: number;
  /** Weights before this run's relabelling differ from 1 after several rounds; then a new threshold gives no weight. */
  readonly oneRound: boolean;
  readonly rows: readonly Row[];
  /** Through the user's own items alone. */
  readonly curve: Curve;
}

export interface Recommended {
  readonly item: number;
  readonly id: string;
  readonly title: string | null;
}

export interface RecommendationLists {
  readonly before: readonly Recommended[];
  /** Null until the model was fitted again. */
  readonly after: readonly Recommended[] | null;
  /** Why it can't be, if so. */
  readonly cannot: string | null;
}

export interface ComparisonRequest {
  readonly gamma: number;
  readonly beta: number;
  readonly lambda: number;
  readonly transport: string;
  /** Null for the scores that there are. */
  readonly model: string | null;
}

export interface Comparison extends ComparisonRequest {
  readonly flagged: number;
  readonly newlyFlagged: number;
  readonly newlyKept: number;
  readonly planMass: number;
  readonly meanWeight: number;
  readonly margins: Histogram;
  readonly seconds: number;
}

/** A line of a long answer. */
export type StreamLine<Result> =
  | { readonly progress: { readonly stage: string; readonly done: number; readonly total: number } }
  | { readonly result: Result }
  | { readonly error: string; readonly hint: string | null };

/** A pair of the picture. */
export interface PictureCell {
  readonly user: number;
  readonly userId: string;
  readonly item: number;
  readonly itemId: string;
  readonly title: string | null;
  /** Null for a pair that is no interaction. */
  readonly row: Row | null;
}
