import { setMaxListeners } from 'node:events';
import { QuotaCredit, type RequestQuota } from './quota-credit';
import { QueuedCalls } from './queued-calls';
import { TokenBucket } from './token-bucket';

export interface RequestBudgetOptions {
  /** Calls of all kinds, on the average; as many may leave at once after an idle second. @default 50 */
  readonly maxRequestsPerSecond?: number;
  /** Paces looks; other calls count and don't wait. @default none */
  readonly quota?: RequestQuota;
}

/** The most pressing first. */
const priorities = ['urgent', 'foreground', 'background', 'live'] as const;
export type CallPriority = (typeof priorities)[number];

/** What became of one call. */
export interface BudgetedCall {
  readonly background: boolean;
  readonly outcome: 'answered' | 'refused' | 'rateLimited' | 'unavailable' | 'failed';
}

interface Waiting {
  readonly sinceMs: number;
  readonly isLook: boolean;
  readonly go: () => void;
}

/** Whoever is first of a kind. */
interface Turn {
  readonly priority: CallPriority;
  readonly waitMs: number;
  /** Goes before all others from then on. */
  readonly patientUntilMs: number;
}

export const defaultMaxRequestsPerSecond = 50;

/** No service silences its looks for longer, whatever `Retry-After` it gives. */
const longestHoldMs = 15 * 60_000;
/** For so long looks believe the outage that another call was told of. */
const longestHearsayMs = 10_000;
const shortestHoldMs = 1000;
/**
 * How far a kill's calls may be ahead of the rate. A kill is five calls or so, and a hundred jobs may
 * be cancelled at once: at the default rate they would wait ten seconds for each other.
 */
const urgentAheadS = 10;
/** Calls give way to more pressing ones, but one goes at least this often, where the rate allows it. */
const shortestPatienceMs = 1000;
/** So many calls' time at least, so that a low rate is not all for those who lost patience. */
const patienceCalls = 4;

/**
 * What one worker asks of one service, all users of the connection together. Urgent calls (a kill's)
 * go first, and needn't wait for the rate until they are ten seconds' calls ahead of it. Then
 * come those that somebody waits for, then looks (background calls), and last what is only shown of
 * running jobs (live calls): both leave half of the bucket to the others and are held while the service
 * wants to be left alone. Of each kind one goes each second at least, whatever waits before it. A look is begun by whoever watches, not before
 * {@link quietUntilMs}; once begun, its calls go without regard to the quota, and its later pages
 * rank with what somebody waits for: half a look helps nobody.
 *
 * It is the `Admission` of the connection's client.
 */
export class RequestBudget {
  private readonly bucket: TokenBucket;
  private readonly credit: QuotaCredit | undefined;
  private readonly patienceMs: number;
  private readonly waiting = {
    urgent: new Set<Waiting>(),
    foreground: new Set<Waiting>(),
    background: new Set<Waiting>(),
    live: new Set<Waiting>(),
  };
  private readonly lastMs = {
    urgent: -Infinity,
    foreground: -Infinity,
    background: -Infinity,
    live: -Infinity,
  };
  private readonly looks = new QueuedCalls();
  private readonly listeners = new Set<(call: BudgetedCall) => void>();
  private timer: NodeJS.Timeout | undefined;
  private heldUntilMs = -Infinity;
  private lastHoldMs = 0;
  private closed = false;

  constructor(options: RequestBudgetOptions = {}) {
    const perSecond = options.maxRequestsPerSecond ?? defaultMaxRequestsPerSecond;
    this.bucket = new TokenBucket(perSecond, Math.max(1, perSecond));
    this.patienceMs = Math.max(shortestPatienceMs, (patienceCalls * 1000) / perSecond);
    this.credit = options.quota && new QuotaCredit(options.quota, performance.now());
  }

  /** Until when no look is to begin, epoch milliseconds: the service asked for it, or the quota. */
  get quietUntilMs(): number {
    const nowMs = performance.now();
    const waitMs = Math.max(0, this.heldUntilMs - nowMs, this.credit?.waitMs(nowMs) ?? 0);
    return Date.now() + waitMs;
  }

