import { proxyActivities } from '@temporalio/workflow';
import type { LinkisMainActivities } from '../activities/linkis/types';
import type { EndedJob } from '../src/contracts/job';
import type { LinkisAttachInput, LinkisTaskResult } from '../src/contracts/linkis';
import type { SubmittedLinkisTask } from '../src/contracts/linkis-steps';
import { submitOptions } from './engine/activity-options';
import { leftAlone } from './engine/kill-always';
import { runRemoteJob } from './engine/run-remote-job';
import { awaitLinkisTask, collectOutputs, collectResults } from './linkis-task';

/** Follows and fetches a task that somebody else submitted; a cancel leaves that task alone. */
export function linkisAttach(input: LinkisAttachInput): Promise<LinkisTaskResult> {
  return runRemoteJob<SubmittedLinkisTask, EndedJob, LinkisTaskResult>({
    vendor: 'linkis',
    connection: input.connection,
    timeoutMs: input.timeoutMs,
    submit: (_submission, timeoutMs) =>
      proxyActivities<LinkisMainActivities>(submitOptions(timeoutMs)).linkisAttachTask(input),
    awaitEnd: awaitLinkisTask,
    collect: (task, ended) => collectResults(task, ended, input.format),
    collectLog: (task) => collectOutputs(task, false, input.format),
    kill: (task) => leftAlone(task.remoteId),
  });
}
