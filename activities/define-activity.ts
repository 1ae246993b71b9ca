import { failureTypes } from '../src/contracts/failure-types';
import { historyLimitBytes, jsonBytes } from '../src/contracts/history-size';
import { definiteFailure, doubtOf, handedOver, toFailure } from './failure';
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

/** How often there was which doubt. */
interface DoubtCheckpoint {
  /** Of the `bounded` ones. */
  readonly doubts?: number;
  /** Of the `patient` ones. */
  readonly patientDoubts?: number;
}

const counters = { bounded: 'doubts', patient: 'patientDoubts' } as const;

/**
 * How often there was this doubt so far. Attempts that a passing fault ended don't count: a service
 * that is away for an hour, and stammers once when it is back, has refused nothing.
 */
function countDoubts(session: ActivitySession, error: unknown): number {
  const doubt = doubtOf(error);
  if (doubt === undefined) return 0;
  const told = session.lastDetails<DoubtCheckpoint>();
  const count = (told?.[counters[doubt]] ?? 0) + 1;
  session.beat({ ...told, [counters[doubt]]: count });
  return count;
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
