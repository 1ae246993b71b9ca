import { Context } from '@temporalio/activity';
import { ApplicationFailure, type TemporalFailure } from '@temporalio/common';
import { ArtifactError } from '../src/artifacts/errors';
import { ConfigurationError } from '../src/config/errors';
import { defineActivity } from './define-activity';
import { failureTypes } from '../src/contracts/failure-types';
import { describeMistakes, type Mistake } from '../src/contracts/findings';
import type { SubmittedJob } from '../src/contracts/job';
import { remoteJobIdAttribute, type Vendor } from '../src/contracts/names';
import { definiteFailure, invalidInput, passingFailure, toBeTold, toFailure } from './failure';
import { countSubmit } from './metrics';
import { noticesOfEnds } from '../src/contracts/notify';
import { asking } from './notify/asking';
import type { ActivityResources } from './resources';
import type { ActivitySession } from './session';

/** How long a cancelled submit still waits for the reply that is under way, in milliseconds. */
const lastReplyMs = 10_000;
/** How long before the server gives an attempt up it ends by itself: with the last reply, in milliseconds. */
const ownEndMs = 15_000;

/** What an attempt leaves for the next one in its heartbeat. */
export interface SubmitCheckpoint<Note> {
  /**
   * Requests so far that may have taken effect, or may yet. Only a first attempt leaves none at all,
   * when it ends by a crash: it counts as one.
   */
  readonly maySent?: number;
  /** What a vendor must remember from before the first request. */
  readonly note?: Note;
}

/**
 * A submitting activity: whatever makes it fail, its failure says whether the service may hold the
 * job. What fails before {@link submitOnce} (no such connection, say) has sent nothing itself.
 */
export function defineSubmit<Input, Output extends SubmittedJob>(
  resources: ActivityResources,
  vendor: Vendor,
  run: (input: Input, session: ActivitySession) => Promise<Output>,
): (input: Input) => Promise<Output> {
  const tellsEnd = wantsEnds(resources);
  const submit = defineActivity(resources, async (input: Input, session) => {
    try {
      const submitted = await run(input, session);
      countSubmit(vendor, submitted);
      return { ...submitted, ...tellsEnd };
    } catch (error) {
      if (session.signal.aborted) throw error;
      const failure = submitFailure(resources, session, error);
      const asked = tellsEnd.tellsEnd === true && failure instanceof ApplicationFailure;
      throw asked ? toBeTold(failure) : failure;
    }
  });
  return asking(resources, noticesOfEnds, submit);
}

function submitFailure(
  resources: ActivityResources,
  session: ActivitySession,
  error: unknown,
): TemporalFailure {
  const maySent = maySentBefore(session);
  // The next attempt would else have to think that this one may have sent something.
  session.beat({ ...session.lastDetails<object>(), maySent });
  const submitted = maySent === 0 ? 'no' : 'maybe';
  // An earlier attempt may have sent what this worker's tighter rules refuse.
  const refused = error instanceof ApplicationFailure && error.type === failureTypes.invalidInput;
  if (refused) return invalidInput(error.message, submitted);
  if (error instanceof ApplicationFailure) return error;
  const redact = (text: string) => resources.secrets.redact(text);
  return toFailure(error, session.attempt, redact, { submitted });
}

/** For what a submit or an attach answers: whether the workflow is to tell of the job's end. */
export function wantsEnds({
  hooks,
}: Pick<ActivityResources, 'hooks'>): Pick<SubmittedJob, 'tellsEnd'> {
  return hooks?.afterEnd === undefined ? {} : { tellsEnd: true };
}

/** Throws `RemoteJob.InvalidInput` with every mistake. */
export function refuseMistakes(mistakes: readonly Mistake[]): void {
  if (mistakes.length > 0) throw invalidInput(describeMistakes(mistakes));
}

export interface SubmitSteps<Note, Submitted> {
  /** Runs before the first request that may take effect; its note outlives crashes. */
  prepare?(signal: AbortSignal): Promise<Note>;
  /**
   * Looks for the jobs that earlier attempts made; only after an outcome that isn't certain. The
   * first one is adopted.
   */
  probe(note: Note | undefined, signal: AbortSignal): Promise<readonly Submitted[]>;
  submit(note: Note | undefined, signal: AbortSignal): Promise<Submitted>;
}

/**
 * Submits at most once per key as far as a service without idempotency keys allows: every attempt
 * after one whose outcome is unknown (lost reply, crash) probes for the key first and adopts what
 * it finds. A request that takes effect after the probe can still make a twin; where that can be,
 * the answer says so, and the workflow has twins looked for.
 */
