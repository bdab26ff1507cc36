import { expect, it } from "vitest";
import { randomFor } from "../random.ts";
import { anderson } from "./anderson.ts";

it("finds the fixed point of a linear map in as many steps as it has dimensions, where plain steps diverge", () => {
  const size = 5;
  const random = randomFor(1, "transport");
  const map = Array.from({ length: size }, () => Array.from({ length: size }, () => random.normal()));
  const goal = Float64Array.from({ length: size }, () => random.normal());
  const stepAt = (x: Float64Array) =>
    x.map((_, row) =>
      map[row]!.reduce((sum, value, column) => sum + value * (goal[column]! - x[column]!), 0),
    );
  const acceleration = anderson(new Float64Array(size).fill(1), size);
  let x: Float64Array = new Float64Array(size);
  for (let count = 0; count <= size + 1; count++) x = acceleration.next(x, stepAt(x));
  expect(Math.hypot(...x.map((value, at) => value - goal[at]!))).toBeLessThan(1e-6);
});

it("stays where there is nothing to do", () => {
  const acceleration = anderson(Float64Array.of(1, 1), 3);
  const x = Float64Array.of(1, 2);
  for (let count = 0; count < 5; count++) {
    expect(acceleration.next(x, new Float64Array(2))).toEqual(x);
  }
});
