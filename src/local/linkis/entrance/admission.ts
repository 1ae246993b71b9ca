import { withoutComments } from '../engine/sql-text';
import { LinkisError } from '../envelope';
import type { NewTaskRow, TaskRow } from '../history/task-row';
import type { TaskRequest } from './submit-request';
import { sourceJsonOf } from './task-json';

/** The row of a task that nobody has looked at yet. */
export function newRow(
  request: TaskRequest,
  user: string,
  instance: string,
  requestIp: string,
): NewTaskRow {
  return {
    instance,
    execId: null,
    umUser: user,
    executeUser: user,
    engineInstance: null,
    executionCode: request.code,
    progress: '0.0',
    logPath: null,
    resultLocation: null,
    status: 'Inited',
    engineType: request.engine,
    errCode: null,
    errDesc: null,
    executeApplicationName: request.engine,
    requestApplicationName: request.creator,
    runType: request.runType,
    paramsJson: JSON.stringify(request.params),
    costTime: null,
    sourceJson: sourceJsonOf(request.source, requestIp),
    sourceTailor: request.source.scriptPath ?? '',
    engineStartTime: null,
    labels: Object.entries(request.labels).map(([name, value]) => `${name}:${String(value)}`),
    metrics: null,
    submittedSource: request.source,
  };
}

/** What the interceptors of the entrance refuse once the row is there. */
export function refusalOf(request: TaskRequest, user: string): LinkisError | undefined {
  if (withoutComments(request.code) === '') {
    return new LinkisError(20007, 'The execution code is empty');
  }
  if (request.labelUser !== user) {
    return new LinkisError(
      50080,
      `The user ${request.labelUser} of the label userCreator isn't the submitting user ${user}`,
    );
  }
  return undefined;
}

/** Where a task's log and results will lie. */
export function placesOf({ taskID, createdTime, umUser, requestApplicationName }: TaskRow) {
  const [day = '', time = ''] = new Date(createdTime).toISOString().split('T');
  const clock = time.slice(0, 8).replaceAll(':', '');
  return {
    log: `/tmp/linkis/log/${day}/${requestApplicationName}/${umUser}/${taskID}.log`,
    results: `/tmp/${umUser}/linkis/${day}/${clock}/${requestApplicationName}/${taskID}`,
  };
}
