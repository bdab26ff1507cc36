import type { Scores } from "../scores.ts";
import { emptyColumnSums, mergeColumnSums } from "./column-sums.ts";
import type { ColumnSums, Kernels, RowMatches, Split, TransportKernel, UserBlock } from "./kernels.ts";
import { referenceLeastSquares } from "./least-squares.ts";
import { referenceNetworks } from "./network-reference.ts";
import { referencePricing } from "./pricing-kernel.ts";
import { referenceRange } from "./range.ts";
import { referenceRowProducts } from "./row-products.ts";
import { referenceSinkhorn } from "./sinkhorn-reference.ts";
import { referenceSparseGram } from "./sparse-gram.ts";
import { referenceQuadraticForms, referenceSquares } from "./squares.ts";

/** Every kernel in plain TypeScript and float64, written for the eye: what the others are measured against. */
export const reference: Kernels = {
  engine: "reference",
  transport: referenceTransport,
  sinkhorn: referenceSinkhorn,
  range: referenceRange,
  pricing: referencePricing,
  splitRow: referenceSplit,
  rightFactor: (matrix, { depth, columns, transposed = false }) => ({
    multiply(left, product) {
      for (let at = 0; at < product.length; at++) {
        const column = at % columns;
        const row = (at - column) / columns;
        let sum = 0;
        for (let k = 0; k < depth; k++) {
          sum += left[row * depth + k]! * matrix[transposed ? column * depth + k : k * columns + column]!;
        }
        product[at] = sum;
      }
    },
  }),
  gram(matrix, width) {
    const product = new Float64Array(width * width);
    for (let row = 0; row < matrix.length; row += width) {
      for (let at = 0; at < product.length; at++) {
        product[at]! += matrix[row + Math.floor(at / width)]! * matrix[row + (at % width)]!;
      }
    }
    return product;
  },
  sparseGram: referenceSparseGram,
  squares: referenceSquares,
  quadraticForms: referenceQuadraticForms,
  rowProducts: referenceRowProducts,
  sparseRightFactor: (matrix, width) => ({
    multiply(offsets, indices, values, product) {
      for (let at = 0; at < product.length; at++) {
        const column = at % width;
        const row = (at - column) / width;
        let sum = 0;
        for (let entry = offsets[row]! - offsets[0]!; entry < offsets[row + 1]! - offsets[0]!; entry++) {
          sum += values[entry]! * matrix[indices[entry]! * width + column]!;
        }
        product[at] = sum;
      }
    },
  }),
  networks: referenceNetworks,
  leastSquares: referenceLeastSquares,
};

/** Eq. 20 by sorting the row; a count replaces the best only where it gains more than a rounding. */
export function referenceSplit(row: Float32Array): Split {
  const size = row.length;
  const sorted = Float32Array.from(row).sort().reverse();
  const mean = Math.fround(sorted.reduce((sum, value) => sum + value, 0) / size);
  const drift = sorted.reduce((sum, value) => sum + (value - mean), 0) / size;
  let kappa = 1;
  let best = 0;
  let sum = 0;
  for (let eta = 1; eta < size && sorted[0] !== sorted[size - 1]; eta++) {
    sum += sorted[eta - 1]! - mean;
    const gain = (sum - eta * drift) ** 2 / (eta * (size - eta));
    if (gain > best * (1 + 1e-12)) {
      best = gain;
      kappa = eta;
    }
  }
  return { kappa, threshold: sorted[kappa - 1]! };
}

