import {
  CancellationScope,
  isCancellation,
  sleep,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import {
  type EndedJob,
  type FailedSubmission,
  type FailureReport,
  type KillReport,
  type SubmissionHistory,
  type SubmittedJob,
} from '../../src/contracts/job';
import { jobNouns } from '../../src/contracts/names';
import { resubmitDelayMs, wantsResubmit, type JobEnd } from '../../src/contracts/resubmit';
import { endedBadly, waitGaveUp, whereItRuns } from './bad-end';
import { countEnd } from './count';
import { failureTypeOf, firstWords } from './failure-words';
import { notifyOfEnd } from './notify';
import { JobTracker } from './job-tracker';
import { killAlways } from './kill-always';
import { guardSize } from './size-guard';
import type { RemoteJobSteps, Submission } from './steps';
import { submitOrKill } from './submit-or-kill';
import { tellEnd } from './tell-end';
import { usableTimeoutMs } from './time-budget';
import { TwinWatch } from './twins';

/** What a workflow brings that is more than one remote job. */
export interface LargerWork {
  /** It goes on with the workflow's own steps, so that the memo and the queries tell of one work. */
  readonly tracker: JobTracker;
  /** The first submission's key, where it is not drawn here. */
  readonly key?: string;
}

/**
 * One remote job's life: submit, wait, collect; and a kill whenever it is left before its end.
 *
 * A cancel ends as a cancelled workflow with the kill report in the memo and in `jobStateQuery`; a
 * deadline or a failed job ends as an ApplicationFailure with a {@link FailureReport} in its details.
 */
export async function runRemoteJob<
  Submitted extends SubmittedJob,
  Ended extends EndedJob,
  Result extends SubmissionHistory,
>(steps: RemoteJobSteps<Submitted, Ended, Result>, within?: LargerWork): Promise<Result> {
  const deadlineAtMs = Date.now() + usableTimeoutMs(steps.timeoutMs);
  const tracker = within?.tracker ?? new JobTracker(steps.vendor, steps.connection ?? '');
  const failedBefore: FailedSubmission[] = [];
  try {
    for (let number = 1; ; number++) {
      const key = (number === 1 ? within?.key : undefined) ?? uuid4();
      const submission = { key, sinceMs: Date.now(), number };
      const end = await runSubmission(steps, tracker, submission, deadlineAtMs, failedBefore);
      if ('result' in end) {
        if (within === undefined) countEnd(steps.vendor, 'succeeded');
        await tellEnd(tracker, end, within !== undefined);
        return end.result;
      }
      failedBefore.push(end.failed);
      tracker.failedOnce([...failedBefore]);
      await sleep(resubmitDelayMs(number));
    }
  } catch (error) {
    const end = isCancellation(error) ? 'cancelled' : 'failed';
    tracker.phase(end);
    if (within === undefined) countEnd(steps.vendor, end);
    await tellEnd(tracker, { error }, within !== undefined);
    if (within === undefined) await notifyOfJob(tracker, error);
    throw error;
  }
}

/** A job that is a step of another workflow is that workflow's to tell. */
async function notifyOfJob(tracker: JobTracker, error: unknown): Promise<void> {
  if (workflowInfo().parent !== undefined) return;
  const { vendor, connection, remoteId, kill } = tracker.ofEnd;
  const subject = `${jobNouns[vendor]} ${remoteId ?? '(not submitted)'} on ${connection}`;
  await notifyOfEnd(tracker.notifies, error, { subject, vendor, connection, remoteId, kill });
}

/** From one submit to its job's end: a result, or a failure that the policy follows by another submit. */
async function runSubmission<
  Submitted extends SubmittedJob,
  Ended extends EndedJob,
  Result extends SubmissionHistory,
>(
  steps: RemoteJobSteps<Submitted, Ended, Result>,
  tracker: JobTracker,
  submission: Submission,
  deadlineAtMs: number,
  failedBefore: readonly FailedSubmission[],
): Promise<{ readonly result: Result } | { readonly failed: FailedSubmission }> {
  const before = failedBefore.length > 0 ? { failedBefore } : {};
  const job = await submitOrKill(steps, tracker, submission, deadlineAtMs, before);
  tracker.submitted(job);
  const { removeTwins } = steps;
  const twinWatch = new TwinWatch(
    job,
    removeTwins && ((untilMs, known) => removeTwins(job, submission, untilMs, known)),
  );
  /** The job's own course is over; the workflow doesn't close while a twin may still come. */
  async function history(): Promise<SubmissionHistory> {
    const twins = await twinWatch.ended();
    tracker.twins(twins);
    return twins.length > 0 ? { ...before, twins } : before;
  }
  /** Whether the policy wants another submission after this end, and there is time for it. */
  function another(end: JobEnd): boolean {
    const { number } = submission;
    const inTime = Date.now() + resubmitDelayMs(number) < deadlineAtMs;
    return inTime && wantsResubmit(steps.resubmit, end, number);
  }

  let ended: Ended;
  try {
    ended = await steps.awaitEnd(job, deadlineAtMs);
  } catch (error) {
    const kill = await killAndTell(steps, tracker, job);
    const more = { ...(await collectLogAlways(steps, job)), ...(await history()), kill };
    if (isCancellation(error)) throw error;
    const isLost = failureTypeOf(error) === failureTypes.lost;
    if (isLost && another({ outcome: 'lost' })) {
      const end = { status: 'lost', errorMessage: firstWords(error) };
      return { failed: failedSubmission(job, end, more) };
    }
    throw waitGaveUp(whereItRuns(steps.vendor, job), error, more);
  }
  tracker.ended(ended);
  if (ended.outcome !== 'succeeded') {
    const more = { ...(await collectLogAlways(steps, job)), ...(await history()) };
    if (another(ended)) return { failed: failedSubmission(job, ended, more) };
    throw endedBadly(steps.vendor, job, ended, more);
  }

  tracker.phase('collecting');
  try {
    const collected = await steps.collect(job, ended);
    const result = guardSize("the workflow's result", { ...collected, ...(await history()) });
    tracker.phase('succeeded');
    return { result };
  } finally {
    await history();
  }
}

async function killAndTell<Submitted extends SubmittedJob>(
  steps: Pick<RemoteJobSteps<Submitted, never, never>, 'kill'>,
  tracker: JobTracker,
  job: Submitted,
): Promise<KillReport> {
  tracker.phase('killing');
  const kill = await killAlways(() => steps.kill(job), job.remoteId);
  tracker.killed(kill);
  return kill;
}

async function collectLogAlways<Submitted extends SubmittedJob>(
  steps: Pick<RemoteJobSteps<Submitted, never, never>, 'collectLog'>,
  job: Submitted,
): Promise<Pick<FailureReport, 'log' | 'logTail'>> {
  try {
    const collected = await CancellationScope.nonCancellable(async () => steps.collectLog?.(job));
    return collected === undefined ? {} : { log: collected.log, logTail: collected.logTail };
  } catch {
    // The log is a help; the failure that is being reported is what matters.
    return {};
  }
}

function failedSubmission(
  job: SubmittedJob,
  { status, errorCode, errorMessage }: Pick<EndedJob, 'status' | 'errorCode' | 'errorMessage'>,
  { kill, twins }: Pick<FailedSubmission, 'kill' | 'twins'>,
): FailedSubmission {
  return {
    remoteId: job.remoteId,
    status,
    errorCode,
    errorMessage: errorMessage?.slice(0, 200),
    kill,
    twins,
  };
}
