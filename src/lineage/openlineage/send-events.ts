import { HttpError } from '../../clients/http/errors';
import type { OpenLineageClient } from '../../clients/openlineage/client';
import type { RunEvent } from './event-types';
import type { PublishRecord } from './publish-record';

/** Statuses that may be about the one event: the others go on. Any other ends the attempt. */
const aboutTheEvent = new Set([400, 413, 422, 500]);
/** Once an attempt had so many events that were not taken, no more are tried. */
const mostRefused = 10;

/**
 * Sends the events that the record doesn't have as taken, one after the other. One that the target
 * doesn't take is set aside, so that it keeps no other back; in the end it fails the attempt, and a
 * repeat sends it alone.
 *
 * @returns how many were taken now
 * @throws HttpError, TransportError
 */
export async function sendEvents(
  client: OpenLineageClient,
  events: Iterable<RunEvent>,
  count: number,
  record: PublishRecord,
  signal: AbortSignal,
): Promise<number> {
  let sent = 0;
  let refused = 0;
  let index = -1;
  let first: { readonly error: HttpError; readonly job: string } | undefined;
  for (const event of events) {
    index += 1;
    if (!record.isDue(index)) continue;
    try {
      await client.send(event, signal);
    } catch (error) {
      if (!(error instanceof HttpError) || !aboutTheEvent.has(error.status)) throw error;
      first ??= { error, job: event.job.name };
      await record.setAside(index);
      refused += 1;
      if (refused === mostRefused) break;
      continue;
    }
    await record.taken(index);
    sent += 1;
  }
  if (first === undefined) {
    await record.finish();
    return sent;
  }
  const stopped = refused === mostRefused ? ', and no more were tried' : '';
  throw withAdvice(
    first.error,
    `${record.aside.length} of ${count} events were not taken${stopped}; the first is ${first.job}. A repeat sends only what is missing`,
  );
}

function withAdvice(error: HttpError, advice: string): HttpError {
  const { endpoint = '', status, serviceMessage, retryAfterMs, request } = error;
  return new HttpError({ endpoint, status, serviceMessage, retryAfterMs, request, advice });
}
