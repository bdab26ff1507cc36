export { Calibrated, type CalibrateOptions, calibrate } from "./denoise/calibrated/calibrated.ts";
export { flagsAt } from "./denoise/calibrated/flags.ts";
export {
  type Accidents,
  type DetectOptions,
  detectAccidents,
  type Rate,
} from "./denoise/calibrated/joint-decoy.ts";
export type { Checkpoints, Stage } from "./denoise/checkpoints.ts";
export { Denoised } from "./denoise/denoised.ts";
export type { Evidence, Flag } from "./denoise/evidence.ts";
export type { Label } from "./denoise/label.ts";
export type { NetworkScore } from "./denoise/network-score.ts";
export type { DenoiseOutcome, Labelled, Objective } from "./denoise/outcome.ts";
export { type DenoiseOptions, denoise } from "./denoise/prorec.ts";
export { readRun, type SavedRun } from "./denoise/saved-run.ts";
export type { DenoiseSettings, PlanSolver } from "./denoise/settings.ts";
export type { Staleness } from "./denoise/staleness.ts";
export type { DenoiseSummary } from "./denoise/summary.ts";
export {
  type UpdatableRun,
  type Updated,
  type UpdateFigures,
  type UpdateOptions,
  update,
} from "./denoise/update.ts";
export { type ErrorDetails, ProRecError, type ProRecErrorCode } from "./errors.ts";
export type { ByArm } from "./evaluate/arms.ts";
export {
  type CompareOptions,
  type Comparison,
  compare,
  type Keep,
  type SplitShares,
} from "./evaluate/compare.ts";
export { CONTROLS, type Control, type Reweighting } from "./evaluate/controls.ts";
export type { Grid, Point } from "./evaluate/coordinate-search.ts";
export { type Detection, type DetectionInput, scoreDetection } from "./evaluate/detection.ts";
export type { BaseTrial } from "./evaluate/diagnose/bases.ts";
export type { OddUser } from "./evaluate/diagnose/bots.ts";
export type { Burst } from "./evaluate/diagnose/bursts.ts";
export {
  type DiagnoseOptions,
  type Diagnosis,
  diagnose,
  type Finding,
} from "./evaluate/diagnose/diagnose.ts";
export type { SharedAccounts } from "./evaluate/diagnose/shared-accounts.ts";
export { type Evaluation, evaluate } from "./evaluate/evaluate.ts";
export { type BalanceJudgement, type Gate, type GateOptions, gate } from "./evaluate/gate.ts";
export type { Judgement } from "./evaluate/judgement.ts";
export { type LabCell, type NoiseLab, type NoiseLabOptions, noiseLab } from "./evaluate/lab/lab.ts";
export { METRICS, type Metric, type MetricName } from "./evaluate/metrics.ts";
export { type KnownNoise, type NoiseScore, scoreNoise } from "./evaluate/noise-score.ts";
export type { EvaluateUsersOptions, UserMetrics } from "./evaluate/ranking.ts";
export type { MeanInterval, PairedTest } from "./evaluate/significance.ts";
export type { Trial, TrialOptions } from "./evaluate/trial.ts";
export { DENOISE_GRID, type TuneOptions, type Tuning, tune } from "./evaluate/tune.ts";
export type { ArmTest, Verdict } from "./evaluate/verdict.ts";
export {
  type Corrupted,
  type CorruptOptions,
  corrupt,
  NOISE_KINDS,
  type NoiseKind,
} from "./interactions/corrupt.ts";
export { Ids } from "./interactions/ids.ts";
export { Interactions, interactionsFromPairs } from "./interactions/interactions.ts";
export { mergeInteractions, type Split, type SplitOptions, splitInteractions } from "./interactions/split.ts";
export {
  type SynthesizeOptions,
  type SyntheticBlock,
  type SyntheticLog,
  synthesize,
} from "./interactions/synthesize.ts";
export type { SyntheticShape } from "./interactions/synthetic-plan.ts";
export { overSameIds } from "./interactions/unite.ts";
export type { Container, TypedArray } from "./io/container.ts";
export { type EmbeddedSide, type EmbeddingFiles, type Embeddings, readEmbeddings } from "./io/embeddings.ts";
export type { DataReport } from "./io/log.ts";
export { type ReadOptions, readInteractions } from "./io/open-log.ts";
export type { ColumnChoices, Role } from "./io/roles.ts";
export type { ColumnSums, Engine } from "./kernels/kernels.ts";
export type { SparseMatrix, SparseVector } from "./linalg/sparse.ts";
export { Cdae, type CdaeOptions } from "./models/cdae.ts";
export { Ease } from "./models/ease.ts";
export { Edlae } from "./models/edlae.ts";
export { ItemKnn } from "./models/item-knn.ts";
export { loadModel, saveModel } from "./models/model-file.ts";
export { createModel, MODELS, type ModelGrid, type ModelName, type ModelOptions } from "./models/models.ts";
export { NcePlrec } from "./models/nce-plrec.ts";
export { LOSSES, type LossName } from "./models/network/losses.ts";
export type { TrainingOptions } from "./models/network/options.ts";
export { Popularity } from "./models/popularity.ts";
export {
  type FitOptions,
  FittedRecommender,
  type Learned,
  type Predictions,
  type Profile,
  type Recommendations,
  type Recommender,
  type RecommendOptions,
} from "./models/recommender.ts";
export { Svd } from "./models/svd.ts";
export { VaeCf, type VaeCfOptions } from "./models/vae-cf.ts";
export { LEAST_SQUARES_SOLVERS, type LeastSquaresSolver, Wrmf } from "./models/wrmf.ts";
export type { BlockInput, BlockTask, Strips } from "./parallel/block-task.ts";
export type { Crew, Threads } from "./parallel/crew.ts";
export type { Progress, RunOptions } from "./progress.ts";
export { noiseLabPicture } from "./report/noise-lab-picture.ts";
export type { CostMatrix, FactorScores, RowScores, Scores } from "./scores.ts";
export type { Certificate } from "./transport/columns/certificate.ts";
export type { TransportCost } from "./transport/costs.ts";
export type { Matching, Side, Threshold } from "./transport/match.ts";
export type { Plan, PlanEntries } from "./transport/plan.ts";
export type { SolverReport, TransportResult, TransportStatus } from "./transport/result.ts";
export {
  emd,
  fixedMass,
  type GammaOptions,
  itemSide,
  relaxed,
  type SinkhornOptions,
  type Solver,
  sinkhorn,
  unbalanced,
  userSide,
} from "./transport/solvers.ts";
export { type TransportOptions, transport } from "./transport/transport.ts";
