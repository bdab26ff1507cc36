import { badRow, quoted } from "./bad-row.ts";
import { cellText } from "./cell.ts";
import { decimalNumber } from "./log-rows.ts";
import { unknownColumn } from "./roles.ts";
import type { RowBatch, RowSource } from "./rows.ts";

/** The largest number taken: over 10^14 rows the sum of its squares is still within 32-bit floats. */
const LARGEST = 1e12;

/** Numbers that stand beside the pairs in columns of their own, such as those that `denoise` adds. */
export interface RowNumbers {
  /**
   * A function that takes a row's numbers; false, and nothing taken, if the first of them is missing.
   * @throws ProRecError BAD_ROW for what is no number from 0 to 1e12.
   */
  of(batch: RowBatch): (row: number) => boolean;
  /** All that were taken, a column an array. */
  taken(): Float32Array[];
}

/** @throws ProRecError UNKNOWN_COLUMN for a name that no column has. */
export function rowNumbers(source: RowSource, names: readonly string[]): RowNumbers {
  const present = source.columns.map(({ name }) => name);
  const missing = names.find((name) => !present.includes(name));
  if (missing !== undefined) {
    const what = `There is no column ${quoted(missing)}`;
    throw unknownColumn(source.name, present, what, "prorec denoise writes logs that have it.");
  }
  const positions = names.map((name) => present.indexOf(name));
  let columns = names.map(() => new Float32Array(1024));
  let size = 0;
  return {
    of(batch) {
      const cells = positions.map((position) => batch.columns[position]!);
      return (row) => {
        if (cellText(cells[0]![row]!) === "") return false;
        if (size === columns[0]!.length) columns = columns.map(doubled);
        for (const [index, column] of columns.entries()) {
          const text = cellText(cells[index]![row]!);
          const value = decimalNumber(text);
          if (!(value >= 0 && value <= LARGEST)) {
            const where = { file: batch.file, row: batch.rowNumber(row), column: names[index]!, value: text };
            throw badRow(where, `${quoted(text)} is not a number from 0 to 1e12.`);
          }
          column[size] = value;
        }
        size++;
        return true;
      };
    },
    taken: () => columns.map((column) => column.subarray(0, size)),
  };
}

function doubled(column: Float32Array): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(2 * column.length);
  larger.set(column);
  return larger;
}
