import { proxyActivities } from '@temporalio/workflow';
import type { AcmeMainActivities, AcmeWatchActivities } from '../activities/acme/types';
import type { AcmeRunInput, AcmeRunResult } from '../src/contracts/acme';
import type { EndedJob, SubmittedJob } from '../src/contracts/job';
import {
  collectOptions,
  killOptions,
  submitOptions,
  twinOptions,
  waitOptions,
} from './engine/activity-options';
import { runRemoteJob } from './engine/run-remote-job';
import { guardSize } from './engine/size-guard';

const targetOf = ({ connection, remoteId }: SubmittedJob) => ({ connection, runId: remoteId });

/** A run: submitted once, waited for, its output stored. On cancel or deadline it is stopped, with proof. */
export function acmeRun(input: AcmeRunInput): Promise<AcmeRunResult> {
  return runRemoteJob<SubmittedJob, EndedJob, AcmeRunResult>({
    vendor: 'acme',
    connection: input.connection,
    timeoutMs: input.timeoutMs,
    submit: ({ key }, timeoutMs) =>
      proxyActivities<AcmeMainActivities>(submitOptions(timeoutMs)).acmeSubmitRun(
        guardSize('the input of acmeSubmitRun', { run: input, key }),
      ),
    awaitEnd: (job, deadlineAtMs) =>
      proxyActivities<AcmeWatchActivities>(waitOptions(deadlineAtMs)).acmeAwaitRun({
        ...targetOf(job),
        submittedAtMs: job.submittedAtMs,
        deadlineAtMs,
      }),
    async collect(job, ended) {
      const { acmeCollectOutput } = proxyActivities<AcmeMainActivities>(collectOptions());
      const { connection, remoteId: runId, decision, warnings, submittedAtMs } = job;
      return {
        ...{ vendor: 'acme', connection, runId, decision, warnings, submittedAtMs },
        output: await acmeCollectOutput(targetOf(job)),
        endedAtMs: ended.endedAtMs,
      };
    },
    kill: (job) => proxyActivities<AcmeMainActivities>(killOptions()).acmeKillRun(targetOf(job)),
    killByKey: ({ key }) =>
      proxyActivities<AcmeMainActivities>(killOptions()).acmeKillRun({
        connection: input.connection,
        key,
      }),
    removeTwins: (job, { key }, untilMs, known) =>
      proxyActivities<AcmeWatchActivities>(twinOptions()).acmeRemoveTwins({
        ...targetOf(job),
        ...{ key, untilMs, known },
      }),
  });
}
