import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** gRPC's word for a workflow that isn't ready: the workflow task failed that had the update in it. */
const failedPrecondition = 9;
const againAfterMs = 100;

/**
 * Sends an update, and sends it again where the server dropped it. It does so where a workflow was
 * about to close by the update and something else came for it at that moment, such as the end of an
 * activity: nothing of that workflow task counts then.
 *
 * @param send within a deadline of the client's, by which it ends
 */
export async function sendUpdate<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!wasDropped(error)) throw error;
    }
    await sleep(againAfterMs);
  }
}

function wasDropped(error: unknown): boolean {
  return (
    error instanceof ServiceError &&
    isGrpcServiceError(error.cause) &&
    (error.cause.code as number) === failedPrecondition
  );
}
