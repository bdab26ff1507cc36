import fc from "fast-check";
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { randomFor } from "../random.ts";
import { cholesky, choleskySolve } from "./cholesky.ts";
import { gram, timesTransposed } from "./dense.ts";
import { symmetricEigen } from "./eigen.ts";
import { orthonormalize, randomizedSvd } from "./randomized-svd.ts";
import { findEntry, keepEntries, sparseFromPairs, transpose } from "./sparse.ts";
import { type SparseProducts, withSparseProducts } from "./sparse-products.ts";

function normals(count: number, seed: number): Float64Array {
  const random = randomFor(seed, "test");
  return Float64Array.from({ length: count }, () => random.normal());
}

function dense(matrix: ReturnType<typeof sparseFromPairs>): number[][] {
  const rows = Array.from({ length: matrix.rows }, () => new Array<number>(matrix.columns).fill(0));
  for (let row = 0; row < matrix.rows; row++) {
    for (let entry = matrix.offsets[row]!; entry < matrix.offsets[row + 1]!; entry++) {
      rows[row]![matrix.indices[entry]!] = matrix.values[entry]!;
    }
  }
  return rows;
}

function productOf(
  matrix: ReturnType<typeof sparseFromPairs>,
  kind: keyof SparseProducts,
  right: Float64Array,
  width: number,
) {
  return withSparseProducts<Float32Array | Float64Array>(matrix, width, {}, (products) =>
    products[kind](right, width),
  );
}

const pairs = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 1, max: 9 }),
  cells: fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 40 }),
});

function sparse({ rows, columns, cells }: { rows: number; columns: number; cells: [number, number][] }) {
  const inside = cells.filter(([row, column]) => row < rows && column < columns);
  return sparseFromPairs(
    rows,
    columns,
    Uint32Array.from(inside, ([row]) => row),
    Uint32Array.from(inside, ([, column]) => column),
  );
}

