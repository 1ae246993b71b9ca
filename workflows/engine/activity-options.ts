import { ActivityCancellationType, type ActivityOptions, workflowInfo } from '@temporalio/workflow';
import { watchTaskQueue } from '../../src/contracts/names';

/** Every activity beats at least this often; a worker that died is noticed after it. */
const heartbeatTimeout = '20s';
/** Thousands wait, and each beat is a write of the server's: it learns later that their worker died. */
const waitHeartbeatTimeout = '90s';

/**
 * Submit: cancellable, and waited for. A shielded one would make the workflow deaf to a cancel for
 * as long as the service refuses; an abandoned one might submit after everybody has gone.
 */
export function submitOptions(timeoutMs: number): ActivityOptions {
  return {
    scheduleToCloseTimeout: timeoutMs,
    startToCloseTimeout: Math.min(timeoutMs, 30 * 60_000),
    // Not shorter: an attempt that only stalls, taken for dead, would submit beside its successor.
    heartbeatTimeout: '15s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  };
}

/**
 * Waiting: on a task queue of its own, and for as long as it takes. The interval grows with every
 * attempt, hand-overs included, so it must not grow at all. A cancel doesn't wait for the beat.
 */
export function waitOptions(deadlineAtMs: number): ActivityOptions {
  // The activity ends itself at the deadline; the server does so a little later if no worker lives.
  const remainingMs = Math.max(1000, deadlineAtMs - Date.now()) + 15_000;
  return {
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    scheduleToCloseTimeout: remainingMs,
    startToCloseTimeout: remainingMs,
    heartbeatTimeout: waitHeartbeatTimeout,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '1s', backoffCoefficient: 1 },
  };
}

/**
 * Fetching what an ended job left: retried for a day, so that an outage loses nothing.
 *
 * @param withinMs the longest time for it, in milliseconds, where the workflow has less
 */
export function collectOptions(withinMs = 24 * 3600_000): ActivityOptions {
  return {
    scheduleToCloseTimeout: withinMs,
    startToCloseTimeout: Math.min(withinMs, 6 * 3600_000),
    heartbeatTimeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  };
}

/** The log of a job that didn't succeed: a help, so nobody waits for it long. */
export function logOptions(): ActivityOptions {
  return { ...collectOptions(), scheduleToCloseTimeout: '1m', startToCloseTimeout: '1m' };
}

/**
 * Looking for twins: beside the wait, on its queue. It is cancelled when the job has ended, and its
 * answer is still wanted; a short heartbeat lets it know soon.
 */
export function twinOptions(): ActivityOptions {
  return {
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '15m',
    heartbeatTimeout: '5s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      initialInterval: '1s',
      backoffCoefficient: 2,
      maximumInterval: '10s',
      maximumAttempts: 20,
    },
  };
}

/**
 * Kill: bounded, because it runs where nothing can cancel it. After that the report says
 * `unconfirmed`, and the job is found by its key. The bounds count attempts: at most five minutes
 * within them (the activity sees to that, and answers `unconfirmed`), and about five minutes of
 * back-off between them, since a Retry-After counts as ten seconds at most (`killRetry`). Time in
 * which no worker lives is no attempt.
 */
export function killOptions(): ActivityOptions {
  return {
    startToCloseTimeout: '6m',
    heartbeatTimeout,
    retry: {
      initialInterval: '500ms',
      backoffCoefficient: 2,
      maximumInterval: '10s',
      maximumAttempts: 35,
    },
  };
}
