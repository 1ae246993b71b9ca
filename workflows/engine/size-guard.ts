import { ApplicationFailure } from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';

/**
 * Temporal *terminates* a workflow whose activity input or result is over 2 MiB: no catch, no kill.
 * So every value that the engine hands over is measured first, with room for the envelope.
 */
const limitBytes = 1.5 * 2 ** 20;

/** Returns the value, or fails with `RemoteJob.TooLarge` naming what it is. */
export function guardSize<Value>(what: string, value: Value): Value {
  const sizeBytes = utf8Length(JSON.stringify(value) ?? '');
  if (sizeBytes > limitBytes) {
    throw ApplicationFailure.nonRetryable(
      `${what} has ${sizeBytes} bytes; at most ${limitBytes} fit into Temporal's history. Pass large values as files.`,
      failureTypes.tooLarge,
    );
  }
  return value;
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is two units and four bytes, so each half counts for one more.
    if (unit > 0x7f) length += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return length;
}
