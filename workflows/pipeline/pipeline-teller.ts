import { defineQuery, defineSignal, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { jsonBytes } from '../../src/contracts/history-size';
import {
  pipelineOutputsQueryName,
  pipelineStateQueryName,
  type PipelineOutputs,
  type PipelineStanding,
  type PipelineState,
  type PipelineStatePage,
  type PipelineStepState,
} from '../../src/contracts/pipeline-run';
import {
  stepAttemptSignalName,
  type PipelineInput,
  type StepAttempt,
} from '../../src/contracts/pipeline-steps';
import type { PipelineStop } from './pipeline-end';
import type { StepBoard } from './step-board';

/** How a pipeline and its steps stand; also after its end, as long as Temporal remembers it. */
export const pipelineStateQuery = defineQuery<PipelineState, [PipelineStatePage?]>(
  pipelineStateQueryName,
);
export const pipelineOutputsQuery = defineQuery<PipelineOutputs, [PipelineStatePage?]>(
  pipelineOutputsQueryName,
);
const stepAttemptSignal = defineSignal<[StepAttempt]>(stepAttemptSignalName);

/** An answer of over 2 MiB would not arrive: steps of so many bytes make a page. */
const pageBytes = 2 ** 19;

/** Tells whoever asks how the run stands. */
export class PipelineTeller {
  private endedAtMs: number | undefined;

  constructor(
    private readonly input: PipelineInput,
    private readonly board: StepBoard,
    private readonly startedAtMs: number,
    private readonly stopped: () => PipelineStop | undefined,
  ) {
    setHandler(pipelineStateQuery, (page) => this.state(page));
    setHandler(pipelineOutputsQuery, (page) => this.outputs(page));
    setHandler(stepAttemptSignal, ({ step, attempt, words }) =>
      board.triedAgain(step, attempt, words),
    );
  }

  ended(atMs: number): void {
    this.endedAtMs = atMs;
    this.tell();
  }

  /** For the Temporal UI. */
  tell(): void {
    const { graph, retryOf } = this.input;
    const counts = Object.entries(this.board.counts()).filter(([, count]) => count > 0);
    const running = this.board.running().slice(0, 10);
    setCurrentDetails(
      [
        `Pipeline ${graph.name}: ${this.standing()}`,
        counts.map(([standing, count]) => `${count} ${standing}`).join(', '),
        running.length > 0 && `Under way: ${running.map(({ name }) => name).join(', ')}`,
        retryOf !== undefined && `Retries ${retryOf}`,
      ]
        .filter((line) => typeof line === 'string')
        .join('\n\n'),
    );
  }

  private standing(): PipelineStanding {
    const stopped = this.stopped();
    if (this.endedAtMs === undefined) return stopped === undefined ? 'running' : 'cancelling';
    if (stopped !== undefined) return stopped;
    const { failed, cancelled } = this.board.counts();
    return failed + cancelled > 0 ? 'failed' : 'succeeded';
  }

  private state({ fromStep = 0 }: PipelineStatePage = {}): PipelineState {
    const { graph, retryOf } = this.input;
    const { items: steps, next } = this.page(fromStep, (at) => this.board.stateOf(at));
    return {
      name: graph.name,
      standing: this.standing(),
      startedAtMs: this.startedAtMs,
      endedAtMs: this.endedAtMs,
      counts: this.board.counts(),
      retryOf,
      steps,
      nextStep: next,
    };
  }

  private outputs({ fromStep = 0 }: PipelineStatePage = {}): PipelineOutputs {
    const { items, next } = this.page(fromStep, (at) => {
      const name = this.input.graph.steps[at]?.name;
      return name === undefined ? undefined : { name, outputs: this.board.outputsOf(name) };
    });
    const known = items.flatMap(({ name, outputs }) => (outputs ? [[name, outputs] as const] : []));
    return { outputs: Object.fromEntries(known), nextStep: next };
  }

  private page<Item = PipelineStepState>(
    from: number,
    itemAt: (position: number) => Item | undefined,
  ): { readonly items: Item[]; readonly next?: number } {
    const items: Item[] = [];
    let sizeBytes = 0;
    for (let at = from; ; at++) {
      const item = itemAt(at);
      if (item === undefined) return { items };
      sizeBytes += jsonBytes(item);
      if (sizeBytes > pageBytes && items.length > 0) return { items, next: at };
      items.push(item);
    }
  }
}
