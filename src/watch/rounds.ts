import { Circuit } from './circuit';
import type { Durations } from './durations';
import { Faults } from './faults';
import { Look, Patience } from './look';
import { Pace } from './pace';
import type { StatusSource } from './status-source';
import { UnderWay } from './under-way';
import { WaitingLine } from './waiting-line';
import type { Watched } from './watched';
import type { WatcherOptions } from './watcher';

/** No service silences its watcher for longer, whatever `Retry-After` it gives. */
const longestQuietMs = 15 * 60_000;
/** A budget may let looks go sooner than it said. */
const askBudgetAgainMs = 30_000;
/** What hasn't changed is told 333 times a second to all together, and to each at least every 30 s. */
const untoldPerJobMs = 3;
const longestUntoldMs = 30_000;

/** Takes the jobs whose turn is into looks, and tells what came of them. */
export class Rounds<Snapshot> {
  private readonly line = new WaitingLine<Snapshot>();
  private readonly pace: Pace;
  private readonly circuit: Circuit;
  /** For looks at lists, and for those that ask for each job by itself. */
  private readonly patience: Patience;
  private readonly patienceForEach: Patience;
  private readonly underWay: UnderWay<Snapshot>;
  private readonly faults: Faults<Snapshot>;
  private timer: NodeJS.Timeout | undefined;
  private wakeMs = Infinity;
  private quietUntilMs = -Infinity;
  /** No look at all jobs begins before this. */
  private restUntilMs = -Infinity;
  private unlisten: (() => void) | undefined;

  constructor(
    private readonly source: StatusSource<Snapshot>,
    private readonly options: WatcherOptions,
    private readonly jobs: ReadonlyMap<string, Watched<Snapshot>>,
    private readonly durations: Durations,
  ) {
    this.pace = new Pace(options);
    this.circuit = new Circuit(this.pace);
    this.patience = new Patience(options.lookTimeoutMs);
    this.patienceForEach = new Patience(options.lookTimeoutMs);
    this.underWay = new UnderWay(this.patience);
    this.faults = new Faults(source, this.line, this.pace);
  }

  /** A new job, or a new observer of one that is watched already. */
  welcome(job: Watched<Snapshot>): void {
    // In a look, or apart: the turn is settled there.
    if (job.observers.size > 1 && job.place < 0) return;
    const nowMs = performance.now();
    const firstMs = this.pace.firstMs(nowMs - job.bornMs, this.jobs.size);
    const dueMs = nowMs + firstMs;
    // Where a look has places left a new job comes along at once.
    if (job.place < 0) job.intervalMs = 2 * firstMs;
    this.line.add(job, job.place < 0 ? dueMs : Math.min(dueMs, job.dueMs));
    if (job.dueMs < this.wakeMs) this.goOn();
  }

  /** A job that nobody waits for any more. */
  dismiss(job: Watched<Snapshot>): void {
    this.line.leave(job);
    if (this.jobs.size > 0) return;
    this.underWay.abandon();
    // What was known of the service will be old when somebody waits again.
    this.heal();
    this.goOn();
  }

  /** Begins the looks whose time has come, and comes again when the next one's has. */
  private goOn(): void {
    clearTimeout(this.timer);
    this.wakeMs = Infinity;
    if (this.jobs.size === 0) return;
    for (;;) {
      const nowMs = performance.now();
      const nextMs = this.nextMs(nowMs);
      if (nextMs > nowMs) {
        this.wakeMs = nextMs;
        if (nextMs === Infinity) return;
        this.timer = setTimeout(() => this.goOn(), Math.ceil(nextMs - nowMs));
        return;
      }
      this.begin(nowMs);
    }
  }

  private get idsPerLook(): number {
    const most = Math.max(1, this.source.idsPerLook ?? Infinity);
    // So few that no list is asked for: each has its own pace.
    return this.asksEach(this.jobs.size) ? Math.min(most, this.jobs.size) : most;
  }

  private asksEach(jobs: number): boolean {
    return this.source.asksEach?.(jobs) ?? false;
  }

  private get takesAll(): boolean {
    return this.idsPerLook === Infinity;
  }

  private get jobsDueMs(): number {
    const { jobsDueMs } = this.line;
    return this.takesAll ? Math.max(jobsDueMs, this.restUntilMs) : jobsDueMs;
  }

  /** When the next look may begin; Infinity where only another one's end can tell. */
  private nextMs(nowMs: number): number {
    const dueMs = Math.min(this.jobsDueMs, this.line.suspectsDueMs);
    if (dueMs === Infinity) return Infinity;
    const roomMs = this.circuit.isOpen
      ? Math.max(this.underWay.probeRoomMs, this.circuit.retryAtMs)
      : Math.max(dueMs, this.underWay.roomMs(nowMs, this.takesAll));
    return Math.max(roomMs, this.heldUntilMs(nowMs));
  }

  private heldUntilMs(nowMs: number): number {
    const budgetMs = (this.options.budget?.quietUntilMs ?? -Infinity) - Date.now();
    return Math.max(this.quietUntilMs, nowMs + Math.min(budgetMs, askBudgetAgainMs));
  }

