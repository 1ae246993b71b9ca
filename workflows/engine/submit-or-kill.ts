import { CancellationScope, CancelledFailure } from '@temporalio/workflow';
import type {
  EndedJob,
  KillReport,
  SubmissionHistory,
  SubmitFailureReport,
  SubmittedJob,
} from '../../src/contracts/job';
import { submitGaveUp } from './bad-end';
import { wantedIn } from './notify';
import { reportIn, surelyNotSubmitted } from './failure-words';
import type { JobTracker } from './job-tracker';
import { killAlways } from './kill-always';
import type { RemoteJobSteps, Submission } from './steps';

/** Submits; whatever keeps the workflow from having the job, no job is left behind. */
export async function submitOrKill<
  Submitted extends SubmittedJob,
  Ended extends EndedJob,
  Result extends SubmissionHistory,
>(
  steps: RemoteJobSteps<Submitted, Ended, Result>,
  tracker: JobTracker,
  submission: Submission,
  deadlineAtMs: number,
  history: SubmissionHistory,
): Promise<Submitted> {
  const { vendor, connection, killByKey } = steps;
  // In the memo before anything is sent: a job that bears the key has a workflow that owns it.
  if (killByKey !== undefined) tracker.submitting(submission.key);
  let job: Submitted;
  try {
    job = await steps.submit(submission, Math.max(1, deadlineAtMs - Date.now()));
  } catch (error) {
    const cancelled = CancellationScope.current().consideredCancelled;
    tracker.notifies ??= wantedIn(error);
    tracker.tellsEnd ||= reportIn<SubmitFailureReport>(error)?.tellsEnd === true;
    let kill: KillReport | undefined;
    if (killByKey !== undefined && !surelyNotSubmitted(error)) {
      tracker.phase('killing');
      kill = await killAlways(() => killByKey(submission));
      tracker.killed(kill);
    } else if (killByKey !== undefined && cancelled) {
      tracker.killed({ outcome: 'nothingToKill', evidence: 'no request had reached the service' });
    }
    if (cancelled) throw cancelledMeanwhile();
    throw kill === undefined
      ? error
      : submitGaveUp({ vendor, connection: connection ?? '' }, error, kill, history);
  }
  // A running attempt's result is delivered in spite of a cancel: the job is there, so it is killed,
  // and with it what else its submission may have made.
  if (CancellationScope.current().consideredCancelled) {
    tracker.submitted(job);
    tracker.phase('killing');
    const byKey = job.mayHaveTwin === true ? killByKey : undefined;
    tracker.killed(await killAlways(() => byKey?.(submission) ?? steps.kill(job), job.remoteId));
    throw cancelledMeanwhile();
  }
  return job;
}

function cancelledMeanwhile(): CancelledFailure {
  return new CancelledFailure('cancelled while the job was being submitted');
}
