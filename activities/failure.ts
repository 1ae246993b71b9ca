import { inspect } from 'node:util';
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  TemporalFailure,
} from '@temporalio/common';
import { ArtifactError, type ArtifactErrorCode } from '../src/artifacts/errors';
import { StagingError } from '../src/artifacts/staging';
import { TableError } from '../src/artifacts/table-error';
import { RunVariableError } from '../src/calendar/render';
import {
  HttpError,
  IncompleteError,
  InputError,
  TransportError,
  VendorError,
  WireError,
} from '../src/clients/http/errors';
import { ConfigurationError } from '../src/config/errors';
import { SubmitRefusedError } from '../src/contracts/hooks';
import type { SubmitFailureReport } from '../src/contracts/job';
import { LimitError } from '../src/contracts/limits';
import { failureTypes, type FailureType } from '../src/contracts/failure-types';
import { LineageError } from '../src/lineage/errors';
import { ExpressionError } from '../src/pipeline-files/render-body';

/** Longer messages lose their type and details between attempts. Bytes: a Chinese word has three a character. */
const longestMessageBytes = 1000;
/**
 * What may be a passing fault or a lasting one is tried this often, then believed: some minutes, or
 * about an hour where a person has to mend it and the remote job's results wait.
 */
const attemptsUntilBelieved = { bounded: 10, patient: 70 } as const;
/** A service that asks for more time is asked again after this, in milliseconds. */
const longestDelayMs = 15 * 60_000;

interface Verdict {
  /** One of `failureTypes`, or an unforeseen error's own name. */
  readonly type: string;
  readonly retry: boolean | keyof typeof attemptsUntilBelieved;
  readonly retryAfterMs?: number;
}

const vendorVerdicts: Record<VendorError['kind'], Verdict> = {
  auth: { type: failureTypes.notLoggedIn, retry: false },
  licence: { type: failureTypes.refused, retry: false },
  notFound: { type: failureTypes.notFound, retry: false },
  refused: { type: failureTypes.rejected, retry: false },
  busy: { type: failureTypes.busy, retry: true },
  server: { type: failureTypes.unexpectedAnswer, retry: 'bounded' },
};

const artifactVerdicts: Record<ArtifactErrorCode, Verdict> = {
  'Artifacts.NotFound': { type: failureTypes.configuration, retry: false },
  // A share that is being mounted again, a mode that somebody mends.
  'Artifacts.NotWritable': { type: failureTypes.configuration, retry: 'patient' },
  'Artifacts.BadKey': { type: failureTypes.invalidInput, retry: false },
  'Artifacts.Unreachable': { type: failureTypes.unreachable, retry: true },
  'Artifacts.Full': { type: failureTypes.storeFull, retry: true },
  // Another attempt kept lines meanwhile; the next one goes on behind them.
  'Artifacts.LogGap': { type: failureTypes.logGap, retry: 'bounded' },
  'Artifacts.PartGone': { type: failureTypes.incompleteResult, retry: 'bounded' },
  // Read from a cache or a share that lags, it may be whole the next time.
  'Artifacts.Damaged': { type: failureTypes.invalidInput, retry: 'bounded' },
};

/** What came was cut off on its way, or while the service still wrote it. */
const mayPass = new Set(['SqlFlow.Truncated', 'Linkis.RowsMissing', 'Linkis.ColumnsChanged']);

function httpVerdict({ status, retryAfterMs }: HttpError): Verdict {
  if (status === 429 || status === 503)
    return { type: failureTypes.busy, retry: true, retryAfterMs };
  // 408: the service, or a proxy, gave up waiting for the request.
  if (status >= 500 || status === 408) {
    return { type: failureTypes.unreachable, retry: true, retryAfterMs };
  }
  if (status === 401 || status === 403) return { type: failureTypes.notLoggedIn, retry: false };
  return { type: failureTypes.rejected, retry: false };
}

function verdict(error: unknown): Verdict {
  if (
    error instanceof InputError ||
    error instanceof StagingError ||
    error instanceof RunVariableError ||
    error instanceof ExpressionError
  ) {
    return { type: failureTypes.invalidInput, retry: false };
  }
  if (error instanceof SubmitRefusedError) {
    return { type: failureTypes.refusedByPolicy, retry: false };
  }
  if (error instanceof ConfigurationError) {
    return { type: failureTypes.configuration, retry: false };
  }
  if (error instanceof LineageError) {
    const isTooLarge = error.code === 'Lineage.TooLarge';
    return {
      type: isTooLarge ? failureTypes.tooLarge : failureTypes.incompleteResult,
      retry: false,
    };
  }
  if (error instanceof LimitError) return { type: failureTypes.tooLarge, retry: false };
  if (error instanceof ArtifactError) return artifactVerdicts[error.code];
  if (error instanceof TableError) return { type: failureTypes.incompleteResult, retry: false };
  if (error instanceof TransportError) return { type: failureTypes.unreachable, retry: true };
  if (error instanceof HttpError) return httpVerdict(error);
  if (error instanceof VendorError) return vendorVerdicts[error.kind];
  if (error instanceof WireError) return { type: failureTypes.unexpectedAnswer, retry: 'bounded' };
  if (error instanceof IncompleteError) {
    const retry = mayPass.has(error.reason) ? 'bounded' : false;
    return { type: failureTypes.incompleteResult, retry };
  }
  return { type: nameOf(error), retry: 'bounded' };
}

