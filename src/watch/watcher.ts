import { pace, type PaceOptions } from './pace';
import { Mailbox } from './mailbox';

/** One batched look at many jobs of one connection. Knows no vendor: the activities bring it. */
export interface StatusSource<Snapshot> {
  /**
   * Ids of one look at most. A look that takes many requests fails with any of them, so a source
   * that asks for few ids a request says how many. @default all that are due
   */
  readonly idsPerLook?: number;
  /**
   * Answers what the service says of these jobs. An id that is missing from the map wasn't in the
   * answer, nothing more: that decides nothing about the job.
   */
  look(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Snapshot>>;
  /** How long the service asked to be left alone, if this error says so; milliseconds. */
  retryAfterMs?(error: unknown): number | undefined;
  /** How far the job is, 0–1, where the service tells: for the estimate of the time that is left. */
  progressOf?(snapshot: Snapshot): number | undefined;
  /**
   * Whether two snapshots say the same to whoever waits. An unchanged one is told less often where
   * thousands wait. @default never: every look is told
   */
  sameAs?(one: Snapshot, other: Snapshot): boolean;
  /**
   * How long this source would be left alone after its last look, by what that one cost (its bytes,
   * say); milliseconds, at most 15,000 are heeded. The time that it took is seen without it.
   */
  readonly restMs?: number;
}

/** A job to watch. */
export interface WatchedJob {
  readonly id: string;
  /** When it was submitted, epoch milliseconds: young jobs are looked at often, old ones seldom. */
  readonly sinceMs: number;
  /** Names jobs that take about as long: how long earlier ones took tells when to look again. */
  readonly kind?: string;
}

/** What a watcher heeds of the request budget of its connection. `RequestBudget` is one. */
export interface WatchBudget {
  /** Until when no look is to begin, epoch milliseconds. */
  readonly quietUntilMs: number;
  /** Tells of every call of the connection that ended, until the function that comes back is called. */
  listen(listener: (call: { readonly outcome: string }) => void): () => void;
}

/** What one sweep meant for one job. */
export type Observation<Snapshot> =
  | { readonly kind: 'seen'; readonly snapshot: Snapshot; readonly atMs: number }
  | { readonly kind: 'missing'; readonly atMs: number }
  | {
      readonly kind: 'error';
      readonly error: unknown;
      readonly atMs: number;
      /** Sweeps that failed in a row, this one included. */
      readonly consecutive: number;
      /** When the first of them failed. */
      readonly sinceMs: number;
    };

/** Until when a service is left alone, epoch milliseconds. */
export interface Quiet {
  untilMs: number;
}

export interface WatcherOptions extends PaceOptions {
  /** Shared by the watchers of one connection, where there are several. @default its own */
  readonly quiet?: Quiet;
  /** The request budget of the connection. @default none */
  readonly budget?: WatchBudget;
  /** Longest time one sweep may take before it counts as failed, in milliseconds. @default 60_000 */
  readonly sweepTimeoutMs?: number;
}

/** No service silences its watcher for longer, whatever `Retry-After` it gives. */
const longestQuietMs = 15 * 60_000;

interface Watched<Snapshot> {
  readonly id: string;
  readonly sinceMs: number;
  readonly mailbox: Mailbox<Observation<Snapshot>>;
  dueMs: number;
}

/**
 * Watches all waiting jobs of one connection with batched requests: however many jobs wait, one
 * sweep asks for all that are due. One sweep at a time; a failed one backs off and is told to every
 * job that was in it, and never ends a wait by itself.
 */
export class Watcher<Snapshot> {
  private readonly watched = new Map<number, Watched<Snapshot>>();
  private nextTicket = 0;
  private timer: NodeJS.Timeout | undefined;
  private sweeping = false;
  private failures = 0;
  private failingSinceMs = 0;
  private backedOffUntilMs = 0;
  private readonly quiet: Quiet;

  constructor(
    private readonly source: StatusSource<Snapshot>,
    private readonly options: WatcherOptions = {},
  ) {
    this.quiet = options.quiet ?? { untilMs: 0 };
  }

