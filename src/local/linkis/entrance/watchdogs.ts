import type { Job } from './job';

type Kill = (job: Job, reason: string) => void;

/** Clients that have to ask for the status of their task now and then. */
const watchedCreators: ReadonlySet<string> = new Set(['LINKISCLI', 'BdpClient']);

/** Kills tasks that take too long, and those whose client has gone. */
export class Watchdogs {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #kill: Kill;

  constructor(kill: Kill) {
    this.#kill = kill;
  }

  /** Kills the task after a time, where it is `stillDue` then. */
  killAfter(timeoutMs: number, job: Job, reason: string, stillDue: () => boolean): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (stillDue()) this.#kill(job, reason);
    }, timeoutMs);
    this.#timers.add(timer.unref());
  }

  watchClient(job: Job, silenceMs: number): void {
    if (!watchedCreators.has(job.request.creator)) return;
    const timer = setInterval(() => {
      const isSilent = Date.now() - job.heardOfAtMs > silenceMs;
      if (!job.isOver && !isSilent) return;
      clearInterval(timer);
      this.#timers.delete(timer);
      if (!job.isOver) this.#kill(job, 'its client is gone');
    }, silenceMs / 10);
    this.#timers.add(timer.unref());
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