export async function submitOnce<Note, Submitted extends SubmittedJob>(
  resources: ActivityResources,
  session: ActivitySession,
  steps: SubmitSteps<Note, Submitted>,
): Promise<Submitted> {
  const left = session.lastDetails<SubmitCheckpoint<Note>>();
  // A note is recorded before the first request, so where one is due and missing nothing was sent.
  const neverSent = steps.prepare !== undefined && left?.note === undefined;
  const sentBefore = neverSent ? 0 : maySentBefore(session);
  const surelyFirst = sentBefore === 0;
  let note = left?.note;
  let sending = false;
  // The server would give the attempt up with its request under way, and nobody hear of its effect.
  const deadline = AbortSignal.timeout(
    ownTimeMs(Math.min(session.timeLeftMs, session.attemptTimeMs)),
  );
  const signal = AbortSignal.any([session.signal, deadline]);
  try {
    if (surelyFirst && steps.prepare !== undefined) note = await steps.prepare(signal);
    if (!surelyFirst) {
      const [adopted, ...others] = await steps.probe(note, signal);
      if (adopted !== undefined) return told(adopted, others.length > 0 || sentBefore > 1);
    }
    // From here on a crash must read as "may have been sent". A first attempt spares the call: a
    // crash of it leaves nothing, which reads the same.
    if (note !== undefined || session.attempt > 1) {
      const checkpoint: SubmitCheckpoint<Note> = { note, maySent: sentBefore + 1 };
      if ((await session.record(checkpoint)).cancelled) throw new NotBegunError();
    }
    // A cancel or a shutdown that is known by now: nothing is begun any more.
    signal.throwIfAborted();
    sending = true;
    return told(await steps.submit(note, afterLastReply(signal)), !surelyFirst);
  } catch (error) {
    const maySent = sentBefore + (sending && !surelyNotSent(error) ? 1 : 0);
    session.beat({ maySent, note } satisfies SubmitCheckpoint<Note>);
    const submitted = maySent === 0 ? 'no' : 'maybe';
    if (session.signal.aborted) throw error;
    if (deadline.aborted) {
      const words = 'the time for the submit was up before the service had answered';
      if (session.timeLeftMs > ownEndMs) {
        throw passingFailure(failureTypes.unreachable, words, { submitted });
      }
      throw definiteFailure(failureTypes.deadlineExceeded, words, { submitted });
    }
    const redact = (text: string) => resources.secrets.redact(text);
    throw toFailure(error, session.attempt, redact, { submitted });
  }
}

/** The server has said "cancelled" before the SDK's signal does: the failure ends the activity. */
class NotBegunError extends Error {
  override readonly name = 'NotBegunError';

  constructor() {
    super('the submit was cancelled before it was sent');
  }
}

/** Room for the last reply and for the word of it; less of both where there is little time at all. */
function ownTimeMs(timeLeftMs: number): number {
  const longestTimerMs = 2 ** 31 - 1;
  const ownMs = timeLeftMs - Math.min(ownEndMs, timeLeftMs / 4);
  return Math.max(0, Math.floor(Math.min(ownMs, longestTimerMs)));
}

function maySentBefore(session: ActivitySession): number {
  const left = session.lastDetails<SubmitCheckpoint<unknown>>();
  return left?.maySent ?? (session.isFirstAttempt ? 0 : 1);
}

function told<Submitted extends SubmittedJob>(job: Submitted, mayHaveTwin: boolean): Submitted {
  return mayHaveTwin ? { ...job, mayHaveTwin } : job;
}

/**
 * The clients' errors say whether a request can have taken effect; a secret or a staged file that
 * this worker lacks is found out while the request is put together.
 */
function surelyNotSent(error: unknown): boolean {
  if (error instanceof ConfigurationError || error instanceof ArtifactError) return true;
  return (error as { sent?: unknown }).sent === 'no';
}

/**
 * A cancel lets the request under way finish for a moment: its reply names the job, which is then
 * killed by its id, at once. Without the reply it would have to be looked for.
 */
function afterLastReply(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  signal.addEventListener(
    'abort',
    () => setTimeout(() => late.abort(signal.reason), lastReplyMs).unref(),
    { once: true },
  );
  return late.signal;
}

/** Whether {@link remoteJobIdAttribute} is registered; a service that can't say counts as no. */
export async function hasSearchAttribute(session: ActivitySession): Promise<boolean> {
  const { client, info } = Context.current();
  try {
    const answer = await session.untilAborted(
      client.connection.operatorService.listSearchAttributes({
        namespace: info.workflowNamespace,
      }),
    );
    return answer.customAttributes?.[remoteJobIdAttribute] !== undefined;
  } catch {
    return false;
  }
}
