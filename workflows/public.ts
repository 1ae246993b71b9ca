/**
 * The workflows, safe for Temporal's sandbox. A worker of one's own re-exports them from its
 * workflows file: `export * from 'temporal-remote-jobs/workflows';`
 *
 * @module temporal-remote-jobs/workflows
 */
export { sqlflowJob } from './sqlflow-job';
export { sqlflowPersistJob } from './sqlflow-persist-job';
export { sqlflowAttach } from './sqlflow-attach';
export { sqlflowPersistChain, chainStateQuery } from './sqlflow-persist-chain';
export { sqlflowRefreshRequest } from './sqlflow-refresh-request';
export { sqlflowRefresh } from './sqlflow-refresh';
export { linkisTask } from './linkis-task';
export { linkisAttach } from './linkis-attach';
export { remoteJobsPrune } from './remote-jobs-prune';
export { remoteJobsOrphans } from './remote-jobs-orphans';
export { remoteJobsScheduledRun } from './scheduled-run';
export { remoteJobsPipeline } from './remote-jobs-pipeline';
export { remoteJobsPipelineStep } from './remote-jobs-pipeline-step';
export { pipelineStateQuery } from './pipeline/pipeline-teller';
export { jobStateQuery, jobProgressQuery, type CoarseProgress } from './engine/job-tracker';
export {
  remoteJob,
  type RemoteJobHandle,
  type RemoteJobInput,
  type RemoteJobOptions,
  type RemoteJobResult,
  type RemoteJobType,
  type RemoteJobWorkflows,
} from './remote-job';
