import { LOSSES, type LossOptions } from "./losses.ts";

/** How a network is trained. */
export interface TrainingOptions extends LossOptions {
  /** At most; just so many where `validation` is 0. */
  readonly epochs: number;
  /** Epochs without a better validation before the search for the best number of epochs ends. */
  readonly patience: number;
  /** Share of the interactions that is held out in that search. */
  readonly validation: number;
  /** Users a mini-batch. */
  readonly batchSize: number;
  readonly learningRate: number;
  /** Half of it times the squared parameters is added to each batch's mean loss. */
  readonly regularization: number;
  /** Probability that an input is left out in training. */
  readonly dropout: number;
  /** The weight of the Kullback-Leibler divergence, and the epochs it takes to grow to it from 0. */
  readonly klWeight: number;
  readonly annealing: number;
  /** Items drawn for each interaction to stand for those without one; 0 takes them all. */
  readonly negatives: number;
  readonly seed: number;
}

const POSITIVE = ["factors", "epochs", "patience", "batchSize", "dropSchedule"];
const WHOLE = [...POSITIVE, "hidden", "negatives"];
const SHARES = ["validation", "dropout", "dropRate"];
const NOT_NEGATIVE = ["regularization", "klWeight", "annealing", "exponent", "hidden", "negatives"];

/** @throws RangeError for a hyper-parameter out of its range */
export function assertTraining(parameters: Readonly<Record<string, number | string>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    const refuse = (range: string) => {
      throw new RangeError(`${name} is ${value}; it must be ${range}.`);
    };
    const number = Number(value);
    if (name === "loss") {
      if (!(LOSSES as readonly unknown[]).includes(value)) refuse(LOSSES.join(", "));
    } else if (!Number.isFinite(number)) refuse("a finite number");
    else if (WHOLE.includes(name) && !Number.isInteger(number)) refuse("a whole number");
    else if (POSITIVE.includes(name) && number < 1) refuse("1 or more");
    else if (SHARES.includes(name) && !(number >= 0 && number < 1)) refuse("at least 0 and below 1");
    else if (NOT_NEGATIVE.includes(name) && number < 0) refuse("0 or more");
    else if (name === "learningRate" && number <= 0) refuse("above 0");
  }
}
