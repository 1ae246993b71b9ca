import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  uuid4,
} from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import {
  defaultTimeoutMs,
  longestTimeoutMs,
  type EndedJob,
  type FailureReport,
  type KillReport,
  type LogRef,
  type SubmittedJob,
} from '../../src/contracts/job';
import { jobNouns, type Vendor } from '../../src/contracts/names';
import {
  awaitFailure,
  failureTypeOf,
  firstWords,
  killWords,
  surelyNotSubmitted,
} from './failure-words';
import { JobTracker } from './job-tracker';
import { guardSize } from './size-guard';

/** What one vendor's workflow brings: each step is an activity call or a decision about one. */
export interface RemoteJobSteps<Submitted extends SubmittedJob, Ended extends EndedJob, Result> {
  readonly vendor: Vendor;
  /** As the input names it; the submit resolves a missing one. */
  readonly connection?: string;
  /** Longest time from start to end, in milliseconds. @default 24 hours */
  readonly timeoutMs?: number;
  submit(key: string, timeoutMs: number): Promise<Submitted>;
  awaitEnd(job: Submitted, deadlineAtMs: number): Promise<Ended>;
  /** Fetches what a job left that succeeded. */
  collect(job: Submitted, ended: Ended): Promise<Result>;
  /** Fetches the log of a job that didn't succeed; vendors without logs leave it out. */
  collectLog?(job: Submitted): Promise<{ log?: LogRef; logTail: string }>;
  kill(job: Submitted): Promise<KillReport>;
  /** Kills whatever a submit of unknown outcome left behind; for a job of somebody else's it is left out. */
  readonly killByKey?: (key: string, sinceMs: number) => Promise<KillReport>;
}

/**
 * One remote job's life: submit, wait, collect; and a kill whenever it is left before its end.
 *
 * A cancel ends as a cancelled workflow with the kill report in the memo and in `jobStateQuery`; a
 * deadline or a failed job ends as an ApplicationFailure with a {@link FailureReport} in its details.
 */
export async function runRemoteJob<Submitted extends SubmittedJob, Ended extends EndedJob, Result>(
  steps: RemoteJobSteps<Submitted, Ended, Result>,
): Promise<Result> {
  const timeoutMs = usableTimeoutMs(steps.timeoutMs);
  const deadlineAtMs = Date.now() + timeoutMs;
  const key = uuid4();
  const own = steps.killByKey !== undefined;
  const tracker = new JobTracker(steps.vendor, steps.connection ?? '', own ? key : undefined);

  const job = await submitOrKill(steps, tracker, key, timeoutMs);
  tracker.submitted(job);
  const ended = await awaitOrKill(steps, tracker, job, deadlineAtMs);
  tracker.ended(ended);
  if (ended.outcome !== 'succeeded') {
    tracker.phase(ended.outcome === 'cancelled' ? 'cancelled' : 'failed');
    throw await endedBadly(steps, job, ended);
  }

  tracker.phase('collecting');
  try {
    const result = guardSize("the workflow's result", await steps.collect(job, ended));
    tracker.phase('succeeded');
    return result;
  } catch (error) {
    tracker.phase(isCancellation(error) ? 'cancelled' : 'failed');
    throw error;
  }
}

/**
 * A wrong one is refused by the first activity, with the other mistakes; but a time-out that the
 * server can't take would keep that activity, and so the workflow, from ever running.
 */
function usableTimeoutMs(timeoutMs: number | undefined): number {
  const usable = Number.isFinite(timeoutMs) && Number(timeoutMs) > 0;
  return usable ? Math.min(Number(timeoutMs), longestTimeoutMs) : defaultTimeoutMs;
}

async function submitOrKill<Submitted extends SubmittedJob, Ended extends EndedJob, Result>(
  steps: RemoteJobSteps<Submitted, Ended, Result>,
  tracker: JobTracker,
  key: string,
  timeoutMs: number,
): Promise<Submitted> {
  const sinceMs = Date.now();
  let job: Submitted;
  try {
    job = await steps.submit(key, timeoutMs);
  } catch (error) {
    const cancelled = CancellationScope.current().consideredCancelled;
    let kill: KillReport | undefined;
    const { killByKey } = steps;
    if (killByKey !== undefined && (cancelled || !surelyNotSubmitted(error))) {
      tracker.phase('killing');
      kill = await killAlways(() => killByKey(key, sinceMs));
      tracker.killed(kill);
    }
    tracker.phase(cancelled ? 'cancelled' : 'failed');
    if (cancelled) throw new CancelledFailure('cancelled while the job was being submitted');
    throw kill === undefined ? error : submitGaveUp(steps, error, kill);
  }
  // A running attempt's result is delivered in spite of a cancel: the job is there, so it is killed.
  if (CancellationScope.current().consideredCancelled) {
    tracker.submitted(job);
    await killAndTell(steps, tracker, job);
    tracker.phase('cancelled');
    throw new CancelledFailure('cancelled while the job was being submitted');
  }
  return job;
}

