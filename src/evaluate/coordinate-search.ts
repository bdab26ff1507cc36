/** A value for each hyper-parameter, by name. */
export type Point = Readonly<Record<string, number>>;

/** The values to try of each hyper-parameter; both are gone through in this order. */
export type Grid = Readonly<Record<string, readonly number[]>>;

export interface Found<Trial> {
  /** In the order they were tried; the start is the first. */
  readonly trials: readonly Trial[];
  /** The largest value; of equal ones the first tried. Undefined where no trial has a value. */
  readonly best: Trial | undefined;
  /** Whether no single change on the grid is better, as opposed to running out of trials. */
  readonly settled: boolean;
}

/**
 * Maximises over a grid one hyper-parameter at a time: from `start`, tries all values of the first while the others
 * stay, keeps the best, goes on with the next, and around again until a round changes nothing or `limit` trials were
 * made. No point is tried twice. A trial with the value null could not run.
 */
export async function coordinateSearch<Trial extends { readonly value: number | null }>(
  start: Point,
  grid: Grid,
  limit: number,
  tried: (point: Point) => Promise<Trial>,
): Promise<Found<Trial>> {
  const trials = new Map<string, Trial>();
  let at = start;
  let best: Trial | undefined;
  const visit = async (point: Point) => {
    const trial = await tried(point);
    trials.set(keyOf(point), trial);
    if (trial.value === null || (best !== undefined && trial.value <= best.value!)) return;
    best = trial;
    at = point;
  };
  const found = (settled: boolean) => ({ trials: [...trials.values()], best, settled });
  await visit(start);
  for (;;) {
    const before = at;
    for (const [name, values] of Object.entries(grid)) {
      for (const value of values) {
        const point = { ...at, [name]: value };
        if (trials.has(keyOf(point))) continue;
        if (trials.size >= limit) return found(false);
        await visit(point);
      }
    }
    if (at === before) return found(true);
  }
}

/** Points of one search have their names in one order. */
function keyOf(point: Point): string {
  return JSON.stringify(point);
}
