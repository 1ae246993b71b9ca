import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ChainIdentity, ChainMemo } from '../contracts/chain-asking';

/** There is no such chain, or it was ended. */
export class ChainNotFoundError extends Error {
  override readonly name = 'ChainNotFoundError';

  /**
   * @param status Temporal's word for how it was ended
   * @param last what it held then
   */
  constructor(
    readonly chain: ChainIdentity,
    readonly status?: string,
    readonly last?: ChainMemo,
  ) {
    super(`${nameOf(chain)} ${whyNot(status, last)}`);
  }
}

function whyNot(status: string | undefined, last: ChainMemo | undefined): string {
  if (status === undefined) {
    return 'is not known: it begins with its first refresh, or by adopting a job';
  }
  const ended = status === 'COMPLETED' ? 'was forgotten' : `was ended (${status.toLowerCase()})`;
  const job =
    last?.jobId === undefined
      ? 'the next refresh begins a new one'
      : `its SQLFlow job ${last.jobId} stays: adopt it to go on with it, or refresh to begin with a new job`;
  return `${ended}; ${job}`;
}

/** The chain said no; the message says why, and the remedy. */
export class ChainRefusedError extends Error {
  override readonly name = 'ChainRefusedError';

  /** @param type of `failureTypes` */
  constructor(
    readonly type: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** No worker answered for the chain in time. What was asked may still be done when one comes. */
export class ChainUnansweredError extends Error {
  override readonly name = 'ChainUnansweredError';

  constructor(
    readonly chain: ChainIdentity,
    withinMs: number,
  ) {
    super(
      `${nameOf(chain)} did not answer within ${withinMs / 1000} s: is a worker running on its task queue? What was asked may still be done when one comes`,
    );
  }
}

/** grpc's words for a deadline that passed, on the client's side or the server's. */
const tooLate: ReadonlySet<number> = new Set([1, 4]);

/** Waits for a chain's answer, and says what kept it from one in this package's words. */
export async function answered<Value>(
  client: Client,
  withinMs: number,
  chain: ChainIdentity,
  ask: () => Promise<Value>,
): Promise<Value> {
  const deadlineMs = Date.now() + withinMs;
  try {
    return await client.withDeadline(deadlineMs, ask);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new ChainNotFoundError(chain);
    if (isTooLate(error)) throw new ChainUnansweredError(chain, withinMs);
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
      throw new ChainRefusedError(error.cause.type ?? undefined, error.cause.message);
    }
    throw error;
  }
}

/** True where no worker answered before the deadline. */
export function isTooLate(error: unknown): boolean {
  return (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    (error instanceof ServiceError &&
      isGrpcServiceError(error.cause) &&
      tooLate.has(error.cause.code))
  );
}

function nameOf({ connection, name }: ChainIdentity): string {
  return `the chain ${name} on ${connection}`;
}
