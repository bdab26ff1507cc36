import { holm } from "../evaluate/significance.ts";
import type { ArmTest } from "../evaluate/verdict.ts";

/** Cells with their tests' p corrected by Holm's method over all of them, each family of tests by itself. */
export function corrected<Tested extends { readonly tests: readonly ArmTest[] }>(
  cells: readonly Tested[],
  family: (test: ArmTest) => string = () => "",
): Tested[] {
  const all = cells.flatMap(({ tests }) => tests);
  const p = new Map<ArmTest, number | null>();
  for (const name of new Set(all.map(family))) {
    const own = all.filter((test) => family(test) === name);
    for (const [index, value] of holm(own.map(({ tP }) => tP)).entries()) p.set(own[index]!, value);
  }
  return cells.map((cell) => ({
    ...cell,
    tests: cell.tests.map((test) => ({ ...test, tP: p.get(test)! })),
  }));
}
