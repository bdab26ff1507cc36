export { addColumns, addScores } from "./columns";
export { addGram, cholesky, conjugateGradient } from "./least-squares";
export { rank } from "./ranks";
export { gather, planRow, planWideRow, powerRow, sumRow, sumWideRow } from "./rows";
export { scaleRow, scoreRows } from "./scores";
export { sparseTimesDense } from "./sparse";
export { sparseGram } from "./sparse-gram";
export { nthLargest, split } from "./split";
export { addSquares, quadraticForms } from "./squares";
