import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface Film {
  readonly title: string;
  readonly genres: readonly string[];
}

/** In u.item's order of columns. */
const GENRES = [
  ...["unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama"],
  ...[
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
  ],
];

/** ML-100k's films by id from u.item (Latin-1, 24 columns parted by |); undefined where it is absent. */
export async function readFilms(data: string): Promise<Map<string, Film> | undefined> {
  const file = join(data, "ml-100k/u.item");
  if (!existsSync(file)) return undefined;
  const lines = (await readFile(file, "latin1")).split(/\r?\n/).filter(Boolean);
  return new Map(
    lines.map((line) => {
      const cells = line.split("|");
      const genres = GENRES.filter((_, index) => cells[5 + index] === "1");
      return [cells[0]!, { title: cells[1]!, genres }];
    }),
  );
}
