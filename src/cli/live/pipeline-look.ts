import type { Client } from '@temporalio/client';
import type { JobProgress } from '../../contracts/job';
import type { PipelineState } from '../../contracts/pipeline-run';
import { describeJob } from '../../starter/describe';
import { abortableCalls } from '../../starter/abortable-calls';
import { pipelineState } from '../../starter/pipelines';

/** A query costs a worker something; that of a thousand steps takes several. */
const askEveryMs = 1_000;
const answerWithinMs = 5_000;
/** Bars of more steps than these would not fit on a screen. */
const mostBars = 12;

/** How a pipeline stands, and how far the remote jobs of its running steps are. */
export interface PipelineView {
  readonly state: PipelineState;
  /** By the steps' names. */
  readonly progress: ReadonlyMap<string, JobProgress>;
}

/** Asks a pipeline's run how it stands, and keeps the last answer while no worker gives one. */
export class PipelineLook {
  private askedAtMs = -Infinity;
  private view: PipelineView | undefined;

  constructor(
    private readonly client: Client,
    private readonly workflowId: string,
  ) {}

  async look(signal: AbortSignal): Promise<PipelineView | undefined> {
    if (Date.now() < this.askedAtMs + askEveryMs) return this.view;
    await abortableCalls(this.client, signal, () => this.ask()).catch(() => undefined);
    this.askedAtMs = Date.now();
    return this.view;
  }

  private async ask(): Promise<void> {
    const state = await pipelineState(this.client, this.workflowId, { withinMs: answerWithinMs });
    const running = state.steps.filter(
      ({ standing, workflowId }) => standing === 'running' && workflowId !== undefined,
    );
    const progress = new Map<string, JobProgress>();
    await Promise.all(
      running.slice(0, mostBars).map(async ({ name, workflowId = '' }) => {
        // A step that has just ended is no trouble.
        const step = await describeJob(this.client, workflowId).catch(() => undefined);
        if (step?.progress !== undefined) progress.set(name, step.progress);
      }),
    );
    this.view = { state, progress };
  }
}