/** True where the same call may well succeed later: the service is busy, or can't be reached. */
export function isPassing(error: unknown): boolean {
  return verdict(error).retry === true;
}

/** Which doubt it leaves, where nothing tells a passing fault from a lasting one. */
export function doubtOf(error: unknown): keyof typeof attemptsUntilBelieved | undefined {
  const { retry } = verdict(error);
  return typeof retry === 'string' ? retry : undefined;
}

/** True where nothing tells a passing fault from a lasting one. */
export function isDoubtful(error: unknown): boolean {
  return doubtOf(error) !== undefined;
}

/**
 * The one place where an error becomes a failure that Temporal records: typed, at most 1,000
 * bytes, without secrets, and without the original error, whose stack and fields would persist.
 *
 * @param attempt how often there was such an error: decides when a doubt is believed.
 * @param report a submit's word on whether the service may hold the job; it becomes the details.
 * @param mostDelayMs the longest wait for which a service's Retry-After is heard.
 */
export function toFailure(
  error: unknown,
  attempt: number,
  redact: (text: string) => string,
  report?: SubmitFailureReport,
  mostDelayMs = longestDelayMs,
): TemporalFailure {
  if (error instanceof ApplicationFailure) return withoutStack(error);
  if (error instanceof TemporalFailure) return error;
  const { type, retry, retryAfterMs } = verdict(error);
  return withoutStack(
    ApplicationFailure.create({
      message: shortened(redact(wordsOf(error))),
      type,
      nonRetryable: typeof retry === 'string' ? attempt >= attemptsUntilBelieved[retry] : !retry,
      // 0 would fail the activity for good, and a delay isn't capped by the policy.
      nextRetryDelay:
        retryAfterMs === undefined
          ? undefined
          : Math.min(Math.max(retryAfterMs, 1000), mostDelayMs),
      details: report === undefined ? [] : [report],
    }),
  );
}

/** Whatever was thrown, in words; even what has none, or lies about them. */
function wordsOf(error: unknown): string {
  const words: unknown = error instanceof Error ? error.message : error;
  return typeof words === 'string' ? words : inspect(words, { depth: 0 });
}

function nameOf(error: unknown): string {
  const name: unknown = error instanceof Error ? error.name : undefined;
  return typeof name === 'string' && /^\w{1,50}$/.test(name) ? name : 'Error';
}

/** Cut between characters, never through one. */
function shortened(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= longestMessageBytes) return message;
  return new TextDecoder().decode(bytes.subarray(0, longestMessageBytes), { stream: true });
}

/** Where in our code a failure came up is nobody's business who reads a history, and takes space. */
function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = `${failure.name}: ${failure.message}`;
  return failure;
}

/** Wrong input, every mistake named. */
export function invalidInput(
  message: string,
  submitted: SubmitFailureReport['submitted'] = 'no',
): ApplicationFailure {
  return definiteFailure(failureTypes.invalidInput, message, { submitted });
}

/** A definite end, in a sentence: what no repeat would change. */
export function definiteFailure(
  type: FailureType,
  message: string,
  report?: SubmitFailureReport,
): ApplicationFailure {
  const details = report === undefined ? [] : [report];
  return ApplicationFailure.nonRetryable(shortened(message), type, ...details);
}

/** What the same call may well get over later. */
export function passingFailure(
  type: FailureType,
  message: string,
  report?: SubmitFailureReport,
): ApplicationFailure {
  const details = report === undefined ? [] : [report];
  return withoutStack(ApplicationFailure.retryable(shortened(message), type, ...details));
}

/** The SDK sends the last heartbeat before this failure, so the next attempt has the checkpoint. */
export function handedOver(): ApplicationFailure {
  return withoutStack(
    ApplicationFailure.create({
      message: 'this worker shuts down; another one goes on with the job',
      type: failureTypes.handedOver,
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: '200ms',
    }),
  );
}

/** A failed submit whose end somebody wants to hear of; the workflow reads it in the details. */
export function toBeTold(failure: ApplicationFailure): ApplicationFailure {
  const report = failure.details?.[0] as SubmitFailureReport | undefined;
  if (report?.submitted === undefined) return failure;
  const told: SubmitFailureReport = { ...report, tellsEnd: true };
  return Object.assign(failure, { details: [told] });
}