async function awaitOrKill<Submitted extends SubmittedJob, Ended extends EndedJob, Result>(
  steps: RemoteJobSteps<Submitted, Ended, Result>,
  tracker: JobTracker,
  job: Submitted,
  deadlineAtMs: number,
): Promise<Ended> {
  try {
    return await steps.awaitEnd(job, deadlineAtMs);
  } catch (error) {
    const kill = await killAndTell(steps, tracker, job);
    const logged = await collectLogAlways(steps, job);
    if (isCancellation(error)) {
      tracker.phase('cancelled');
      throw error;
    }
    tracker.phase('failed');
    const { type, message } = awaitFailure(error);
    const report: FailureReport = { ...whereItRuns(steps, job), ...logged, kill };
    throw ApplicationFailure.create({
      message: `${message} (${killWords(kill)})`,
      type,
      nonRetryable: true,
      details: [report],
    });
  }
}

async function killAndTell<Submitted extends SubmittedJob, Ended extends EndedJob, Result>(
  steps: RemoteJobSteps<Submitted, Ended, Result>,
  tracker: JobTracker,
  job: Submitted,
): Promise<KillReport> {
  tracker.phase('killing');
  const kill = await killAlways(() => steps.kill(job), job.remoteId);
  tracker.killed(kill);
  return kill;
}

/** A kill is never cancelled itself, and a failing one is a report, not an exception. */
async function killAlways(kill: () => Promise<KillReport>, remoteId?: string): Promise<KillReport> {
  try {
    return await CancellationScope.nonCancellable(kill);
  } catch (error) {
    const evidence = `the kill could not be carried out: ${firstWords(error)}`.slice(0, 500);
    return { outcome: 'unconfirmed', remoteId, evidence };
  }
}

async function collectLogAlways<Submitted extends SubmittedJob, Ended extends EndedJob, Result>(
  steps: RemoteJobSteps<Submitted, Ended, Result>,
  job: Submitted,
): Promise<{ log?: LogRef; logTail?: string }> {
  try {
    return (await CancellationScope.nonCancellable(async () => steps.collectLog?.(job))) ?? {};
  } catch {
    // The log is a help; the failure that is being reported is what matters.
    return {};
  }
}

async function endedBadly<Submitted extends SubmittedJob, Ended extends EndedJob, Result>(
  steps: RemoteJobSteps<Submitted, Ended, Result>,
  job: Submitted,
  ended: Ended,
): Promise<ApplicationFailure> {
  const { errorCode, errorMessage, status } = ended;
  const report: FailureReport = {
    ...whereItRuns(steps, job),
    ...(await collectLogAlways(steps, job)),
    status,
    errorCode,
    errorMessage,
  };
  const words = [errorCode, errorMessage].filter((word) => word !== undefined && word !== '');
  const said = words.length > 0 ? `: ${words.join(' ')}` : ', without saying why';
  return ApplicationFailure.create({
    message: `${jobNouns[steps.vendor]} ${job.remoteId} ended as ${status}${said}`.slice(0, 1000),
    type: ended.outcome === 'cancelled' ? failureTypes.cancelledRemotely : failureTypes.failed,
    nonRetryable: true,
    details: [report],
  });
}

function whereItRuns(
  steps: { readonly vendor: Vendor },
  job: SubmittedJob,
): Pick<FailureReport, 'vendor' | 'connection' | 'remoteId'> {
  return { vendor: steps.vendor, connection: job.connection, remoteId: job.remoteId };
}

function submitGaveUp(
  steps: { readonly vendor: Vendor; readonly connection?: string },
  error: unknown,
  kill: KillReport,
): ApplicationFailure {
  // Where nothing was looked up, as for a job that is never deleted, it stays unknown too.
  const unknown = kill.outcome === 'unconfirmed' || kill.outcome === 'abandoned';
  const type = unknown ? failureTypes.submitOutcomeUnknown : failureTypeOf(error);
  const report: FailureReport = {
    vendor: steps.vendor,
    connection: steps.connection ?? '',
    remoteId: kill.remoteId,
    kill,
  };
  return ApplicationFailure.create({
    message: `the submit failed: ${firstWords(error)} (${killWords(kill)})`.slice(0, 1000),
    type: type ?? failureTypes.deadlineExceeded,
    nonRetryable: true,
    details: [report],
  });
}

/** The kill of a job that this package didn't submit: none. */
export function leftAlone(remoteId: string): Promise<KillReport> {
  return Promise.resolve({
    outcome: 'abandoned',
    remoteId,
    evidence: 'somebody else submitted this job, so it is left alone and may run on',
  });
}
