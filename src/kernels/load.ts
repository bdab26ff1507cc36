import * as binaries from "./binaries.generated.ts";
import type { Engine, Kernels } from "./kernels.ts";
import { wasmLeastSquares } from "./least-squares.ts";
import { wasmGram, wasmRightFactor, wasmSparseRightFactor } from "./linear-kernels.ts";
import { wasmNetworks } from "./network-kernels.ts";
import { wasmPricing } from "./pricing-kernel.ts";
import { wasmRange } from "./range.ts";
import { reference } from "./reference.ts";
import { wasmRowProducts } from "./row-products.ts";
import { wasmSinkhorn } from "./sinkhorn-kernel.ts";
import { wasmSparseGram } from "./sparse-gram.ts";
import { wasmSplit } from "./split-kernel.ts";
import { wasmQuadraticForms, wasmSquares } from "./squares.ts";
import { wasmTransport } from "./transport-kernel.ts";

const loaded = new Map<Engine, Kernels | undefined>();

/**
 * The kernels of an engine; "auto" takes the fastest that this computer runs: relaxed-simd, else simd128, else
 * reference.
 * @throws RangeError if it doesn't run the engine that was asked for.
 */
export function loadKernels(engine: Engine | "auto" = "auto"): Kernels {
  if (engine === "auto") return load("relaxed-simd") ?? load("simd128") ?? reference;
  const kernels = load(engine);
  if (kernels !== undefined) return kernels;
  throw new RangeError(`The engine ${engine} does not run here: take "auto", or Node 22 or newer.`);
}

function load(engine: Engine): Kernels | undefined {
  if (engine === "reference") return reference;
  if (!loaded.has(engine)) loaded.set(engine, compile(engine));
  return loaded.get(engine);
}

function compile(engine: "relaxed-simd" | "simd128"): Kernels | undefined {
  const base64 = engine === "simd128" ? binaries.simd128 : binaries.relaxedSimd;
  const binary = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(binary)) return undefined;
  const module = new WebAssembly.Module(binary);
  return {
    engine,
    transport: (scores, gamma) => wasmTransport(module, scores, gamma),
    sinkhorn: (cost) => wasmSinkhorn(module, cost),
    range: wasmRange(module),
    pricing: (cost, potentials) => wasmPricing(module, cost, potentials),
    splitRow: wasmSplit(module),
    rightFactor: (matrix, shape) => wasmRightFactor(module, matrix, shape),
    gram: (matrix, width) => wasmGram(module, matrix, width),
    sparseGram: (columns) => wasmSparseGram(module, columns),
    squares: (width) => wasmSquares(module, width),
    quadraticForms: (matrices, width) => wasmQuadraticForms(module, matrices, width),
    rowProducts: (depth, most) => wasmRowProducts(module, depth, most),
    sparseRightFactor: (matrix, width) => wasmSparseRightFactor(module, matrix, width),
    networks: wasmNetworks(module),
    leastSquares: (shape) => wasmLeastSquares(module, shape),
  };
}
