import { failureTypes } from '../src/contracts/failure-types';
import { historyLimitBytes, jsonBytes } from '../src/contracts/history-size';
import { definiteFailure, handedOver, isDoubtful, toFailure } from './failure';
import type { ActivityResources } from './resources';
import { ActivitySession } from './session';

export interface RetryTraits {
  /**
   * The longest wait for which a service's Retry-After is heard, in milliseconds.
   * @default 15 minutes
   */
  readonly longestDelayMs?: number;
}

/**
 * Wraps what all activities share: heartbeats while it runs, errors mapped to failure types and
 * scrubbed of secrets, a hand-over on worker shutdown, a bound on the result's size.
 */
export function defineActivity<Input, Output>(
  resources: ActivityResources,
  run: (input: Input, session: ActivitySession) => Promise<Output>,
  retry: RetryTraits = {},
): (input: Input) => Promise<Output> {
  return async (input) => {
    const session = new ActivitySession();
    try {
      return guardResult(await run(input, session));
    } catch (error) {
      if (!session.signal.aborted) {
        const redact = (text: string) => resources.secrets.redact(text);
        throw toFailure(
          error,
          countDoubts(session, error),
          redact,
          undefined,
          retry.longestDelayMs,
        );
      }
      if (session.handsOver) throw handedOver();
      return await session.cancelled();
    } finally {
      session.close();
    }
  };
}

interface DoubtCheckpoint {
  readonly doubts?: number;
}

/**
 * Errors so far that may be lasting ones. Attempts that a passing fault ended are none of them: a
 * service that is away for an hour, and stammers once when it is back, has refused nothing.
 */
function countDoubts(session: ActivitySession, error: unknown): number {
  const before = session.lastDetails<DoubtCheckpoint>()?.doubts ?? 0;
  if (!isDoubtful(error)) return before;
  session.beat({ ...session.lastDetails<object>(), doubts: before + 1 });
  return before + 1;
}

/** Over 2 MiB the server fails the activity for good without a type; this one says what happened. */
function guardResult<Output>(output: Output): Output {
  const sizeBytes = jsonBytes(output);
  if (sizeBytes <= historyLimitBytes) return output;
  throw definiteFailure(
    failureTypes.tooLarge,
    `the answer has ${sizeBytes} bytes; at most ${historyLimitBytes} fit into Temporal's history. Ask for less, or use the collecting activity, which answers with references.`,
  );
}
