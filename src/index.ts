/**
 * The public API. What isn't named here may change without notice.
 *
 * @module temporal-remote-jobs
 */

// In a worker
export { RemoteJobsPlugin, type RemoteJobsPluginOptions } from './plugin/remote-jobs-plugin';
export { runRemoteJobsWorker, type RemoteJobsWorkerOptions } from './plugin/run-worker';
export { HealthServer } from './plugin/health-server';
export { WorkerReadiness, type Readiness } from './plugin/readiness';
export type { ReloadedConnections } from './config/reload';
export type { NotifyTargetOptions } from './config/notify-schema';
export type { NotifyEvent } from './contracts/notify';
export { metricBuckets, metricNames } from './contracts/metric-names';

// For a caller: stage files, start a job, follow it, end it
export {
  stageFiles,
  StagingError,
  type StageOptions,
  type StagingProblem,
} from './artifacts/staging';
export { gatherInputs, type GatherOptions, type InputsToGather } from './artifacts/gather-inputs';
export {
  InvalidInputError,
  startJob,
  type JobInputs,
  type JobWorkflow,
  type StartOptions,
} from './starter/start';
export { awaitOutcome, type JobOutcome } from './starter/outcome';
export {
  describeJob,
  queryJobState,
  type JobDescription,
  type PendingActivity,
} from './starter/describe';
export type { RefreshStanding } from './starter/refresh-standing';
export { followJob, type FollowOptions } from './starter/follow';
export { listJobs, type ListOptions } from './starter/list';
export { cancelJob, requestCancel } from './starter/cancel';
export {
  findOrphans,
  orphanScheduleId,
  scheduleOrphans,
  unscheduleOrphans,
  type OrphanSchedule,
  type OrphanSearchOptions,
} from './starter/orphans';
export {
  pruneJobs,
  pruneScheduleId,
  schedulePrune,
  unschedulePrune,
  type PruneOptions,
  type PruneSchedule,
} from './starter/prune';
export {
  adoptJob,
  chainState,
  forgetChain,
  listChains,
  pauseChain,
  requestRefresh,
  resumeChain,
  type AdoptJobInput,
  type ChainCallOptions,
  type ChainSummary,
  type ListChainsOptions,
} from './starter/chains';
export {
  answerApproval,
  ApprovalError,
  approvalState,
  findApproval,
  pendingApprovals,
  type ApprovalCallOptions,
  type ApprovalErrorCode,
  type PendingApproval,
} from './starter/approvals';
export {
  ChainNotFoundError,
  ChainRefusedError,
  ChainUnansweredError,
} from './starter/chain-errors';
export {
  checkSchedule,
  checkSchedules,
  createSchedule,
  deleteSchedule,
  replaceSchedule,
  ScheduleExistsError,
  ScheduleUnknownError,
  type MakeScheduleOptions,
  type ScheduleOwner,
  type ScheduleTarget,
} from './starter/schedules';
export {
  describeSchedule,
  listSchedules,
  readSchedule,
  type ListedSchedule,
  type ScheduledRunStanding,
  type ScheduleSetting,
  type ScheduleStanding,
} from './starter/schedule-standing';
export {
  backfillSchedule,
  matchingTimes,
  pauseSchedule,
  resumeSchedule,
  triggerSchedule,
  type BackfillRange,
  type Triggered,
  type TriggerOptions,
} from './starter/schedule-control';
export {
  applySchedules,
  planSchedules,
  ScheduleStepError,
  type ApplyOptions,
  type ScheduleChange,
  type ScheduleStep,
} from './starter/schedule-plan';
export { findWorkers, type WorkerPresence } from './starter/workers';
export {
  listPipelines,
  pipelineState,
  startPipeline,
  type ListPipelinesOptions,
  type PipelineCallOptions,
  type PipelineHandle,
  type PipelineSummary,
} from './starter/pipelines';
export { pipelineRetry, PipelineRetryError, type PipelineRetry } from './starter/pipeline-retry';
export {
  checkPipeline,
  type CheckedPipeline,
  type CheckOptions,
} from './pipeline-files/check-pipeline';
export { resolveParams, type GivenParams } from './pipeline-files/params';
export { stagePipeline, type StagePipelineOptions } from './pipeline-files/stage-pipeline';
export { ExpressionError } from './pipeline-files/render-body';

// Lineage, as SQLFlow exports it
export { countLineage } from './lineage/counts';
export { diffLineage, type LineageDiff } from './lineage/diff';
export { diffJson } from './lineage/diff-json';
export { diffMarkdown, type DiffMarkdownOptions } from './lineage/diff-markdown';
export { LineageError, type LineageErrorCode } from './lineage/errors';
export { findByName, type Found } from './lineage/find';
export { checkGate, type GateInput } from './lineage/gate';
export {
  columnName,
  edgeKinds,
  flowKinds,
  type EdgeKind,
  type Lineage,
  type LineageColumn,
  type LineageDataset,
  type LineageEdges,
  type LineageModelError,
  type LineageProcess,
} from './lineage/model';
export { findUnused, reach, type Direction, type Reach, type Unused } from './lineage/questions';
export { readLineage, type ReadLineageOptions } from './lineage/read-lineage';
export { renderHtml, type RenderHtmlOptions } from './lineage/render/render-html';
export { renderSvg, type RenderSvgOptions } from './lineage/render/render-svg';
export { tableLineage } from './lineage/tables';