  /** Jobs that wait at this moment. */
  get size(): number {
    return this.watched.size;
  }

  /**
   * What the service says of a job, from now until the caller leaves the loop or aborts. Only the
   * latest observation is kept for a caller that is slower than the sweeps.
   */
  async *observe(
    { id, sinceMs }: WatchedJob,
    signal: AbortSignal,
  ): AsyncGenerator<Observation<Snapshot>, void, undefined> {
    const ticket = this.nextTicket++;
    const mailbox = new Mailbox<Observation<Snapshot>>();
    this.watched.set(ticket, { id, sinceMs, mailbox, dueMs: Date.now() });
    this.schedule();
    try {
      for (;;) yield await mailbox.take(signal);
    } finally {
      this.watched.delete(ticket);
      this.schedule();
    }
  }

  /**
   * Heeds an error that a caller met by itself: where the service asks to be left alone, it asks the
   * whole connection.
   */
  leaveAlone(error: unknown): void {
    const askedMs = Math.min(this.source.retryAfterMs?.(error) ?? 0, longestQuietMs);
    if (askedMs > 0) this.quiet.untilMs = Math.max(this.quiet.untilMs, Date.now() + askedMs);
    this.schedule();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.sweeping || this.watched.size === 0) return;
    let dueMs = Infinity;
    for (const job of this.watched.values()) dueMs = Math.min(dueMs, job.dueMs);
    const waitMs = Math.max(0, Math.max(dueMs, this.quietUntilMs()) - Date.now());
    this.timer = setTimeout(() => void this.sweep(), waitMs);
  }

  private quietUntilMs(): number {
    const { budget } = this.options;
    return Math.max(this.backedOffUntilMs, this.quiet.untilMs, budget?.quietUntilMs ?? 0);
  }

  private async sweep(): Promise<void> {
    // Another watcher of the connection may have been asked for quiet since this one was scheduled.
    if (this.quietUntilMs() > Date.now()) {
      this.schedule();
      return;
    }
    this.sweeping = true;
    const startedMs = Date.now();
    // Jobs that would be due within a moment ride along: that is what makes it a batch.
    const horizonMs = startedMs + pace(this.options).slackMs;
    const due = this.mostOverdue(
      [...this.watched.values()].filter((job) => job.dueMs <= horizonMs),
    );
    try {
      const seen = await this.source.look(
        [...new Set(due.map((job) => job.id))],
        AbortSignal.timeout(this.options.sweepTimeoutMs ?? 60_000),
      );
      this.failures = 0;
      const atMs = Date.now();
      for (const job of due) {
        const snapshot = seen.get(job.id);
        job.mailbox.put(
          snapshot === undefined ? { kind: 'missing', atMs } : { kind: 'seen', snapshot, atMs },
        );
      }
    } catch (error) {
      this.tellFailure(due, error);
    } finally {
      this.sweeping = false;
      const nowMs = Date.now();
      for (const job of due) {
        job.dueMs = nowMs + pace(this.options).intervalMs(nowMs - job.sinceMs);
      }
      this.schedule();
    }
  }

  private mostOverdue(due: Watched<Snapshot>[]): readonly Watched<Snapshot>[] {
    const { idsPerLook = Infinity } = this.source;
    if (due.length <= idsPerLook) return due;
    return due.sort((a, b) => a.dueMs - b.dueMs).slice(0, idsPerLook);
  }

  private tellFailure(due: readonly Watched<Snapshot>[], error: unknown): void {
    const atMs = Date.now();
    if (this.failures === 0) this.failingSinceMs = atMs;
    this.failures += 1;
    this.backedOffUntilMs = atMs + pace(this.options).backoffMs(this.failures);
    this.leaveAlone(error);
    for (const job of due) {
      job.mailbox.put({
        kind: 'error',
        error,
        atMs,
        consecutive: this.failures,
        sinceMs: this.failingSinceMs,
      });
    }
  }
}
