import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowUpdateHandle,
  WorkflowUpdateStage,
} from '@temporalio/client';
import { ApplicationFailure, type Workflow } from '@temporalio/common';
import {
  chainMessages,
  chainWorkflowId,
  type ChainRequest,
  type RefreshAnswer,
} from '../../src/contracts/chain';
import {
  chainWorkflowTypes,
  type AskAgain,
  type AskChainInput,
  type ChainIdentity,
} from '../../src/contracts/chain-asking';
import { failureTypes, type FailureType } from '../../src/contracts/failure-types';
import { validateChainRefresh } from '../../src/contracts/validate-chain';
import { isOpen } from '../../src/contracts/workflow-status';
import { definiteFailure, passingFailure } from '../failure';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { refuseMistakes } from '../submission';

interface AskCheckpoint {
  /** The chain has the request: if there is no chain any more, it was ended, and none is started. */
  readonly accepted?: boolean;
}

type Answer = RefreshAnswer | AskAgain;

/** What a chain says no with; anything else that goes wrong with an update is asked again. */
const refusals: ReadonlySet<string> = new Set<FailureType>([
  failureTypes.invalidInput,
  failureTypes.chainQueueFull,
  failureTypes.chainRefused,
]);
/** The server's word for an update whose run ended before it was answered, as by continue-as-new. */
const runEnded = 'AcceptedUpdateCompletedWorkflow';
const beforeAskingAgainMs = 100;

/** Has a chain refreshed, and waits for the outcome. */
export async function askChain(
  { connections }: ActivityResources,
  input: AskChainInput,
  session: ActivitySession,
): Promise<RefreshAnswer> {
  refuseMistakes(validateChainRefresh(input.request));
  // A chain of a misspelt connection would stay in the list for ever.
  await connections.sqlflow(input.request.connection);
  return await holdRequest(input, session);
}

/** Takes a request back, and waits for the outcome that proves it. */
export async function withdrawRefresh(
  input: AskChainInput,
  session: ActivitySession,
): Promise<RefreshAnswer> {
  const { workflow } = Context.current().client;
  // With a start: the request may still be on its way to a chain that doesn't exist yet.
  await session.untilAborted(
    temporal(() =>
      workflow.signalWithStart(chainWorkflowTypes.chain, {
        ...chainStart(input),
        signal: chainMessages.withdraw,
        signalArgs: [input.requestId],
      }),
    ),
  );
  return await holdRequest(input, session);
}

async function holdRequest(input: AskChainInput, session: ActivitySession): Promise<RefreshAnswer> {
  const { client } = Context.current();
  let accepted = session.lastDetails<AskCheckpoint>()?.accepted === true;
  for (;;) {
    session.signal.throwIfAborted();
    const handle = await session.untilAborted(sendRequest(client, input, accepted));
    if (!accepted) {
      accepted = true;
      await temporal(() => session.record({ accepted } satisfies AskCheckpoint));
    }
    const answer = await session.untilAborted(answerOf(handle));
    if (!('pending' in answer)) return answer;
    await session.untilAborted(refuseWhereEnded(client, handle.workflowId));
    await sleep(beforeAskingAgainMs, undefined, { signal: session.signal });
  }
}

function sendRequest(
  { workflow }: Client,
  input: AskChainInput,
  accepted: boolean,
): Promise<WorkflowUpdateHandle<Answer>> {
  const request: ChainRequest = { ...input.request, requestId: input.requestId };
  const update = {
    args: [request] as [ChainRequest],
    updateId: input.requestId,
    waitForStage: WorkflowUpdateStage.ACCEPTED as 'ACCEPTED',
  };
  const { workflowId, ...start } = chainStart(input);
  return temporal(() =>
    accepted
      ? workflow
          .getHandle(workflowId)
          .startUpdate<Answer, [ChainRequest]>(chainMessages.refresh, update)
      : workflow.startUpdateWithStart<Workflow, Answer, [ChainRequest]>(chainMessages.refresh, {
          ...update,
          startWorkflowOperation: new WithStartWorkflowOperation(chainWorkflowTypes.chain, {
            ...start,
            workflowId,
            workflowIdConflictPolicy: 'USE_EXISTING',
          }),
        }),
  );
}

function chainStart({ request: { connection, chain }, taskQueue }: AskChainInput) {
  const identity: ChainIdentity = { connection, name: chain };
  return {
    workflowId: chainWorkflowId(connection, chain),
    taskQueue,
    args: [identity] as [ChainIdentity],
  };
}

async function answerOf(handle: WorkflowUpdateHandle<Answer>): Promise<Answer> {
  try {
    return await temporal(() => handle.result());
  } catch (error) {
    if (error instanceof RunEndedError) return { pending: true };
    throw error;
  }
}

/**
 * A run that was terminated answers like one that continued as new, and would do so for ever: the
 * server holds a repeated update to the one that it knows.
 */
async function refuseWhereEnded({ workflow }: Client, workflowId: string): Promise<void> {
  const { status } = await temporal(() => workflow.getHandle(workflowId).describe());
  if (!isOpen(status.name)) throw chainEnded();
}

function chainEnded() {
  return definiteFailure(
    failureTypes.chainEnded,
    'the chain was ended while this refresh waited for it; see "remote-jobs chain show", and ask again for another one',
  );
}

/** The run that held the update has ended; the chain may go on in another one. */
class RunEndedError extends Error {
  override readonly name = 'RunEndedError';
}

/**
 * A call to Temporal. A refusal of the chain is definite; whatever else keeps it from answering is a
 * passing fault, such as an eleventh update at once (RESOURCE_EXHAUSTED) or a server that is away:
 * given up, the request would run on with nobody waiting for it.
 */
async function temporal<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw chainEnded();
    if (error instanceof WorkflowUpdateFailedError) {
      const { cause } = error;
      const type = cause instanceof ApplicationFailure ? (cause.type ?? '') : '';
      if (type === runEnded) throw new RunEndedError();
      if (refusals.has(type)) throw definiteFailure(type as FailureType, cause?.message ?? '');
    }
    const words = error instanceof Error ? [error.message, error.cause] : [error];
    throw passingFailure(
      failureTypes.temporalUnavailable,
      `the chain could not be asked: ${words.map(String).join(': ')}`,
    );
  }
}
