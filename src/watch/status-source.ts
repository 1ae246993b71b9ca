/** Batched looks at many jobs of one connection. Knows no vendor: the activities bring it. */
export interface StatusSource<Snapshot> {
  /**
   * Ids of one look at most; read before each look, so it may change. A source whose one call lists
   * every job says nothing, and all jobs ride along in each of its looks. One whose batched call is
   * out of order for a while says 1. @default Infinity
   */
  readonly idsPerLook?: number;
  /**
   * Whether a look at so many jobs asks for each of them by itself. Such looks need no gap as lists
   * do, and how long a list may take says nothing about them. @default never
   */
  asksEach?(jobs: number): boolean;
  /**
   * Answers what the service says of these jobs. An id that is missing from the map wasn't in the
   * answer, nothing more: that decides nothing about the job. No id is given twice. Undefined where
   * it turned out that they can't be asked for in this way: `idsPerLook` says by then in which, and
   * the jobs keep their turn.
   */
  look(
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Snapshot> | undefined>;
  /** Whether this error would befall any other look as well: no job of the look is at fault. */
  isOfTheService?(error: unknown): boolean;
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
   * How long this source would be left alone after its last look at all jobs, by what that one cost
   * (its bytes, say); milliseconds, at most 15,000 are heeded. The time that it took is seen without
   * it.
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

/** What looks meant for one job. */
export type Observation<Snapshot> =
  | { readonly kind: 'seen'; readonly snapshot: Snapshot; readonly atMs: number }
  | { readonly kind: 'missing'; readonly atMs: number }
  | {
      readonly kind: 'error';
      readonly error: unknown;
      readonly atMs: number;
      /** Looks that failed in a row, this one included. */
      readonly consecutive: number;
      /** When the first of them failed. */
      readonly sinceMs: number;
    };

/** What a watcher heeds of the request budget of its connection. `RequestBudget` is one. */
export interface WatchBudget {
  /** Until when no look is to begin, epoch milliseconds. */
  readonly quietUntilMs: number;
  /** For how long background calls under this signal waited to be let go, until now; milliseconds. */
  queuedMs(signal: AbortSignal): number;
  /** Tells of every call of the connection that ended, until the function that comes back is called. */
  listen(
    listener: (call: { readonly background: boolean; readonly outcome: string }) => void,
  ): () => void;
}
