import fc from "fast-check";
import { inverse, Matrix } from "ml-matrix";
import { expect, it } from "vitest";
import { randomFor } from "../random.ts";
import { symmetricInverse } from "./inverse.ts";
import { rowGram } from "./row-gram.ts";
import { sparseFromPairs } from "./sparse.ts";

/** L L^T + shift I, as ml-matrix has it. */
function positiveDefinite(n: number, shift: number): Matrix {
  const random = randomFor(n, "matrix");
  const lower = new Matrix(Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal())));
  return lower.mmul(lower.transpose()).add(Matrix.eye(n).mul(shift));
}

it.each([1, 2, 95, 96, 97, 130, 300])("inverts a matrix of %i rows as ml-matrix does", async (n) => {
  const matrix = positiveDefinite(n, 1);
  const values = Float64Array.from(matrix.to1DArray(), (value, at) => (at % n > at / n ? Number.NaN : value));
  const found = await symmetricInverse(values, n);
  const expected = inverse(matrix).to1DArray();
  found.forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThan(1e-9));
});

it("says where a matrix is not positive definite", async () => {
  const matrix = Float64Array.of(1, 0, 0, 0, 2, 3, 0, 3, 4);
  await expect(symmetricInverse(matrix, 3)).rejects.toThrow("not positive definite (pivot 2 is -0.5)");
  await expect(symmetricInverse(Float64Array.of(Number.NaN), 1)).rejects.toThrow(RangeError);
});

it("stops when aborted", async () => {
  const stopped = { signal: AbortSignal.abort() };
  await expect(symmetricInverse(Float64Array.of(1), 1, stopped)).rejects.toMatchObject({ code: "ABORTED" });
});

it("forms a scaled Gram matrix of sparse rows", async () => {
  const entry = fc.tuple(fc.nat(5), fc.nat(3), fc.integer({ min: 1, max: 8 }));
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 30 }), async (entries) => {
      const unique = [...new Map(entries.map((each) => [`${each[0]} ${each[1]}`, each])).values()];
      const column = (index: 0 | 1 | 2) => unique.map((each) => each[index]);
      const [rows, columns] = [Uint32Array.from(column(0)), Uint32Array.from(column(1))];
      const matrix = sparseFromPairs(6, 4, rows, columns, Float32Array.from(column(2)));
      const dense = Matrix.zeros(6, 4);
      for (const [row, column, value] of unique) dense.set(row, column, value);
      const scales = [0.5, 1, 2, 4];
      const expected = dense.mmul(Matrix.diag(scales)).mmul(dense.transpose());
      const found = await rowGram(matrix, Float64Array.from(scales));
      found.forEach((value, at) => {
        const [row, column] = [Math.floor(at / 6), at % 6];
        if (column <= row) expect(value).toBeCloseTo(expected.get(row, column), 10);
      });
    }),
    { numRuns: 30 },
  );
});
