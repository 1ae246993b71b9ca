import { ApplicationFailure } from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import { cutTexts } from '../../src/contracts/history-size';
import type {
  EndedJob,
  FailureReport,
  KillReport,
  SubmissionHistory,
  SubmittedJob,
} from '../../src/contracts/job';
import { jobNouns, type Vendor } from '../../src/contracts/names';
import { awaitFailure, failureTypeOf, firstWords, killWords } from './failure-words';

type Where = Pick<FailureReport, 'vendor' | 'connection' | 'remoteId'>;
type Logged = Pick<FailureReport, 'log' | 'logTail'>;

/** The submit gave up; a kill by key has seen to whatever it may have left. */
export function submitGaveUp(
  where: Where,
  error: unknown,
  kill: KillReport,
  history: SubmissionHistory,
): ApplicationFailure {
  // Where nothing was looked up, as for a job that is never deleted, it stays unknown too.
  const unknown = kill.outcome === 'unconfirmed' || kill.outcome === 'abandoned';
  const type = unknown ? failureTypes.submitOutcomeUnknown : failureTypeOf(error);
  return failure(
    type ?? failureTypes.deadlineExceeded,
    `the submit failed: ${firstWords(error)} (${killWords(kill)})`,
    { ...where, ...history, remoteId: kill.remoteId, kill },
  );
}

/** The wait was left before the job's end: by its deadline, or because it can't be asked any more. */
export function waitGaveUp(
  where: Where,
  error: unknown,
  more: Logged & SubmissionHistory & { readonly kill: KillReport },
): ApplicationFailure {
  const { type, message } = awaitFailure(error);
  return failure(type, `${message} (${killWords(more.kill)})`, { ...where, ...more });
}

/** The job ended, and not well. */
export function endedBadly(
  vendor: Vendor,
  job: SubmittedJob,
  ended: EndedJob,
  more: Logged & SubmissionHistory & { readonly kill?: KillReport },
): ApplicationFailure {
  const { errorCode, errorMessage, status } = ended;
  const words = [errorCode, errorMessage].filter((word) => word !== undefined && word !== '');
  const said = words.length > 0 ? `: ${words.join(' ')}` : ', without saying why';
  const again =
    more.failedBefore === undefined ? '' : ` (submitted ${more.failedBefore.length + 1} times)`;
  return failure(
    ended.outcome === 'cancelled' ? failureTypes.cancelledRemotely : failureTypes.failed,
    `${jobNouns[vendor]} ${job.remoteId} ended as ${status}${said}${again}`,
    { ...whereItRuns(vendor, job), ...more, status, errorCode, errorMessage },
  );
}

export function whereItRuns(vendor: Vendor, job: SubmittedJob): Where {
  return { vendor, connection: job.connection, remoteId: job.remoteId };
}

/** Characters of one text in a report; a log's tail has 4,096. */
const mostWords = 5000;

function failure(type: string, message: string, report: FailureReport): ApplicationFailure {
  return ApplicationFailure.create({
    message: message.slice(0, 1000),
    type,
    nonRetryable: true,
    // A service's own words may be of any length, and over 2 MiB of them would end the workflow.
    details: [cutTexts(report, mostWords)],
  });
}
