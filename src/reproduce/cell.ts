import type { CompareOptions, Keep } from "../evaluate/compare.ts";
import type { Interactions } from "../interactions/interactions.ts";
import type { LogName } from "./logs.ts";

/** What a cell is computed with. */
export interface Workbench extends Pick<CompareOptions, "threads" | "engine" | "signal" | "onProgress"> {
  readonly seeds: readonly number[];
  /** One seed, settings as tuned before, and the least work that shows something. */
  readonly quick: boolean;
  /** The folder of the logs. */
  readonly data: string;
  readonly log: (name: LogName) => Promise<Interactions>;
}

/** What a cell is computed with, and where it keeps its parts until it is whole. */
export interface CellBench extends Workbench {
  readonly keep: Keep;
}

/** One job: a pure function of the logs, the seeds and the options that gives JSON. */
export interface Cell {
  /** Its file below the folder of cells, without ".json". */
  readonly name: string;
  /** The logs it reads. */
  readonly logs: readonly LogName[];
  readonly compute: (bench: CellBench) => Promise<object>;
}

/** A cell's value in its file, beside how it came about. */
export type Stored<Value> = Value & {
  /** Absent in the oldest files. */
  readonly seeds?: readonly number[];
  readonly quick?: boolean;
  readonly machine: Machine;
  readonly seconds: { readonly wall: number; readonly cpu: number };
};

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** Absent in the oldest files. */
  readonly engine?: string;
  readonly load: number;
}

/** The cells that there are, by name. */
export type Found = <Value extends object>(name: string) => Stored<Value> | undefined;

/** A table or figure as it is shown: a section of a page, its figures, its pictures by file name. */
export interface Rendered {
  readonly markdown: string;
  readonly data: unknown;
  readonly pictures: Readonly<Record<string, string>>;
}

/** A table or figure of the paper. */
export interface Target {
  readonly title: string;
  readonly cells: (quick: boolean) => readonly Cell[];
  /** From whatever cells there are. */
  readonly render: (found: Found, quick: boolean) => Promise<Rendered> | Rendered;
}
