/** What `work` gives, and its CPU time in seconds: of this process, so nothing else may run in it. */
export async function timed<T>(work: () => T | Promise<T>): Promise<{ value: T; cpu: number }> {
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return { value, cpu: (user + system) / 1e6 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Spearman's rank correlation; equal values share their mean rank. */
export function rankCorrelation(left: ArrayLike<number>, right: ArrayLike<number>): number {
  return correlation(ranks(left), ranks(right));
}

/** Spearman's correlation of left and right with a third held fixed. */
export function partialRankCorrelation(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  fixed: ArrayLike<number>,
): number {
  const [ab, ac, bc] = [
    rankCorrelation(left, right),
    rankCorrelation(left, fixed),
    rankCorrelation(right, fixed),
  ];
  return (ab - ac * bc) / Math.sqrt((1 - ac ** 2) * (1 - bc ** 2));
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, index) => index).sort(
    (left, right) => values[left]! - values[right]!,
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let at = start; at < end; at++) ranks[order[at]!] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}

function correlation(left: Float64Array, right: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [leftMean, rightMean] = [mean(left), mean(right)];
  let [product, leftSquare, rightSquare] = [0, 0, 0];
  for (let index = 0; index < left.length; index++) {
    const a = left[index]! - leftMean;
    const b = right[index]! - rightMean;
    product += a * b;
    leftSquare += a * a;
    rightSquare += b * b;
  }
  return product / Math.sqrt(leftSquare * rightSquare);
}
