import { proxyActivities } from '@temporalio/workflow';
import type { LinkisMainActivities, LinkisWatchActivities } from '../activities/linkis/types';
import type { EndedJob } from '../src/contracts/job';
import type { LinkisTaskInput, LinkisTaskResult, ResultFormat } from '../src/contracts/linkis';
import type { LinkisOutputs, SubmittedLinkisTask } from '../src/contracts/linkis-steps';
import {
  collectOptions,
  killOptions,
  logOptions,
  submitOptions,
  twinOptions,
  waitOptions,
} from './engine/activity-options';
import { runRemoteJob } from './engine/run-remote-job';
import { guardSize } from './engine/size-guard';

/**
 * A Linkis task: submitted once, waited for while its log is collected, its result sets fetched
 * into the artifact store. On cancel, deadline or failure it is killed, and jobhistory proves it.
 */
export function linkisTask(input: LinkisTaskInput): Promise<LinkisTaskResult> {
  return runRemoteJob<SubmittedLinkisTask, EndedJob, LinkisTaskResult>({
    vendor: 'linkis',
    connection: input.connection,
    timeoutMs: input.timeoutMs,
    resubmit: input.resubmit,
    submit: ({ key, number }, timeoutMs) =>
      proxyActivities<LinkisMainActivities>(submitOptions(timeoutMs)).linkisSubmitTask(
        guardSize('the input of linkisSubmitTask', {
          task: input,
          key,
          again: number > 1 ? true : undefined,
        }),
      ),
    awaitEnd: awaitLinkisTask,
    collect: (task, ended) => collectResults(task, ended, input.format),
    collectLog: (task) => collectOutputs(task, false, input.format),
    kill: (task) =>
      proxyActivities<LinkisMainActivities>(killOptions()).linkisKillTask(target(task)),
    killByKey: ({ key, sinceMs }) =>
      proxyActivities<LinkisMainActivities>(killOptions()).linkisKillTask({
        connection: input.connection,
        user: input.user,
        key,
        sinceMs,
      }),
    removeTwins: (task, { key, sinceMs }, untilMs, known) =>
      proxyActivities<LinkisWatchActivities>(twinOptions()).linkisRemoveTwins({
        ...target(task),
        key,
        sinceMs,
        untilMs,
        known,
      }),
  });
}

export function awaitLinkisTask(
  task: SubmittedLinkisTask,
  deadlineAtMs: number,
): Promise<EndedJob> {
  const { linkisAwaitTask } = proxyActivities<LinkisWatchActivities>(waitOptions(deadlineAtMs));
  const { kind, submittedAtMs } = task;
  return linkisAwaitTask({ ...target(task), kind, submittedAtMs, deadlineAtMs });
}

export async function collectResults(
  task: SubmittedLinkisTask,
  ended: EndedJob,
  format: ResultFormat | undefined,
): Promise<LinkisTaskResult> {
  const { log, results, warnings = [] } = await collectOutputs(task, true, format);
  return {
    vendor: 'linkis',
    connection: task.connection,
    taskId: task.remoteId,
    status: 'Succeed',
    decision: task.decision,
    results,
    log,
    warnings: [...task.warnings, ...warnings],
    submittedAtMs: task.submittedAtMs,
    endedAtMs: ended.endedAtMs,
  };
}

export function collectOutputs(
  task: SubmittedLinkisTask,
  results: boolean,
  format: ResultFormat | undefined,
): Promise<LinkisOutputs> {
  const options = results ? collectOptions() : logOptions();
  const { linkisCollectOutputs } = proxyActivities<LinkisMainActivities>(options);
  return linkisCollectOutputs({ ...target(task), results, format: format ?? 'csv' });
}

function target(task: SubmittedLinkisTask) {
  return {
    connection: task.connection,
    user: task.user,
    taskId: task.remoteId,
    execId: task.execId,
  };
}
