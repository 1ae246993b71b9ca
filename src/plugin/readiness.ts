import type { NativeConnection, Worker } from '@temporalio/worker';

/** How a worker stands, as an orchestrator asks for it. */
export interface Readiness {
  /** True where the worker takes work, and Temporal hears it. */
  readonly ready: boolean;
  /** `polling` once the worker and its companion for waiting jobs both poll. */
  readonly worker: 'starting' | 'polling' | 'stopping';
  readonly temporal: 'unknown' | 'reachable' | 'unreachable';
}

/** How long Temporal may take to answer, in milliseconds: probes usually give up after some seconds. */
const answerWithinMs = 2_000;
/** Probes of several askers share an answer for so long, in milliseconds. */
const answerHoldsMs = 1_000;

/** What `runRemoteJobsWorker` tells of its worker while it runs. */
export class WorkerReadiness {
  private connection: NativeConnection | undefined;
  private worker: Worker | undefined;
  private polled = false;
  private stops = false;
  private asked: { readonly atMs: number; readonly answer: Promise<boolean> } | undefined;

  /** There is a connection, by which Temporal is asked from now on. */
  connected(connection: NativeConnection): void {
    this.connection = connection;
  }

  /** The worker and its companion both poll. */
  polling(worker: Worker): void {
    this.worker = worker;
    this.polled = true;
  }

  /** Also before it polled: no more work is to be sent here. */
  stopping(): void {
    this.stops = true;
  }

  /** Never throws. */
  async look(): Promise<Readiness> {
    const worker = this.phase();
    if (this.connection === undefined || worker === 'stopping') {
      return { ready: false, worker, temporal: 'unknown' };
    }
    const reachable = await this.reachesTemporal(this.connection);
    const temporal = reachable ? 'reachable' : 'unreachable';
    return { ready: reachable && this.phase() === 'polling', worker: this.phase(), temporal };
  }

  private phase(): Readiness['worker'] {
    if (this.stops) return 'stopping';
    if (!this.polled) return 'starting';
    return this.worker?.getState() === 'RUNNING' ? 'polling' : 'stopping';
  }

  private reachesTemporal(connection: NativeConnection): Promise<boolean> {
    const nowMs = performance.now();
    if (this.asked !== undefined && nowMs < this.asked.atMs + answerHoldsMs) {
      return this.asked.answer;
    }
    const answer = connection
      .withDeadline(Date.now() + answerWithinMs, () => connection.workflowService.getSystemInfo({}))
      .then(
        () => true,
        () => false,
      );
    this.asked = { atMs: nowMs, answer };
    return answer;
  }
}
