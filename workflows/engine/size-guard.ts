import { ApplicationFailure } from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import { historyLimitBytes, jsonBytes } from '../../src/contracts/history-size';

/**
 * Temporal *terminates* a workflow whose activity input or result is over 2 MiB: no catch, no kill.
 * So every value that the engine hands over is measured first. Returns it, or fails with
 * `RemoteJob.TooLarge` naming what it is.
 */
export function guardSize<Value>(what: string, value: Value): Value {
  const sizeBytes = jsonBytes(value);
  if (sizeBytes > historyLimitBytes) {
    throw ApplicationFailure.nonRetryable(
      `${what} has ${sizeBytes} bytes; at most ${historyLimitBytes} fit into Temporal's history. Pass large values as files.`,
      failureTypes.tooLarge,
    );
  }
  return value;
}