describe("compressed rows", () => {
  it("hold each pair once, ascending, and find it again", () => {
    fc.assert(
      fc.property(pairs, (sample) => {
        const matrix = sparse(sample);
        const inside = sample.cells.filter(([row, column]) => row < sample.rows && column < sample.columns);
        const distinct = new Set(inside.map(([row, column]) => `${row},${column}`));
        expect(matrix.indices.length).toBe(distinct.size);
        for (let row = 0; row < sample.rows; row++) {
          const columns = [...matrix.indices.subarray(matrix.offsets[row], matrix.offsets[row + 1])];
          expect(columns).toEqual([...columns].sort((a, b) => a - b));
          for (let column = 0; column < sample.columns; column++) {
            expect(findEntry(matrix, row, column) >= 0).toBe(distinct.has(`${row},${column}`));
          }
        }
      }),
    );
  });

  it("transpose twice to themselves", () => {
    fc.assert(
      fc.property(pairs, (sample) => {
        const matrix = sparse(sample);
        expect(transpose(transpose(matrix))).toEqual(matrix);
        expect(dense(transpose(matrix))).toEqual(
          dense(matrix)[0]!.map((_, column) => dense(matrix).map((row) => row[column])),
        );
      }),
    );
  });

  it("keep the entries asked for", () => {
    const matrix = sparseFromPairs(2, 3, Uint32Array.of(0, 0, 1), Uint32Array.of(0, 2, 1));
    expect(dense(keepEntries(matrix, (entry) => entry !== 1))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  it.each(["times", "timesRounded", "transposedTimes", "gramTimes"] as const)(
    "multiply as dense ones do: %s",
    async (kind) => {
      const matrix = sparse({
        rows: 5,
        columns: 7,
        cells: [
          [0, 1],
          [0, 6],
          [2, 3],
          [4, 0],
          [4, 3],
        ],
      });
      const width = 19;
      const left = new Matrix(dense(matrix));
      const factor =
        kind === "transposedTimes"
          ? left.transpose()
          : kind === "gramTimes"
            ? left.transpose().mmul(left)
            : left;
      const right = normals(factor.columns * width, 1);
      const expected = factor.mmul(Matrix.from1DArray(factor.columns, width, [...right])).to1DArray();
      const product = await productOf(matrix, kind, right, width);
      expect(product).toHaveLength(expected.length);
      product.forEach((value, index) =>
        expect(value).toBeCloseTo(expected[index]!, kind === "timesRounded" ? 5 : 12),
      );
    },
  );
});

describe("symmetric eigendecomposition", () => {
  it.each([1, 2, 3, 8, 40])("agrees with ml-matrix at n = %i", async (n) => {
    const square = await gram(normals(n * (n + 3), n), n);
    const { values, vectors } = symmetricEigen(square, n);
    const oracle = new EigenvalueDecomposition(Matrix.from1DArray(n, n, [...square]), {
      assumeSymmetric: true,
    });
    const expected = [...oracle.realEigenvalues].sort((a, b) => b - a);
    values.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 8));
    const identity = timesTransposed(vectors, vectors, n);
    identity.forEach((value, index) => expect(value).toBeCloseTo(index % (n + 1) === 0 ? 1 : 0, 10));
  });

  it("survives repeated, zero and single eigenvalues", () => {
    for (const diagonal of [
      [0, 0, 0],
      [2, 2, 2],
      [5, 0, 0],
      [1e-300, 1, 1e300],
    ]) {
      const matrix = new Float64Array(9);
      diagonal.forEach((value, index) => {
        matrix[index * 4] = value;
      });
      expect([...symmetricEigen(matrix, 3).values]).toEqual([...diagonal].sort((a, b) => b - a));
    }
  });
});

describe("Cholesky", () => {
  it("solves what it factored", async () => {
    const n = 12;
    const matrix = await gram(normals(n * 30, 3), n);
    const x = normals(n, 4);
    const b = timesTransposed(matrix, x, n);
    const solved = choleskySolve(cholesky(Float64Array.from(matrix), n), n, b);
    solved.forEach((value, index) => expect(value).toBeCloseTo(x[index]!, 9));
  });

  it("refuses a matrix that is not positive definite", () => {
    expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(RangeError);
  });
});

describe("randomized SVD", () => {
  const cells = Array.from({ length: 260 }, (_, index): [number, number] => [
    (index * 7) % 31,
    (index * index) % 23,
  ]);

  it.each([
    ["tall", 31, 23],
    ["wide", 23, 31],
  ])("finds the leading singular values and vectors of a %s matrix", async (_, rows, columns) => {
    const matrix = sparse({
      rows,
      columns,
      cells: cells.map(([a, b]) => (rows > columns ? [a, b] : [b, a])),
    });
    const { values, right } = await randomizedSvd(matrix, { rank: 6, seed: 1, iterations: 20 });
    const oracle = new SingularValueDecomposition(new Matrix(dense(matrix)), { autoTranspose: true });
    const expected = [...oracle.diagonal].sort((a, b) => b - a);
    values.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
    const identity = await gram(right, 6);
    identity.forEach((value, index) => expect(value).toBeCloseTo(index % 7 === 0 ? 1 : 0, 8));
    const image = await gram(await productOf(matrix, "times", right, 6), 6);
    image.forEach((value, index) =>
      expect(value).toBeCloseTo(index % 7 === 0 ? expected[index / 7]! ** 2 : 0, 3),
    );
  });

  it("cuts the rank to the smaller side and gives zeros beyond the matrix's own rank", async () => {
    const ones = sparse({
      rows: 3,
      columns: 4,
      cells: [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
    });
    const { rank, values, right } = await randomizedSvd(ones, { rank: 50, seed: 1, iterations: 4 });
    expect(rank).toBe(3);
    expect(values[0]).toBeCloseTo(2, 10);
    expect([...values.subarray(1)]).toEqual([0, 0]);
    expect(right.every(Number.isFinite)).toBe(true);
  });

  it("orthonormalises, zeroing columns that depend on earlier ones", async () => {
    const columns = normals(20 * 3, 9);
    for (let row = 0; row < 20; row++) columns[row * 3 + 2] = columns[row * 3]! - 2 * columns[row * 3 + 1]!;
    const products = await gram(await orthonormalize(columns, 3), 3);
    [1, 0, 0, 0, 1, 0, 0, 0, 0].forEach((value, index) => expect(products[index]).toBeCloseTo(value, 12));
  });
});
