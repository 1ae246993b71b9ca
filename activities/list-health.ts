import { HttpError, TransportError, VendorError } from '../src/clients/http/errors';
import { AbandonedLook } from '../src/watch/look';

/** So often the list fails in a row before it is given up for a while. */
const believedAfter = 3;
const shortestAwayMs = 60_000;
const longestAwayMs = 10 * 60_000;

/**
 * Whether a list of many jobs is worth asking for: where it fails again and again while single jobs
 * are answered, it may be too long for the service, or for a proxy before it. It is tried again
 * after a minute, and after twice as long each time that it fails.
 */
export class ListHealth {
  private failures = 0;
  private awayMs = 0;
  private awayUntilMs = -Infinity;

  get isAway(): boolean {
    return performance.now() < this.awayUntilMs;
  }

  answered(): void {
    this.failures = 0;
    this.awayMs = 0;
  }

  failed(error: unknown): void {
    if (error instanceof AbandonedLook || isOfTheService(error)) return;
    this.failures += 1;
    if (this.failures < believedAfter) return;
    this.awayMs = Math.min(longestAwayMs, Math.max(shortestAwayMs, 2 * this.awayMs));
    this.awayUntilMs = performance.now() + this.awayMs;
  }
}

/** Would befall any other call as well. */
export function isOfTheService(error: unknown): boolean {
  if (error instanceof VendorError) return error.kind === 'auth' || error.kind === 'busy';
  if (error instanceof HttpError) return [401, 403, 429, 503].includes(error.status);
  if (!(error instanceof TransportError)) return false;
  return error.code === 'Transport.Connect' || error.code === 'Transport.Closed';
}
