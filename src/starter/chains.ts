import { randomUUID } from 'node:crypto';
import {
  type Client,
  WithStartWorkflowOperation,
  type Workflow,
  WorkflowNotFoundError,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import {
  chainMessages,
  chainWorkflowId,
  type ChainRefreshInput,
  type ChainSettings,
  type ChainState,
} from '../contracts/chain';
import {
  chainMemoKey,
  chainRefreshMemoKey,
  chainWorkflowTypes,
  type AdoptedJob,
  type AdoptRequest,
  type AskAgain,
  type ChainIdentity,
  type ChainMemo,
  type ChainRefreshMemo,
  type ForgetRequest,
} from '../contracts/chain-asking';
import type { Mistake } from '../contracts/findings';
import { defaultTaskQueue, remoteJobMemoKey } from '../contracts/names';
import {
  validateAdoption,
  validateChainIdentity,
  validateChainRefresh,
  validateNote,
} from '../contracts/validate-chain';
import type { sqlflowRefreshRequest } from '../../workflows/public';
import { isOpen } from '../contracts/workflow-status';
import { answered, ChainNotFoundError } from './chain-errors';
import { sendUpdate } from './send-update';
import { InvalidInputError, type StartOptions } from './start';

/** How long a chain is asked. */
export interface ChainCallOptions {
  /** How long an answer is waited for, in milliseconds; it needs a worker. @default 30 seconds */
  readonly withinMs?: number;
}

const defaultWithinMs = 30_000;

/**
 * Asks a chain for a refresh, and starts the chain where there is none: starts the workflow
 * `sqlflowRefreshRequest`, which waits for its turn and ends as the refresh does
 * (`awaitOutcome<RefreshOutcome>`). Cancelling it takes the request back.
 *
 * @throws InvalidInputError with every mistake
 */
export async function requestRefresh(
  client: Client,
  input: ChainRefreshInput,
  { workflowId, taskQueue = defaultTaskQueue }: StartOptions = {},
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof sqlflowRefreshRequest>> {
  refuse(validateChainRefresh(input));
  const { connection, chain } = input;
  const whose: ChainRefreshMemo = { connection, name: chain };
  const handle = await client.workflow.start(chainWorkflowTypes.request, {
    taskQueue,
    workflowId: workflowId ?? `${chainWorkflowTypes.request}/${chain}/${randomUUID().slice(0, 8)}`,
    args: [input],
    memo: { [remoteJobMemoKey]: { vendor: 'sqlflow', connection }, [chainRefreshMemoKey]: whose },
  });
  return handle as WorkflowHandleWithFirstExecutionRunId<typeof sqlflowRefreshRequest>;
}

/**
 * What a chain holds: its job, its latest revision, what waits, the last 50 refreshes. Needs a
 * worker to answer.
 *
 * @throws ChainNotFoundError where there is no such chain, or it was ended
 * @throws ChainUnansweredError where no worker answered in time
 */
export async function chainState(
  client: Client,
  connection: string,
  name: string,
  { withinMs = defaultWithinMs }: ChainCallOptions = {},
): Promise<ChainState> {
  const handle = await livingChain(client, connection, name);
  return await answered(client, withinMs, { connection, name }, () =>
    handle.query<ChainState, []>(chainMessages.state),
  );
}

export interface ChainSummary extends ChainMemo {
  readonly workflowId: string;
  readonly startedAt: Date;
  readonly taskQueue: string;
  /** Temporal's own word: RUNNING, or how the chain was ended. */
  readonly status: string;
}

/** Which chains are listed, and how many. */
export interface ListChainsOptions {
  /** Those that were ended, too, as long as Temporal remembers them. @default false */
  readonly ended?: boolean;
  /** @default 1,000 */
  readonly limit?: number;
}

/** The chains of the namespace, the newest first. Needs no worker; the list may lag behind by a moment. */
export async function* listChains(
  client: Client,
  { ended = false, limit = 1000 }: ListChainsOptions = {},
): AsyncGenerator<ChainSummary> {
  // A run that continued as new is no end: the next one goes on.
  const which = ended ? "ExecutionStatus != 'ContinuedAsNew'" : "ExecutionStatus = 'Running'";
  let left = limit;
  if (left <= 0) return;
  for await (const found of client.workflow.list({
    query: `WorkflowType = '${chainWorkflowTypes.chain}' AND ${which}`,
    pageSize: Math.min(limit, 1000),
  })) {
    const { workflowId, startTime, taskQueue, status } = found;
    const memo = memoOf(found);
    yield { ...memo, workflowId, startedAt: startTime, taskQueue, status: status.name };
    left -= 1;
    if (left === 0) return;
  }
}

/** Which job a chain is to take over. */
export interface AdoptJobInput {
  readonly connection: string;
  readonly chain: string;
  /** A regular (persist) job that somebody made by hand or with the vendor's UI. */
  readonly jobId: string;
  /** What the job was made with: SQLFlow can't change it. */
  readonly settings: ChainSettings;
}

/**
 * Has a chain take over a job, and starts the chain where there is none. It waits for the refresh
 * under way, if there is one.
 *
 * @throws InvalidInputError with every mistake
 * @throws ChainRefusedError where the chain has a job already, or the job can't be adopted
 * @throws ChainUnansweredError where no worker answered in time
 */
export async function adoptJob(
  client: Client,
  { connection, chain, jobId, settings }: AdoptJobInput,
  {
    withinMs = defaultWithinMs,
    taskQueue = defaultTaskQueue,
  }: ChainCallOptions & Pick<StartOptions, 'taskQueue'> = {},
): Promise<AdoptedJob> {
  const wish: AdoptRequest = { jobId, settings };
  refuse(validateAdoption(connection, chain, wish));
  const identity: ChainIdentity = { connection, name: chain };
  for (;;) {
    const answer = await answered(client, withinMs, identity, () =>
      sendUpdate(() =>
        client.workflow.executeUpdateWithStart<Workflow, AdoptedJob | AskAgain, [AdoptRequest]>(
          chainMessages.adopt,
          {
            args: [wish],
            startWorkflowOperation: new WithStartWorkflowOperation(chainWorkflowTypes.chain, {
              workflowId: chainWorkflowId(connection, chain),
              taskQueue,
              args: [identity],
              workflowIdConflictPolicy: 'USE_EXISTING',
            }),
          },
        ),
      ),
    );
    if (!('pending' in answer)) return answer;
  }
}

/**
 * No refresh begins any more: what waits, and what comes, ends as `skipped`. What runs goes on.
 *
 * @param note why, for whoever sees a skipped refresh; at most 500 characters
 * @throws ChainNotFoundError, ChainUnansweredError
 */
export async function pauseChain(
  client: Client,
  connection: string,
  name: string,
  { note, ...options }: ChainCallOptions & { readonly note?: string } = {},
): Promise<void> {
  refuse(validateNote(note));
  await update(client, connection, name, chainMessages.pause, { note }, options);
}

/** @throws ChainNotFoundError, ChainUnansweredError */
export async function resumeChain(
  client: Client,
  connection: string,
  name: string,
  options: ChainCallOptions = {},
): Promise<void> {
  await update(client, connection, name, chainMessages.resume, {}, options);
}

/**
 * Ends a chain's workflow. Its SQLFlow job and its artifacts stay; the next refresh of the name
 * begins a new chain, with a new job unless the old one is adopted.
 *
 * @throws ChainRefusedError where a refresh runs or waits, without `force`
 * @throws ChainNotFoundError, ChainUnansweredError
 */
export async function forgetChain(
  client: Client,
  connection: string,
  name: string,
  { force, ...options }: ChainCallOptions & ForgetRequest = {},
): Promise<void> {
  const request: ForgetRequest = { force };
  await update(client, connection, name, chainMessages.forget, request, options);
}

async function update<Argument>(
  client: Client,
  connection: string,
  name: string,
  message: string,
  argument: Argument,
  { withinMs = defaultWithinMs }: ChainCallOptions,
): Promise<void> {
  const handle = await livingChain(client, connection, name);
  await answered(client, withinMs, { connection, name }, () =>
    sendUpdate(() => handle.executeUpdate<void, [Argument]>(message, { args: [argument] })),
  );
}

async function livingChain(client: Client, connection: string, name: string) {
  refuse(validateChainIdentity(connection, name));
  const handle = client.workflow.getHandle(chainWorkflowId(connection, name));
  try {
    const found = await handle.describe();
    if (isOpen(found.status.name)) return handle;
    throw new ChainNotFoundError({ connection, name }, found.status.name, memoOf(found));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new ChainNotFoundError({ connection, name });
    throw error;
  }
}

/** The name is in the id, too, for a chain that had no time to write its memo. */
function memoOf({
  workflowId,
  memo,
}: {
  readonly workflowId: string;
  readonly memo?: Record<string, unknown>;
}): ChainMemo {
  const [, connection = '', name = ''] = workflowId.split('/');
  return { connection, name, ...(memo?.[chainMemoKey] as ChainMemo | undefined) };
}

function refuse(mistakes: readonly Mistake[]): void {
  if (mistakes.length > 0) throw new InvalidInputError(mistakes);
}
