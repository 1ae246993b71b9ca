import type { Client } from '@temporalio/client';
import { watchTaskQueue } from '../contracts/names';
import { abortableCalls } from '../starter/abortable-calls';
import type { JobDescription } from '../starter/describe';
import { findWorkers } from '../starter/workers';
import type { Output } from './output';

/** A worker usually takes what waits for it within milliseconds. */
const askAfterMs = 2_000;
const askEveryMs = 5_000;

/** No worker is there for a job that waits for one. */
export interface MissingWorker {
  /** For a person; begins in lower case, ends without a full stop. */
  readonly words: string;
  readonly forMs: number;
}

/** Notices, and says once, that a job waits for a worker and there is none. */
export class WorkerWatch {
  private waitingSinceMs: number | undefined;
  private askedAtMs = 0;
  private missing: string | undefined;

  constructor(
    private readonly client: Client,
    private readonly output: Output,
  ) {}

  async look(job: JobDescription, signal: AbortSignal): Promise<MissingWorker | undefined> {
    const nowMs = Date.now();
    if (!job.waitsForWorker) {
      if (this.missing !== undefined) this.output.say('A worker has taken it.');
      this.waitingSinceMs = undefined;
      this.missing = undefined;
      return undefined;
    }
    this.waitingSinceMs ??= nowMs;
    const forMs = nowMs - this.waitingSinceMs;
    if (forMs >= askAfterMs && nowMs >= this.askedAtMs + askEveryMs) {
      this.askedAtMs = nowMs;
      await this.ask(job.taskQueue, signal);
    }
    return this.missing === undefined ? undefined : { words: this.missing, forMs };
  }

  private async ask(taskQueue: string, signal: AbortSignal): Promise<void> {
    const before = this.missing;
    this.missing = await abortableCalls(this.client, signal, () =>
      missingWorker(this.client, taskQueue),
    );
    if (this.missing !== undefined && before === undefined) this.output.warn(this.missing);
  }
}

/** In words, where no worker is there for a task queue; see {@link MissingWorker}. */
export async function missingWorker(
  client: Client,
  taskQueue: string,
): Promise<string | undefined> {
  const { workflows, activities, waiting } = await findWorkers(client, taskQueue);
  const main = workflows > 0 && activities > 0;
  if (main && waiting > 0) return undefined;
  const queue = main ? watchTaskQueue(taskQueue) : taskQueue;
  return `no worker polls task queue ${queue}; start one with \`remote-jobs worker\``;
}