  /** For how long the calls of a look waited here, while the service knew nothing of them. */
  queuedMs(signal: AbortSignal): number {
    return this.looks.queuedMs(signal);
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

  admit(priority: CallPriority, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.closed) return Promise.resolve();
    const isLook = priority === 'background';
    const isUnderWay =
      isLook && performance.now() >= this.heldUntilMs && this.looks.isUnderWay(signal);
    const queue = this.waiting[isUnderWay ? 'foreground' : priority];
    if (isLook) this.looks.waits(signal);
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(waiting);
        reject(signal.reason as Error);
        this.letGo();
      };
      const go = () => {
        signal.removeEventListener('abort', leave);
        if (isLook) this.looks.left(signal);
        resolve();
      };
      const waiting: Waiting = { sinceMs: performance.now(), isLook, go };
      queue.add(waiting);
      this.letGo();
      if (!queue.has(waiting)) return;
      // Many calls under one signal are no leak. (Of one with 0, Node 20 can't tell how many it may have.)
      setMaxListeners(10_000, signal);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  answered(priority: CallPriority, status: number, retryAfterMs?: number): void {
    const outcome = outcomeOf(status);
    // "Again in 0 s" right after a refusal names no time.
    const askedMs = retryAfterMs === 0 ? undefined : retryAfterMs;
    if (outcome === 'rateLimited') {
      this.hold(askedMs);
    } else if (outcome === 'unavailable' && askedMs !== undefined) {
      // A rate is the account's; an outage may be one endpoint's. Looks then find out for themselves.
      const hearsay = priority !== 'background';
      this.hold(hearsay ? Math.min(askedMs, longestHearsayMs) : askedMs);
    } else if (outcome !== 'unavailable') {
      this.lastHoldMs = 0;
    }
    this.tell({ background: priority === 'background', outcome });
  }

  failed(priority: CallPriority): void {
    this.tell({ background: priority === 'background', outcome: 'failed' });
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
      const turn = this.nextTurn(nowMs);
      if (turn === undefined) return;
      const { priority, waitMs } = turn;
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.letGo(), Math.ceil(waitMs));
        return;
      }
      const [next] = this.waiting[priority];
      if (next === undefined) return;
      this.waiting[priority].delete(next);
      this.bucket.take(nowMs);
      this.credit?.spend(next.isLook, nowMs);
      this.lastMs[priority] = nowMs;
      next.go();
    }
  }

  private nextTurn(nowMs: number): Turn | undefined {
    let next: Turn | undefined;
    for (const priority of priorities) {
      const [first] = this.waiting[priority];
      const turn = first && this.turnOf(priority, first.sinceMs, nowMs);
      if (turn !== undefined && goesBefore(turn, next, nowMs)) next = turn;
    }
    return next;
  }

  private turnOf(priority: CallPriority, sinceMs: number, nowMs: number): Turn {
    const { capacity } = this.bucket;
    const isPatient = priority === 'background' || priority === 'live';
    const heldUntilMs = isPatient ? this.heldUntilMs : -Infinity;
    const patientUntilMs = Math.max(sinceMs, this.lastMs[priority], heldUntilMs) + this.patienceMs;
    const half = Math.floor(capacity / 2);
    const ahead = -capacity * urgentAheadS;
    const spare = { urgent: ahead, foreground: 0, background: half, live: half };
    const inTurnMs = Math.max(heldUntilMs - nowMs, this.bucket.waitMs(nowMs, spare[priority]));
    const overdueMs = Math.max(patientUntilMs - nowMs, this.bucket.waitMs(nowMs, ahead));
    return { priority, waitMs: Math.max(0, Math.min(inTurnMs, overdueMs)), patientUntilMs };
  }
}

/** @param other of a more pressing kind */
function goesBefore(turn: Turn, other: Turn | undefined, nowMs: number): boolean {
  if (other === undefined || turn.waitMs > 0 || other.waitMs > 0) {
    return turn.waitMs < (other?.waitMs ?? Infinity);
  }
  return turn.patientUntilMs <= nowMs && turn.patientUntilMs < other.patientUntilMs;
}

function outcomeOf(status: number): BudgetedCall['outcome'] {
  if (status === 429) return 'rateLimited';
  if (status >= 500) return 'unavailable';
  return status >= 400 ? 'refused' : 'answered';
}
