import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { failureTypes } from '../../src/contracts/failure-types';
import { endedBy, endedUnknown, endedWith } from '../../src/contracts/pipeline-ends';
import type { AwaitedSteps, AwaitStepsInput, StepEnd } from '../../src/contracts/pipeline-steps';
import { passingFailure } from '../failure';
import type { ActivitySession } from '../session';
import { untilClosed } from './until-closed';

/** After the first end others may be near: together they are one answer, in milliseconds. */
const gatherMs = 100;

type Step = AwaitStepsInput['steps'][number];

export async function awaitSteps(
  { steps }: AwaitStepsInput,
  session: ActivitySession,
): Promise<AwaitedSteps> {
  const { client } = Context.current();
  const ended: Record<string, StepEnd> = {};
  const answered = new AbortController();
  const signal = AbortSignal.any([session.signal, answered.signal]);
  const waits = steps.map(async (step) => {
    const end = await endOf(client, step, signal);
    if (end !== undefined) ended[step.name] = end;
  });
  try {
    await session.untilAborted(Promise.race(waits));
    await sleep(gatherMs, undefined, { signal: session.signal });
    return { ended: { ...ended } };
  } catch (error) {
    session.signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    throw passingFailure(
      failureTypes.temporalUnavailable,
      `Temporal could not be asked how the steps end: ${words}`,
    );
  } finally {
    answered.abort();
    // Their calls end by themselves within half a minute, and nobody wants to know how.
    for (const wait of waits) wait.catch(() => undefined);
  }
}

/** Waits for one step, however long it takes and however often it is tried again. */
async function endOf(
  client: Client,
  { kind, workflowId, runId }: Step,
  signal: AbortSignal,
): Promise<StepEnd | undefined> {
  try {
    const lastRunId = await untilClosed(client, { workflowId, runId }, signal);
    if (lastRunId === undefined) return undefined;
    return endedWith(
      kind,
      await client.workflow.getHandle(workflowId, lastRunId || undefined).result(),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return endedUnknown('Temporal has forgotten it');
    if (!(error instanceof WorkflowFailedError)) throw error;
    return endOfFailure(error);
  }
}

function endOfFailure({ cause, message }: WorkflowFailedError): StepEnd {
  if (cause instanceof CancelledFailure) {
    return { standing: 'cancelled', words: 'it was cancelled' };
  }
  let failure: Error | undefined = cause;
  while (!(failure instanceof ApplicationFailure) && failure?.cause instanceof Error) {
    failure = failure.cause;
  }
  if (failure instanceof ApplicationFailure) {
    return endedBy(failure.type ?? undefined, failure.message, failure.details?.[0]);
  }
  return endedUnknown(failure?.message ?? message);
}