/** Scores are binary inside, t = score / (gamma log 2), so that exp(x) = 2^t and whole exponents are exact. */
function referenceTransport(scores: Scores, gamma: number): TransportKernel {
  const { items } = scores;
  const width = scores.kind === "factors" ? scores.rank : items;
  let columns = emptyColumnSums(items);
  let itemSide: { log: Float64Array; exponents: Float64Array } | undefined;

  /** t of a block's users, row by row. */
  function* rowsOf(block: Float32Array): Generator<Float64Array> {
    for (let from = 0; from < block.length; from += width) {
      const row = Float64Array.from({ length: items }, (_, item) => {
        if (scores.kind === "rows") return block[from + item]!;
        let sum = 0;
        for (let k = 0; k < width; k++) sum += block[from + k]! * scores.itemFactors[item * width + k]!;
        return sum;
      });
      yield row.map((score) => score / (gamma * Math.LN2));
    }
  }

  /** A row of the plan over 2^exponent, and the row's cost over it. */
  function planOf(t: Float64Array, share: number | undefined) {
    const peak = Math.ceil(largest(t));
    const sum = t.reduce((total, value) => total + 2 ** (value - peak), 0);
    const userSide = share ? Math.log2(share) - Math.log2(sum) : -Infinity;
    const power = t.map((value, item) => {
      const items = itemSide ? value - itemSide.exponents[item]! + itemSide.log[item]! : -Infinity;
      return Math.max(items, value - peak + userSide);
    });
    const exponent = Math.ceil(largest(power));
    if (exponent === -Infinity) return { plan: new Float32Array(items), exponent: 0, cost: 0 };
    const plan = Float32Array.from(power, (value) => 2 ** (value - exponent));
    const cost = plan.reduce(
      (sum, value, item) => (value > 0 ? sum + value * ((power[item]! - t[item]!) * Math.LN2 - 1) : sum),
      0,
    );
    return { plan, exponent, cost };
  }

  return {
    addColumns(block, first = items) {
      for (const row of rowsOf(block)) {
        const exponents = row.map(Math.ceil);
        mergeColumnSums(columns, {
          exponents,
          sums: row.map((t, item) => (item < first ? 2 ** (t - exponents[item]!) : 0)),
        });
      }
    },
    takeColumns() {
      const taken = columns;
      columns = emptyColumnSums(items);
      return taken;
    },
    setItemSide(sums?: ColumnSums, shares?: Float64Array) {
      itemSide = sums && {
        log: sums.sums.map((sum, item) => Math.log2(shares![item]!) - Math.log2(sum)),
        exponents: sums.exponents,
      };
    },
    planRows(block, shares, out) {
      return Float64Array.from([...rowsOf(block)], (t, user) => {
        const { plan, exponent } = planOf(t, shares?.[user]);
        out.set(plan, user * items);
        return exponent;
      });
    },
    matchRows(block: UserBlock, out: RowMatches) {
      for (const [user, t] of [...rowsOf(block.rows)].entries()) {
        const { plan, exponent, cost } = planOf(t, block.shares?.[user]);
        const total = plan.reduce((sum, value) => sum + value, 0);
        const inverse = total > 0 ? 1 / total : 0;
        out.mass[user] = total * 2 ** exponent;
        out.cost[user] = cost * 2 ** exponent;
        out.low[user] = -largest(t.map((value) => -value)) * Math.LN2;
        out.high[user] = largest(t) * Math.LN2;
        out.kappa[user] = 0;
        out.threshold[user] = 0;
        const first = block.offsets[user]! - block.offsets[0]!;
        const last = block.offsets[user + 1]! - block.offsets[0]!;
        if (first === last) continue;
        for (let entry = first; entry < last; entry++) {
          const value = plan[block.indices[entry]!]!;
          out.match[entry] = value * inverse;
          out.rank[entry] = 1 + plan.filter((other) => other > value).length;
        }
        const split = block.kept === undefined ? referenceSplit(plan) : keepFirst(plan, block.kept);
        out.kappa[user] = split.kappa;
        out.threshold[user] = split.threshold * inverse;
      }
    },
  };
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

function keepFirst(row: Float32Array, count: number): Split {
  const kappa = Math.min(count, row.length);
  return { kappa, threshold: Float32Array.from(row).sort()[row.length - kappa]! };
}
