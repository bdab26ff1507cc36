/** A data set as its owners publish it. */
export interface Dataset {
  readonly title: string;
  /** The official address of one file. */
  readonly url: string;
  readonly bytes?: number;
  /** Of that file; without it the first download's is recorded, and later ones are held to it. */
  readonly sha256?: string;
  readonly licence: { readonly text: string; readonly url: string };
  /** The parts of a zip that are wanted, by their names there; without it the file itself is. */
  readonly members?: readonly string[];
  /** What it is not, or how it is used. */
  readonly note: string;
  /** The options that make a log of positives of `log`. */
  readonly log: string;
  readonly options?: string;
}

const AMAZON = {
  licence: {
    text: "Reviews from Amazon, 1996 to 2014, collected by McAuley Lab, UC San Diego. No licence is stated; the lab asks to cite its papers.",
    url: "https://jmcauley.ucsd.edu/data/amazon/",
  },
};

/** What `prorec datasets get` can fetch. */
export const DATASETS = {
  "ml-100k": {
    title: "MovieLens 100K: 100,000 ratings of 1,682 films by 943 users",
    url: "https://files.grouplens.org/datasets/movielens/ml-100k.zip",
    bytes: 4_924_029,
    sha256: "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
    licence: {
      text: "For research; no redistribution and no commercial use without permission; cite Harper & Konstan (2015).",
      url: "https://files.grouplens.org/datasets/movielens/ml-100k-README.txt",
    },
    members: ["ml-100k/README", "ml-100k/u.data", "ml-100k/u.item"],
    note: "The paper's controlled log: ratings of 4 and 5 are positives (942 x 1,447, 55,375).",
    log: "u.data",
    options: "--min-rating 4",
  },
  "amazon-music": {
    ...AMAZON,
    title: "Amazon, digital music: all ratings",
    url: "https://snap.stanford.edu/data/amazon/productGraph/categoryFiles/ratings_Digital_Music.csv",
    note: "Not the paper's AMusic, which is a selection of active users that DeepCF's authors made of such ratings; they publish the result, not the steps.",
    log: "ratings_Digital_Music.csv",
  },
  "amazon-toys": {
    ...AMAZON,
    title: "Amazon, toys and games: all ratings",
    url: "https://snap.stanford.edu/data/amazon/productGraph/categoryFiles/ratings_Toys_and_Games.csv",
    note: "Not the paper's AToy, which is such a selection too.",
    log: "ratings_Toys_and_Games.csv",
  },
} as const satisfies Readonly<Record<string, Dataset>>;

export type DatasetName = keyof typeof DATASETS;
