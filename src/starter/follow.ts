import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { LogChunks } from '../artifacts/log-chunks';
import type { ArtifactStore } from '../artifacts/store';
import { jobFolder, logChunksFolder } from '../contracts/names';
import { isOpen } from '../contracts/workflow-status';
import { abortableCalls } from './abortable-calls';
import { describeJob, type JobDescription } from './describe';

/** How a job is followed, and until when. */
export interface FollowOptions {
  readonly signal: AbortSignal;
  /** @default the workflow's latest run */
  readonly runId?: string;
  /** Time between two looks, in milliseconds. @default 500 */
  readonly intervalMs?: number;
}

/**
 * Looks at a job until it has closed: the last description says so. Each look is one cheap call to
 * the server, costs no history and needs no worker. Rejects with the signal's reason.
 */
export async function* followJob(
  client: Client,
  workflowId: string,
  { signal, runId, intervalMs = 500 }: FollowOptions,
): AsyncGenerator<JobDescription> {
  for (;;) {
    signal.throwIfAborted();
    const description = await abortableCalls(client, signal, () =>
      describeJob(client, workflowId, runId),
    );
    yield description;
    if (!isOpen(description.status)) return;
    await sleep(intervalMs, undefined, { signal });
  }
}

/** The log of a job while it is collected: each call of {@link newLines} gives what came since. */
export class LogFollower {
  /** Lines given so far. */
  lines = 0;
  /** The last one given. */
  last: string | undefined;
  private remoteId: string | undefined;

  constructor(
    private readonly store: ArtifactStore,
    private readonly workflowId: string,
    private readonly runId: string,
  ) {}

  /** @param remoteId the task's; another one than before was submitted in its place, and begins anew */
  async *newLines(remoteId: string | undefined, signal: AbortSignal): AsyncGenerator<string> {
    if (remoteId === undefined) return;
    if (remoteId !== this.remoteId) {
      this.remoteId = remoteId;
      this.lines = 0;
      this.last = undefined;
    }
    const folder = logChunksFolder(jobFolder(this.workflowId, this.runId), remoteId);
    for await (const line of new LogChunks(this.store, folder).read(this.lines, signal)) {
      this.lines += 1;
      this.last = line;
      yield line;
    }
  }
}
