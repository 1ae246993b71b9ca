import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { ArtifactError } from '../src/artifacts/errors';
import { ConfigurationError } from '../src/config/errors';
import { defineActivity } from './define-activity';
import { describeMistakes, type Mistake } from '../src/contracts/findings';
import { remoteJobIdAttribute } from '../src/contracts/names';
import { invalidInput, toFailure } from './failure';
import type { ActivityResources } from './resources';
import type { ActivitySession } from './session';

/** How long a cancelled submit still waits for the reply that is under way, in milliseconds. */
const lastReplyMs = 10_000;

/** What an attempt leaves for the next one in its heartbeat. */
export interface SubmitCheckpoint<Note> {
  /** `no`: no attempt so far can have reached the service. Missing: an attempt began and may have. */
  readonly submitted?: 'no';
  /** What a vendor must remember from before the first request. */
  readonly note?: Note;
}

/**
 * A submitting activity: whatever makes it fail, its failure says whether the service may hold the
 * job. What fails before {@link submitOnce} (no such connection, say) has sent nothing itself.
 */
export function defineSubmit<Input, Output>(
  resources: ActivityResources,
  run: (input: Input, session: ActivitySession) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return defineActivity(resources, async (input: Input, session) => {
    try {
      return await run(input, session);
    } catch (error) {
      if (session.signal.aborted || error instanceof ApplicationFailure) throw error;
      const left = session.lastDetails<SubmitCheckpoint<unknown>>();
      const submitted = session.attempt === 1 || left?.submitted === 'no' ? 'no' : 'maybe';
      const redact = (text: string) => resources.secrets.redact(text);
      throw toFailure(error, session.attempt, redact, { submitted });
    }
  });
}

/** Throws `RemoteJob.InvalidInput` with every mistake. */
export function refuseMistakes(mistakes: readonly Mistake[]): void {
  if (mistakes.length > 0) throw invalidInput(describeMistakes(mistakes));
}

export interface SubmitSteps<Note, Submitted> {
  /** Runs once, before the first request of the first attempt; its note outlives crashes. */
  prepare?(signal: AbortSignal): Promise<Note>;
  /** Looks for a job that an earlier attempt made; only after an outcome that isn't certain. */
  probe(note: Note | undefined, signal: AbortSignal): Promise<Submitted | undefined>;
  submit(note: Note | undefined, signal: AbortSignal): Promise<Submitted>;
}

/**
 * Submits at most once per key as far as a service without idempotency keys allows: every attempt
 * after one whose outcome is unknown (lost reply, crash) probes for the key first and adopts what
 * it finds. A request that takes effect after the probe can still make a twin.
 */
export async function submitOnce<Note, Submitted>(
  resources: ActivityResources,
  session: ActivitySession,
  steps: SubmitSteps<Note, Submitted>,
): Promise<Submitted> {
  const left = session.lastDetails<SubmitCheckpoint<Note>>();
  // A note is recorded before the first request, so where one is due and missing nothing was sent.
  const neverSent = steps.prepare !== undefined && left?.note === undefined;
  const surelyFirst = session.attempt === 1 || left?.submitted === 'no' || neverSent;
  let note = left?.note;
  let sending = false;
  try {
    if (note === undefined && surelyFirst) note = await steps.prepare?.(session.signal);
    if (!surelyFirst) {
      const found = await steps.probe(note, session.signal);
      if (found !== undefined) return found;
    }
    // From here on a crash must read as "may have been sent".
    if (note !== undefined || left !== undefined) {
      await session.record({ note } satisfies SubmitCheckpoint<Note>);
    }
    // A cancel or a shutdown that is known by now: nothing is begun any more.
    session.signal.throwIfAborted();
    sending = true;
    return await steps.submit(note, afterLastReply(session.signal));
  } catch (error) {
    const submitted = surelyFirst && (!sending || surelyNotSent(error)) ? 'no' : 'maybe';
    if (submitted === 'no') session.beat({ submitted, note } satisfies SubmitCheckpoint<Note>);
    if (session.signal.aborted) throw error;
    const redact = (text: string) => resources.secrets.redact(text);
    throw toFailure(error, session.attempt, redact, { submitted });
  }
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
