import type * as chains from './chains';
import type * as lineage from './lineage';
import type * as operations from './operations';
import type * as pipelines from './pipelines';
import type * as runs from './runs';
import type * as schedules from './schedules';

/**
 * What commands print with `--output json`, by the names that their `output` uses. The schemas in
 * `schemas/output.schema.json` are made of these types (`npm run schemas`), their comments included.
 * A later version may add fields and never takes one away.
 */
export interface Documents {
  readonly error: runs.ErrorDocument;
  readonly detached: runs.DetachedDocument;
  readonly ended: runs.EndedDocument;
  readonly pipelineEnded: runs.PipelineEndedDocument;
  readonly jobEvent: runs.JobEvent;
  readonly cancelled: runs.CancelledDocument;
  readonly jobs: runs.JobsDocument;
  readonly job: runs.JobDocument;
  readonly log: runs.LogDocument;
  readonly logEvent: runs.LogEvent;
  readonly chains: chains.ChainsDocument;
  readonly chain: chains.ChainDocument;
  readonly chainHistory: chains.ChainHistoryDocument;
  readonly chainPaused: chains.ChainPausedDocument;
  readonly chainForgotten: chains.ChainForgottenDocument;
  readonly chainAdopted: chains.ChainAdoptedDocument;
  readonly approvals: chains.ApprovalsDocument;
  readonly approval: chains.ApprovalDocument;
  readonly scheduleCreated: schedules.ScheduleCreatedDocument;
  readonly schedules: schedules.SchedulesDocument;
  readonly schedule: schedules.ScheduleDocument;
  readonly schedulePaused: schedules.SchedulePausedDocument;
  readonly scheduleTriggered: schedules.ScheduleTriggeredDocument;
  readonly scheduleBackfill: schedules.ScheduleBackfillDocument;
  readonly scheduleDeleted: schedules.ScheduleDeletedDocument;
  readonly schedulesApplied: schedules.SchedulesAppliedDocument;
  readonly pruneSchedule: schedules.PruneScheduleDocument;
  readonly orphanSchedule: schedules.OrphanScheduleDocument;
  readonly lineage: lineage.LineageDocument;
  readonly lineageAnswers: lineage.LineageAnswersDocument;
  readonly lineageDiff: lineage.LineageDiffDocument;
  readonly rendered: lineage.RenderedDocument;
  readonly lineageEvents: lineage.LineageEventsDocument;
  readonly published: lineage.PublishedDocument;
  readonly pipelineChecked: pipelines.PipelineCheckedDocument;
  readonly pipelineDrawn: pipelines.PipelineDrawnDocument;
  readonly pipelines: pipelines.PipelinesDocument;
  readonly pipeline: pipelines.PipelineDocument;
  readonly sqlflowJobs: operations.SqlFlowJobsDocument;
  readonly orphans: operations.OrphansDocument;
  readonly pruned: operations.PrunedDocument;
  readonly doctor: operations.DoctorDocument;
  readonly initialised: operations.InitDocument;
  readonly completion: operations.CompletionDocument;
  readonly config: operations.ConfigDocument;
  readonly reloads: operations.ReloadsDocument;
  readonly workerReady: operations.WorkerReadyDocument;
  readonly devReady: operations.DevReadyDocument;
  readonly localReady: operations.LocalReadyDocument;
}

export type DocumentName = keyof Documents;
