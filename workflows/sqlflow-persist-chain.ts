import {
  allHandlersFinished,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  chainMessages,
  chainWorkflowId,
  refreshWorkflowId,
  type ChainRequest,
  type ChainState,
  type JobHeld,
  type RefreshAnswer,
  type RefreshInput,
} from '../src/contracts/chain';
import {
  chainRefreshMemoKey,
  chainWorkflowTypes,
  type AdoptedJob,
  type AdoptRequest,
  type AskAgain,
  type ChainRefreshMemo,
  type ForgetRequest,
} from '../src/contracts/chain-asking';
import { failureTypes } from '../src/contracts/failure-types';
import { remoteJobMemoKey } from '../src/contracts/names';
import { validateNote } from '../src/contracts/validate-chain';
import { adoptJob } from './chain/adopt-job';
import { afterBroken, afterDone } from './chain/after-refresh';
import { isBlank, openChain, stateOf, type ChainStart } from './chain/carried';
import { ChainDesk, refuseMistakes } from './chain/chain-desk';
import { brokenRefresh } from './chain/refresh-end';
import type { sqlflowRefresh } from './sqlflow-refresh';

/** A run of this many events hands over to the next one: some fifteen refreshes. */
const longestHistory = 250;

interface PauseRequest {
  readonly note?: string;
}

const refreshUpdate = defineUpdate<RefreshAnswer | AskAgain, [ChainRequest]>(chainMessages.refresh);
const adoptUpdate = defineUpdate<AdoptedJob | AskAgain, [AdoptRequest]>(chainMessages.adopt);
const pauseUpdate = defineUpdate<void, [PauseRequest]>(chainMessages.pause);
const resumeUpdate = defineUpdate(chainMessages.resume);
const forgetUpdate = defineUpdate<void, [ForgetRequest]>(chainMessages.forget);
const withdrawSignal = defineSignal<[string]>(chainMessages.withdraw);
const heldSignal = defineSignal<[JobHeld]>(chainMessages.held);
/** What a chain holds; answered also after its end, as long as Temporal remembers it. */
export const chainStateQuery = defineQuery<ChainState>(chainMessages.state);

/**
 * A persist chain: the only writer of its SQLFlow job, for years. It does one refresh at a time,
 * each as a child `sqlflowRefresh`, and carries what it knows from run to run. It is started by the
 * first request; see `sqlflowRefreshRequest`.
 */
export async function sqlflowPersistChain(start: ChainStart): Promise<void> {
  const desk = new ChainDesk(openChain(start));
  listen(desk);
  try {
    await work(desk);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    desk.end(chainCancelled);
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
    throw error;
  }
  await condition(allHandlersFinished);
}

const chainCancelled = 'the chain was cancelled';

/** One thing at a time, until the chain has an end. */
async function work(desk: ChainDesk): Promise<void> {
  while (desk.ending === undefined) {
    // Also where nothing is to be done: what a paused chain skips makes its history longer.
    await condition(() => desk.hasWork || desk.ending !== undefined || isLong());
    if (isLong()) await handOver(desk);
    const adoption = desk.adopting;
    if (adoption !== undefined) {
      desk.adopted(adoption, await adoptJob(desk.chain, adoption.request));
      // Begun by a wish that came to nothing.
      if (isBlank(desk.chain) && !desk.hasWork) return;
      continue;
    }
    const input = desk.begin();
    if (input !== undefined) await refresh(desk, input);
  }
}

function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > longestHistory;
}

async function refresh(desk: ChainDesk, input: RefreshInput): Promise<void> {
  const { connection, chain, requestId } = input.request;
  const workflowId = refreshWorkflowId(chainWorkflowId(connection, chain), requestId);
  const whose: ChainRefreshMemo = { connection, name: chain, requestId };
  try {
    const done = await desk.cancellable(() =>
      executeChild<typeof sqlflowRefresh>(chainWorkflowTypes.refresh, {
        workflowId,
        args: [input],
        // What ran once is never run again, also where the chain has forgotten it.
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        memo: {
          [remoteJobMemoKey]: { vendor: 'sqlflow', connection },
          [chainRefreshMemoKey]: whose,
        },
      }),
    );
    desk.update(afterDone(desk.chain, input, done));
  } catch (error) {
    const cancelled = CancellationScope.current().consideredCancelled;
    const own = cancelled ? { type: failureTypes.chainEnded, message: chainCancelled } : undefined;
    desk.update(afterBroken(desk.chain, input, brokenRefresh(error, desk.cancelling ?? own)));
  }
}

/** Goes on in a new run, with all that waits. Whoever holds an update is told to ask again. */
async function handOver(desk: ChainDesk): Promise<void> {
  desk.leaving = true;
  await condition(allHandlersFinished);
  // One of them may have ended the chain.
  if (desk.ending === undefined) await continueAsNew<typeof sqlflowPersistChain>(desk.chain);
}

function listen(desk: ChainDesk): void {
  setHandler(chainStateQuery, () => stateOf(desk.chain));
  setHandler(refreshUpdate, (request) => desk.refresh(request), {
    validator: (request: ChainRequest) => desk.checkRequest(request),
  });
  setHandler(adoptUpdate, (request) => desk.adopt(request), {
    validator: (request: AdoptRequest) => desk.checkAdoption(request),
  });
  setHandler(pauseUpdate, ({ note }) => desk.pause(note), {
    validator: ({ note }: PauseRequest) => refuseMistakes(validateNote(note)),
  });
  setHandler(resumeUpdate, () => desk.resume());
  setHandler(forgetUpdate, () => desk.forget(), {
    validator: (request: ForgetRequest) => desk.checkForget(request),
  });
  setHandler(withdrawSignal, (requestId) => desk.withdraw(requestId));
  setHandler(heldSignal, (held) => desk.held(held));
}
