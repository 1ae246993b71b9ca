/** A service this package knows. An exhaustive `Record<Vendor, …>` makes a forgotten edit a compile error. */
export type Vendor = 'sqlflow' | 'linkis';

/** Workflow types, as a client starts them. */
export const workflowTypes = {
  sqlflowJob: 'sqlflowJob',
  sqlflowPersistJob: 'sqlflowPersistJob',
  sqlflowAttach: 'sqlflowAttach',
  linkisTask: 'linkisTask',
  linkisAttach: 'linkisAttach',
} as const;

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
