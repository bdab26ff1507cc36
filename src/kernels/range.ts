import type { Kernels } from "./kernels.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

/** Numbers that are looked at in one piece. */
const PIECE = 2 ** 16;

export function wasmRange(module: WebAssembly.Module): Kernels["range"] {
  let space: Workspace<"values" | "result"> | undefined;
  return (values) => {
    space ??= openWorkspace(module, { values: PIECE * 8, result: 16 });
    const { run, at } = space;
    const result = space.doubles("result");
    const wide = values instanceof Float64Array;
    const held = wide ? space.doubles("values") : space.floats("values");
    let low = Infinity;
    let high = -Infinity;
    for (let from = 0; from < values.length; from += PIECE) {
      const piece = values.subarray(from, from + PIECE);
      held.set(piece);
      const whole = Math.ceil(piece.length / 4) * 4;
      held.fill(piece[0]!, piece.length, whole);
      if (run.range(at.values, whole, wide, at.result) === 0) return undefined;
      low = Math.min(low, result[0]!);
      high = Math.max(high, result[1]!);
    }
    return { low, high };
  };
}

/** The same in plain TypeScript. */
export function referenceRange(values: Float32Array | Float64Array): ReturnType<Kernels["range"]> {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) return undefined;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}
