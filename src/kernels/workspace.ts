import { ProRecError } from "../errors.ts";

/** The functions of assembly/index.ts. Pointers and counts are numbers. */
export interface WasmExports {
  adam(
    values: number,
    first: number,
    second: number,
    gradient: number,
    count: number,
    scale: number,
    decay: number,
    a: number,
    b: number,
    rate: number,
    epsilon: number,
  ): void;
  exponentials(row: number, count: number, shift: number): void;
  largestOf(row: number, count: number): number;
  packColumns(matrix: number, count: number, depth: number, stride: number, panel: number, out: number): void;
  packRows(matrix: number, count: number, depth: number, stride: number, panel: number, out: number): void;
  sigmoid(values: number, count: number): void;
  sumExponentials(row: number, count: number, peak: number): number;
  addColumns(
    users: number,
    rows: number,
    longest: number,
    items: number,
    lengths: number,
    itemPanels: number,
    depth: number,
    tile: number,
    exponents: number,
    sums: number,
  ): void;
  addScores(
    scores: number,
    rows: number,
    stride: number,
    itemPanels: number,
    exponents: number,
    sums: number,
  ): void;
  scoreRows(
    users: number,
    panels: number,
    items: number,
    itemPanels: number,
    depth: number,
    out: number,
    stride: number,
  ): void;
  scaleRow(row: number, count: number, scale: number): number;
  powerRow(row: number, count: number, result: number): void;
  planRow(
    row: number,
    count: number,
    weights: number,
    logs: number,
    weight: number,
    log: number,
    result: number,
  ): void;
  sumWideRow(row: number, count: number, result: number): void;
  planWideRow(
    row: number,
    count: number,
    exponents: number,
    offsets: number,
    exponent: number,
    offset: number,
    result: number,
  ): void;
  sumRow(row: number, count: number): number;
  gather(row: number, indices: number, count: number, values: number): void;
  split(row: number, count: number, total: number, list: number, scratch: number, result: number): void;
  nthLargest(row: number, count: number, n: number, list: number, scratch: number): number;
  rank(
    observed: number,
    observedCount: number,
    cut: number,
    list: number,
    kept: number,
    row: number,
    count: number,
    ranks: number,
    scratch: number,
  ): void;
  multiplyRows(
    left: number,
    leftPanels: number,
    right: number,
    panels: number,
    depth: number,
    out: number,
    stride: number,
  ): void;
  rowSums(kernel: number, rows: number, stride: number, count: number, weights: number, sums: number): void;
  addRows(
    kernel: number,
    rows: number,
    stride: number,
    count: number,
    weights: number,
    columns: number,
  ): void;
  addWeighted(
    kernel: number,
    rows: number,
    stride: number,
    count: number,
    weights: number,
    columns: number,
  ): void;
  kernelRow(
    costs: number,
    wide: boolean,
    count: number,
    scale: number,
    offsets: number,
    exponents: number,
    row: number,
  ): number;
  paid(row: number, count: number, weights: number, costs: number, wide: boolean): number;
  peakOf(row: number, count: number, offsets: number): number;
  powerRows(
    kernel: number,
    rows: number,
    stride: number,
    count: number,
    offsets: number,
    peaks: number,
    weights: number,
    sums: number,
  ): void;
  range(values: number, count: number, wide: boolean, result: number): number;
  lowerColumns(row: number, count: number, user: number, least: number, users: number): void;
  nearest(row: number, count: number, most: number, values: number, places: number): number;
  reduceRow(costs: number, wide: boolean, count: number, ofUser: number, ofItems: number, row: number): void;
  allBelow(row: number, count: number, heights: number, bar: number, places: number): number;
  leastBelow(row: number, count: number, heights: number, bar: number): number;
  addSquares(rows: number, count: number, stride: number, out: number): void;
  quadraticForms(matrix: number, rows: number, count: number, stride: number, values: number): void;
  conjugateGradient(
    offsets: number,
    rows: number,
    indices: number,
    weights: number,
    others: number,
    bytes: number,
    normal: number,
    alpha: number,
    steps: number,
    solutions: number,
    scratch: number,
  ): void;
  cholesky(
    offsets: number,
    rows: number,
    indices: number,
    weights: number,
    others: number,
    bytes: number,
    normal: number,
    alpha: number,
    solutions: number,
    scratch: number,
  ): void;
  addGram(rows: number, count: number, bytes: number, out: number, scratch: number): void;
  sparseGram(
    offsets: number,
    rows: number,
    indices: number,
    values: number,
    dense: number,
    out: number,
  ): void;
  sparseTimesDense(
    offsets: number,
    rows: number,
    indices: number,
    values: number,
    dense: number,
    strips: number,
    out: number,
  ): void;
}

/** An instance of the kernels with a memory of its own, cut into named sections of fixed size. */
export interface Workspace<Name extends string> {
  readonly run: WasmExports;
  /** Where each section begins, in bytes; a multiple of 64. */
  readonly at: Readonly<Record<Name, number>>;
  floats(section: Name): Float32Array<ArrayBuffer>;
  doubles(section: Name): Float64Array<ArrayBuffer>;
  integers(section: Name): Uint32Array<ArrayBuffer>;
}

/** The binary's constants stand below it. */
const FIRST = 4096;
const PAGE = 65536;
const MOST = 4 * 1024 ** 3 - PAGE;

/** @throws ProRecError TOO_LARGE if the sections (sizes in bytes) don't fit into one WebAssembly memory or there is none left. */
export function openWorkspace<Name extends string>(
  module: WebAssembly.Module,
  sizes: Record<Name, number>,
): Workspace<Name> {
  const at = {} as Record<Name, number>;
  let end = FIRST;
  for (const name in sizes) {
    at[name] = end;
    end += Math.ceil(sizes[name] / 64) * 64;
  }
  const memory = allocate(end);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { buffer } = memory;
  return {
    run: exports as unknown as WasmExports,
    at,
    floats: (name) => new Float32Array(buffer, at[name], sizes[name] >> 2),
    doubles: (name) => new Float64Array(buffer, at[name], sizes[name] >> 3),
    integers: (name) => new Uint32Array(buffer, at[name], sizes[name] >> 2),
  };
}

function allocate(bytes: number): WebAssembly.Memory {
  try {
    if (bytes <= MOST) return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
  }
  throw new ProRecError("TOO_LARGE", `The kernels need ${Math.ceil(bytes / 2 ** 20)} MiB in one piece.`, {
    hint: "WebAssembly has 4 GiB at most: use fewer factors or fewer items, or free memory.",
  });
}
