export { addColumns, addScores } from "./columns";
export { rank } from "./ranks";
export { gather, planRow, planWideRow, powerRow, sumRow, sumWideRow } from "./rows";
export { scaleRow, scoreRows } from "./scores";
export { addWeighted, kernelRow, kernelRowInPlace, rowSums } from "./sinkhorn";
export { sparseTimesDense } from "./sparse";
export { sparseGram } from "./sparse-gram";
export { nthLargest, split } from "./split";
export { addSquares, quadraticForms } from "./squares";
