import type { LinkisTask } from '../../src/clients/linkis/wire-task';

/**
 * What a wait keeps of a row until it is looked at again. The rest, its parameters, labels and
 * folders, is most of it: of thousands that are replaced every few seconds it was half of what grew
 * old on the heap (docs/decisions/0023).
 */
export type SeenTask = Pick<
  LinkisTask,
  | 'taskId'
  | 'execId'
  | 'status'
  | 'progress'
  | 'createdAtMs'
  | 'updatedAtMs'
  | 'errorCode'
  | 'errorMessage'
  | 'canRetry'
  | 'instance'
>;

export function seenTask(row: LinkisTask): SeenTask {
  const { taskId, execId, status, progress, createdAtMs, updatedAtMs } = row;
  const { errorCode, errorMessage, canRetry, instance } = row;
  return {
    taskId,
    execId,
    status,
    progress,
    createdAtMs,
    updatedAtMs,
    errorCode,
    errorMessage,
    canRetry,
    instance,
  };
}