  private begin(nowMs: number): void {
    const { line } = this;
    const answersBefore = this.faults.answersSoFar;
    const most = this.idsPerLook;
    if (this.circuit.isOpen) {
      const job = line.takeOne();
      if (job !== undefined) this.look([job], nowMs, { answersBefore, isProbe: true });
    } else if (line.hasSuspects(nowMs, this.jobsDueMs)) {
      const { jobs, ...group } = line.takeSuspects(most);
      this.look(jobs, nowMs, {
        ...group,
        answersBefore: Math.min(group.answersBefore, answersBefore),
      });
    } else if (most === Infinity) {
      this.restUntilMs = nowMs + this.pace.sweepGapMs();
      this.look(line.takeAll(), nowMs, { answersBefore });
    } else {
      this.look(line.takeDue(nowMs + this.pace.slackMs, nowMs, most), nowMs, { answersBefore });
    }
  }

  private look(
    jobs: readonly Watched<Snapshot>[],
    nowMs: number,
    terms: Omit<Look<Snapshot>['terms'], 'asksEach'>,
  ): void {
    if (jobs.length === 0) return;
    const asksEach = this.asksEach(jobs.length);
    const look = new Look(jobs, nowMs, { ...terms, asksEach }, this.options.budget);
    this.underWay.add(look);
    const ids = jobs.map(({ id }) => id);
    const { takesAll } = this;
    void look
      .run((signal) => this.source.look(ids, signal), this.patienceFor(look))
      .then((seen) => this.answered(look, seen, takesAll))
      // Also of an answer that the source can't make sense of.
      .catch((error: unknown) => this.failed(look, error))
      .then(() => {
        this.underWay.delete(look);
        this.goOn();
      });
  }

  private patienceFor({ terms }: Look<Snapshot>): Patience {
    return terms.asksEach === true ? this.patienceForEach : this.patience;
  }

  private answered(
    look: Look<Snapshot>,
    seen: ReadonlyMap<string, Snapshot> | undefined,
    tookAll: boolean,
  ): void {
    const nowMs = performance.now();
    const { tookMs } = look;
    this.heal();
    if (seen === undefined) {
      for (const job of look.watchedJobs) this.line.add(job, job.dueMs);
      return;
    }
    this.faults.answered(look);
    this.patienceFor(look).took(tookMs);
    if (look.terms.isProbe !== true) this.underWay.answered();
    const jobs = look.watchedJobs;
    const atMs = Date.now();
    const untoldMs = Math.min(longestUntoldMs, this.jobs.size * untoldPerJobMs);
    for (const job of jobs) {
      const snapshot = seen.get(job.id);
      if (snapshot !== undefined) job.end.note(this.source.progressOf?.(snapshot), nowMs);
      job.tell(
        snapshot === undefined ? { kind: 'missing', atMs } : { kind: 'seen', snapshot, atMs },
        this.source,
        nowMs,
        untoldMs,
      );
      job.intervalMs = this.intervalMs(job, nowMs);
    }
    const sweep = tookAll && look.terms.isProbe !== true;
    if (sweep) {
      const restMs = Math.max(tookMs, this.source.restMs ?? 0);
      this.restUntilMs = Math.max(this.restUntilMs, nowMs + Math.min(restMs, this.pace.maxMs));
    }
    const together = this.pace.togetherMs(jobs);
    for (const job of jobs) {
      const dueMs = nowMs + (sweep ? together : job.intervalMs);
      if (job.aloneUntilMs > nowMs) this.line.addAlone(job, dueMs);
      else this.line.add(job, dueMs);
    }
  }

  private intervalMs(job: Watched<Snapshot>, nowMs: number): number {
    const usualMs = job.kind === undefined ? undefined : this.durations.medianMs(job.kind);
    const endMs = job.end.atMs(usualMs);
    const leftMs = endMs === undefined ? undefined : endMs - nowMs;
    return this.pace.intervalMs(nowMs - job.bornMs, leftMs);
  }

  private failed(look: Look<Snapshot>, error: unknown): void {
    const nowMs = performance.now();
    const [first, ...others] = look.watchedJobs;
    if (first === undefined) return;
    const jobs = [first, ...others] as const;
    const askedMs = Math.min(this.source.retryAfterMs?.(error) ?? 0, longestQuietMs);
    this.quietUntilMs = Math.max(this.quietUntilMs, nowMs + askedMs);
    const isRefused = askedMs > 0 || this.source.isOfTheService?.(error) === true;
    if (this.faults.settled(look, jobs, error, isRefused, nowMs)) return;
    if (look.timedOut) this.patienceFor(look).timedOut();
    this.underWay.failed();
    const isNews = this.circuit.failed(look.beganMs, nowMs);
    this.listen();
    const { failures: consecutive, sinceMs } = this.circuit;
    const observation = { kind: 'error', error, atMs: Date.now(), consecutive, sinceMs } as const;
    for (const job of isNews && consecutive > 1 ? this.jobs.values() : jobs) {
      job.tell(observation, this.source, nowMs, 0);
    }
    // Another one probes next.
    if (look.terms.isProbe === true) this.line.add(first, nowMs);
    else if (isRefused) for (const job of jobs) this.line.add(job, job.dueMs);
    else this.faults.tryAgain(jobs, this.faults.answersSoFar, nowMs);
  }

  /** Hears of the connection's other calls while the service seems to be down. */
  private listen(): void {
    this.unlisten ??= this.options.budget?.listen(({ background, outcome }) => {
      if (background || (outcome !== 'answered' && outcome !== 'refused')) return;
      this.circuit.heard();
      this.goOn();
    });
  }

  private heal(): void {
    this.circuit.answered();
    this.unlisten?.();
    this.unlisten = undefined;
  }
}
