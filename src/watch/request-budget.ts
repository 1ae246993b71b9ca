import { setMaxListeners } from 'node:events';
import { QuotaCredit, type RequestQuota } from './quota-credit';
import { TokenBucket } from './token-bucket';

export interface RequestBudgetOptions {
  /** Calls of all kinds, on the average; as many may leave at once after an idle second. @default 50 */
  readonly maxRequestsPerSecond?: number;
  /** Paces looks; other calls count and don't wait. @default none */
  readonly quota?: RequestQuota;
}

/** What became of one call. */
export interface BudgetedCall {
  readonly background: boolean;
  readonly outcome: 'answered' | 'refused' | 'rateLimited' | 'unavailable' | 'failed';
}

interface Waiting {
  readonly sinceMs: number;
  readonly go: () => void;
}

export const defaultMaxRequestsPerSecond = 50;

/** No service silences its looks for longer, whatever `Retry-After` it gives. */
const longestHoldMs = 15 * 60_000;
const shortestHoldMs = 1000;
/** Looks give way to other calls, but one goes at least this often. */
const patienceMs = 1000;

/**
 * What one worker asks of one service, all users of the connection together. Calls that somebody
 * waits for go first, in the order in which they came, and wait for the rate alone; looks
 * (background calls) leave half of the bucket to them, and are held while the service wants to be
 * left alone. A look is begun by whoever watches, not before {@link quietUntilMs}; once begun, its
 * calls go without regard to the quota, since half a look helps nobody.
 *
 * It is the `Admission` of the connection's client.
 */
export class RequestBudget {
  private readonly bucket: TokenBucket;
  private readonly credit: QuotaCredit | undefined;
  private readonly waiting = { foreground: new Set<Waiting>(), background: new Set<Waiting>() };
  private readonly listeners = new Set<(call: BudgetedCall) => void>();
  private timer: NodeJS.Timeout | undefined;
  private heldUntilMs = -Infinity;
  private lastHoldMs = 0;
  private lastLookMs = -Infinity;
  private closed = false;

  constructor(options: RequestBudgetOptions = {}) {
    const perSecond = options.maxRequestsPerSecond ?? defaultMaxRequestsPerSecond;
    this.bucket = new TokenBucket(perSecond, Math.max(1, perSecond));
    this.credit = options.quota && new QuotaCredit(options.quota, performance.now());
  }

  /** Until when no look is to begin, epoch milliseconds: the service asked for it, or the quota. */
  get quietUntilMs(): number {
    const nowMs = performance.now();
    const waitMs = Math.max(0, this.heldUntilMs - nowMs, this.credit?.waitMs(nowMs) ?? 0);
    return Date.now() + waitMs;
  }

  /** Calls that the quota has left for now; undefined where there is no quota. */
  get quotaLeft(): number | undefined {
    return this.credit?.left(performance.now());
  }

  /** Tells of every call that ended, from now until the function that comes back is called. */
  listen(listener: (call: BudgetedCall) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  admit(background: boolean, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.closed) return Promise.resolve();
    const queue = background ? this.waiting.background : this.waiting.foreground;
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(waiting);
        reject(signal.reason as Error);
        this.letGo();
      };
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const waiting: Waiting = { sinceMs: performance.now(), go };
      queue.add(waiting);
      this.letGo();
      if (!queue.has(waiting)) return;
      // Many calls under one signal are no leak. (Of one with 0, Node 20 can't tell how many it may have.)
      setMaxListeners(10_000, signal);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  answered(background: boolean, status: number, retryAfterMs?: number): void {
    const outcome = outcomeOf(status);
    if (outcome === 'rateLimited' || (outcome === 'unavailable' && retryAfterMs !== undefined)) {
      this.hold(retryAfterMs);
    } else if (outcome !== 'unavailable') {
      this.lastHoldMs = 0;
    }
    this.tell({ background, outcome });
  }

  failed(background: boolean): void {
    this.tell({ background, outcome: 'failed' });
  }

  /** Lets go whoever waits; the client is closed by then and refuses them in its own words. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const queue of Object.values(this.waiting)) {
      for (const { go } of queue) go();
      queue.clear();
    }
  }

  /** @param askedMs where the service names no time: a second, doubled for each such answer in a row */
  private hold(askedMs: number | undefined): void {
    const nowMs = performance.now();
    // Calls that were under way together get the same answer, and count as one.
    const again = nowMs >= this.heldUntilMs;
    const holdMs = askedMs ?? (again ? Math.max(shortestHoldMs, 2 * this.lastHoldMs) : 0);
    if (askedMs === undefined && again) this.lastHoldMs = Math.min(holdMs, longestHoldMs);
    this.heldUntilMs = Math.max(this.heldUntilMs, nowMs + Math.min(holdMs, longestHoldMs));
  }

  private tell(call: BudgetedCall): void {
    for (const listener of this.listeners) listener(call);
  }

  /** Lets go whose turn it is, and comes again when the next one's is. */
  private letGo(): void {
    clearTimeout(this.timer);
    for (;;) {
      const nowMs = performance.now();
      const { background, waitMs } = this.nextTurn(nowMs);
      if (waitMs > 0) {
        if (waitMs < Infinity) this.timer = setTimeout(() => this.letGo(), Math.ceil(waitMs));
        return;
      }
      const queue = background ? this.waiting.background : this.waiting.foreground;
      const [next] = queue;
      if (next === undefined) return;
      queue.delete(next);
      this.bucket.take(nowMs);
      this.credit?.spend(background, nowMs);
      if (background) this.lastLookMs = nowMs;
      next.go();
    }
  }

  private nextTurn(nowMs: number): { readonly background: boolean; readonly waitMs: number } {
    const { foreground, background } = this.waiting;
    const tokenMs = this.bucket.waitMs(nowMs);
    const foregroundMs = foreground.size > 0 ? tokenMs : Infinity;
    const [look] = background;
    if (look === undefined) return { background: false, waitMs: foregroundMs };
    const heldMs = Math.max(0, this.heldUntilMs - nowMs);
    const patientUntilMs = Math.max(look.sinceMs, this.lastLookMs, this.heldUntilMs) + patienceMs;
    const overdueMs = Math.max(heldMs, tokenMs, patientUntilMs - nowMs);
    if (overdueMs === 0) return { background: true, waitMs: 0 };
    if (foregroundMs === 0) return { background: false, waitMs: 0 };
    const spare = Math.floor(this.bucket.capacity / 2);
    const roomMs = Math.max(heldMs, this.bucket.waitMs(nowMs, spare));
    const lookMs = Math.min(overdueMs, roomMs);
    return lookMs < foregroundMs
      ? { background: true, waitMs: lookMs }
      : { background: false, waitMs: foregroundMs };
  }
}

function outcomeOf(status: number): BudgetedCall['outcome'] {
  if (status === 429) return 'rateLimited';
  if (status >= 500) return 'unavailable';
  return status >= 400 ? 'refused' : 'answered';
}