// Settings
export { ConfigurationError } from './config/errors';
export { loadConfig, type LoadConfigOptions, type RemoteJobsConfig } from './config/load';
export type { ArtifactOptions, JobSettings } from './config/options';
export type { S3Options } from './config/artifact-options';
export type {
  OpenLineageEndpointOptions,
  OpenLineageFolderOptions,
  OpenLineageTargetOptions,
} from './config/openlineage-options';
export type {
  BudgetSettings,
  ConfigDefaults,
  ConnectionOptions,
  LinkisConnectionOptions,
  QuotaSettings,
  SqlFlowConnectionOptions,
  TransportSettings,
} from './config/connection-options';
export type { SecretOption } from './config/secret-source';
export { defaultLimits, type Limits } from './contracts/limits';

// Artifacts
export { FolderArtifactStore, type FolderArtifactStoreOptions } from './artifacts/folder-store';
export { S3ArtifactStore, type S3ArtifactStoreOptions } from './artifacts/s3-store';
export type { S3Credentials } from './artifacts/s3-place';
export {
  artifactKey,
  artifactUri,
  type ArtifactBody,
  type ArtifactStore,
  type PutOptions,
} from './artifacts/store';
export { ArtifactError, ArtifactNotFoundError, type ArtifactErrorCode } from './artifacts/errors';

// What travels
export type { ArtifactFormat, ArtifactRef, StagedFile } from './contracts/artifact';
export type { JobStanding } from './contracts/job-standing';
export type { AdoptedJob, ChainMemo, ForgetRequest } from './contracts/chain-asking';
export type { Approval, ApprovalState } from './contracts/approval';
export type {
  ChainGeneration,
  ChainRefreshInput,
  ChainRevision,
  ChainSettings,
  ChainState,
  ExportShape,
  FileCounts,
  FileError,
  ManifestRef,
  RefreshEnd,
  RefreshOutcome,
  RefreshResult,
} from './contracts/chain';
export type {
  GateVerdict,
  LineageCounts,
  LineageGate,
  PublishOptions,
} from './contracts/lineage-gate';
export { failureTypes, type FailureType } from './contracts/failure-types';
export {
  SubmitRefusedError,
  type JobEnd,
  type JobHooks,
  type JobSubmission,
  type SubmissionInputs,
  type SubmissionType,
} from './contracts/hooks';
export type {
  FailedSubmission,
  FailureReport,
  JobPhase,
  JobProgress,
  JobResources,
  JobState,
  KillOutcome,
  KillReport,
  LogRef,
  RemoteJobMemo,
  SubmissionHistory,
  SubmitDecision,
} from './contracts/job';
export type {
  LinkisAttachInput,
  LinkisResultSet,
  LinkisScalar,
  LinkisTaskInput,
  LinkisTaskResult,
  LinkisValue,
  ResultFormat,
  ResultSetKind,
} from './contracts/linkis';
export {
  defaultTaskQueue,
  remoteJobIdAttribute,
  remoteJobMemoKey,
  watchTaskQueue,
  workflowTypes,
  type Vendor,
} from './contracts/names';
export type {
  JobUnderWay,
  OrphanedJob,
  OrphanLook,
  OrphansInput,
  OrphansReport,
} from './contracts/orphans';
export type { PrunedAccount, PruneInput, PruneReport } from './contracts/prune';
export type { ResubmitPolicy, ResubmitReason } from './contracts/resubmit';
export type {
  OverlapPolicy,
  ScheduleDefinition,
  ScheduledFiles,
  ScheduledPipeline,
  ScheduledRun,
  SchedulePolicy,
  ScheduleTimes,
} from './contracts/schedule';
export type {
  ParamType,
  ParamValue,
  PipelineDefinition,
  PipelineMistake,
  PipelineParam,
  PipelineStep,
  StepCondition,
} from './contracts/pipeline';
export type {
  PipelineCounts,
  PipelineMemo,
  PipelineStanding,
  PipelineState,
  PipelineStepKind,
  PipelineStepMemo,
  PipelineStepStanding,
  PipelineStepState,
} from './contracts/pipeline-run';
export type {
  CarriedPipeline,
  CarriedStep,
  GraphStep,
  PipelineFailureReport,
  PipelineGraph,
  PipelineInput,
  PipelineResult,
  ReusedStep,
  StepOutputs,
  StepRetry,
} from './contracts/pipeline-steps';
export type { SecretRef } from './contracts/secret';
export type {
  LineageFormat,
  SqlFlowAttachInput,
  SqlFlowDatabaseSource,
  SqlFlowJobBase,
  SqlFlowJobInput,
  SqlFlowJobResult,
  SqlFlowLineageSettings,
  SqlFlowPersistJobInput,
} from './contracts/sqlflow';
