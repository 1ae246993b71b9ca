/** A service this package knows. An exhaustive `Record<Vendor, …>` makes a forgotten edit a compile error. */
export type Vendor = 'sqlflow' | 'linkis';

/** What a vendor calls its jobs, in messages. */
export const jobNouns: Readonly<Record<Vendor, string>> = {
  sqlflow: 'SQLFlow job',
  linkis: 'Linkis task',
};

/** All of them: no list of vendors is written anywhere else. */
export const vendors = Object.keys(jobNouns) as readonly Vendor[];

/** Workflow types, as a client starts them. */
export const workflowTypes = {
  sqlflowJob: 'sqlflowJob',
  sqlflowPersistJob: 'sqlflowPersistJob',
  sqlflowAttach: 'sqlflowAttach',
  linkisTask: 'linkisTask',
  linkisAttach: 'linkisAttach',
  /** A schedule's run of any of them, or of a chain's refresh. */
  scheduledRun: 'remoteJobsScheduledRun',
} as const;

/** The activity of each vendor that waits for a job's end: its heartbeat is the job's progress. */
export const waitingActivities: Readonly<Record<Vendor, string>> = {
  sqlflow: 'sqlflowAwaitJob',
  linkis: 'linkisAwaitTask',
};

/** What a connection may be called. */
export const connectionName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** Task queue used when none is named. */
export const defaultTaskQueue = 'remote-jobs';

/** Waiting activities run on a task queue of their own, so that they never starve submit, kill and fetch. */
export function watchTaskQueue(taskQueue: string): string {
  return `${taskQueue}-watch`;
}

/** The memo field under which every job workflow keeps its {@link RemoteJobMemo}. */
export const remoteJobMemoKey = 'remoteJob';

/** Keyword search attribute with the remote id; set only where the namespace has it registered. */
export const remoteJobIdAttribute = 'RemoteJobId';

/** Wire names of the queries that every job workflow answers. */
export const jobStateQueryName = 'jobState';
export const jobProgressQueryName = 'jobProgress';

/**
 * Where a workflow run keeps its artifacts in the store. The run id alone makes it unique; the
 * workflow id is there for a person who looks into the folder.
 */
export function jobFolder(workflowId: string, runId: string): string {
  const readable = workflowId.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 80);
  return `jobs/${readable}-${runId}`;
}

/** Where a task's live log is kept: apart for each task, since a policy may submit another one. */
export function logChunksFolder(jobFolder: string, taskId: string): string {
  return `${jobFolder}/log-chunks/${taskId.replace(/[^A-Za-z0-9._-]+/g, '_')}`;
}

/** Keys under a job's folder. */
export const jobArtifacts = {
  log: 'log.txt',
  results: 'results',
  lineage: 'lineage',
} as const;
