import type { Roles } from "./roles.ts";
import type { RowBatch, RowSource } from "./rows.ts";

/** Rating and timestamp columns by position. */
export type NumericColumns = ReadonlyMap<number, "integer" | "number">;

const SHORT_INTEGER = /^(0|-?[1-9][0-9]{0,14})$/;

/**
 * Watches the rating and timestamp of a text format. `found` gives those all of whose cells so far are numbers as
 * String(number) writes them, so that a typed format can keep them as numbers.
 */
export function watchNumbers(
  source: RowSource,
  roles: Roles,
): { watch(batch: RowBatch): void; found(): NumericColumns } {
  const kinds = new Map<number, "integer" | "number">();
  for (const column of [roles.rating, roles.timestamp]) {
    if (column !== undefined && source.columns[column]!.kind === "text") kinds.set(column, "integer");
  }
  return {
    watch(batch) {
      for (const [column, kind] of kinds) {
        const cells = batch.columns[column]!;
        let safe = kind === "integer";
        let canonical = true;
        for (let row = 0; row < batch.length && canonical; row++) {
          if (SHORT_INTEGER.test(cells[row] as string)) continue;
          const value = Number(cells[row]);
          canonical = Number.isFinite(value) && String(value) === cells[row];
          safe &&= Number.isSafeInteger(value);
        }
        if (!canonical) kinds.delete(column);
        else if (!safe) kinds.set(column, "number");
      }
    },
    found: () => kinds,
  };
}
