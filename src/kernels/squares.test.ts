import { expect, it } from "vitest";
import { expectClose } from "../../test/plans.ts";
import { randomFor } from "../random.ts";
import { loadKernels } from "./load.ts";

const engines = (["simd128", "auto"] as const).map((engine) => loadKernels(engine));

function normals(count: number, seed: number): Float32Array {
  const random = randomFor(seed, "squares");
  return Float32Array.from({ length: count }, () => random.normal());
}

it.each([
  { width: 1, rows: 1 },
  { width: 4, rows: 33 },
  { width: 7, rows: 100 },
  { width: 100, rows: 64 },
])("squares of $rows rows of $width numbers are plain TypeScript's", ({ width, rows }) => {
  const first = normals(rows * width, 1);
  const second = normals(3 * width, 2);
  const expected = loadKernels("reference").squares(width);
  expected.add(first);
  expected.add(second);
  const product = expected.take();
  const bits = engines.map((kernels) => {
    const squares = kernels.squares(width);
    squares.add(first);
    squares.add(second);
    const own = squares.take();
    for (const [at, value] of own.entries()) {
      const row = Math.floor(at / width);
      const column = at % width;
      const scale = Math.sqrt(product[row * width + row]! * product[column * width + column]!);
      expect(Math.abs(value - product[at]!)).toBeLessThanOrEqual(1e-14 * scale);
      expect(own[column * width + row]).toBe(value);
    }
    expect(squares.take().every((value) => value === 0)).toBe(true);
    return own;
  });
  expect(bits[0]).toEqual(bits[1]);
});

it.each([1, 3, 8, 50])("quadratic forms of rows of %i numbers are plain TypeScript's", (width) => {
  const matrices = new Float64Array(3 * width * width);
  for (let index = 0; index < 3; index++) {
    const squares = loadKernels("reference").squares(width);
    squares.add(normals((index + 1) * width, index));
    matrices.set(squares.take(), index * width * width);
  }
  const rows = normals(70 * width, 9);
  const results = [loadKernels("reference"), ...engines].map((kernels) => {
    const forms = kernels.quadraticForms(matrices, width);
    return [0, 1, 2].map((index) => {
      const values = new Float64Array(70);
      forms.evaluate(index, rows, values);
      return values;
    });
  });
  for (const index of [0, 1, 2]) {
    const own = results[1]![index]!;
    expect(own.every((value) => value >= -1e-10)).toBe(true);
    expectClose(
      own.map((value) => value + 1),
      results[0]![index]!.map((value) => value + 1),
      1e-11,
    );
    expect(results[2]![index]).toEqual(own);
  }
});
