import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Cell, RowBatch } from "../src/io/rows.ts";

/** A folder for the tests of one file, removed after them. */
export function temporaryFolder(): {
  path: string;
  file(name: string, content?: string | Uint8Array): string;
} {
  const path = mkdtempSync(join(tmpdir(), "prorec-test-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    /** The path of a file there, written if there is content. */
    file(name, content) {
      const file = join(path, name);
      if (content !== undefined) writeFileSync(file, content);
      return file;
    },
  };
}

/** All rows of some batches: `[row number, ...cells]`. */
export async function rowsOf(batches: AsyncIterable<RowBatch>): Promise<(Cell | number)[][]> {
  const rows: (Cell | number)[][] = [];
  for await (const batch of batches) {
    for (let row = 0; row < batch.length; row++) {
      rows.push([batch.rowNumber(row), ...batch.columns.map((cells) => cells[row]!)]);
    }
  }
  return rows;
}

/** `bytes` in pieces that end at `cuts`. */
export async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    yield bytes.subarray(start, cut);
    start = cut;
  }
}
