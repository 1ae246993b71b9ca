import { failureTypes } from '../src/contracts/failure-types';
import { cutTexts, historyLimitBytes, jsonBytes } from '../src/contracts/history-size';
import { definiteFailure } from './failure';

/** Thousands of waiting jobs beat; one that tells more than this tells a service's endless words. */
const usualBytes = 16 * 1024;
/** Characters of one text, where they are too many. */
const mostWords = 2000;

/**
 * Details as a heartbeat may carry them: over 2 MiB the server would fail the activity for good,
 * without a type. Texts are cut, since ids and cursors are short.
 *
 * @throws `RemoteJob.TooLarge` where that isn't enough
 */
export function guardHeartbeat(details: unknown): unknown {
  if (jsonBytes(details) <= usualBytes) return details;
  const cut = cutTexts(details, mostWords);
  const sizeBytes = jsonBytes(cut);
  if (sizeBytes <= historyLimitBytes) return cut;
  throw definiteFailure(
    failureTypes.tooLarge,
    `the checkpoint of this activity has ${sizeBytes} bytes; at most ${historyLimitBytes} go into a heartbeat.`,
  );
}
