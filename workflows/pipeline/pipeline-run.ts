import {
  ActivityCancellationType,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  getExternalWorkflowHandle,
  makeContinueAsNewFunc,
  ParentClosePolicy,
  proxyActivities,
  sleep,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { PipelineWatchActivities, PipelineActivities } from '../../activities/pipeline/create';
import { historyLimitBytes, jsonBytes } from '../../src/contracts/history-size';
import { longestTimeoutMs } from '../../src/contracts/job';
import { remoteJobMemoKey, watchTaskQueue } from '../../src/contracts/names';
import { noticesOfEnds } from '../../src/contracts/notify';
import { endedWith } from '../../src/contracts/pipeline-ends';
import {
  pipelineMemoKey,
  pipelineStepId,
  pipelineStepMemoKey,
  pipelineWorkflowTypes,
  type PipelineMemo,
  type PipelineStepMemo,
} from '../../src/contracts/pipeline-run';
import type {
  CarriedPipeline,
  GraphStep,
  PipelineInput,
  PipelineResult,
  StepEnd,
} from '../../src/contracts/pipeline-steps';
import { countPipelineStep } from '../engine/count';
import { notifyOfEnd } from '../engine/notify';
import type { remoteJobsPipeline } from '../remote-jobs-pipeline';
import type { remoteJobsPipelineStep } from '../remote-jobs-pipeline-step';
import { killOf, resultOf, throwUnlessDone, unprovenKill, type PipelineStop } from './pipeline-end';
import { PipelineTeller } from './pipeline-teller';
import { StepBoard } from './step-board';
import { endOfFailure } from './step-end';

/** The least that a run does before it hands over, in events: a hand-over itself costs some. */
const leastHistory = 60;
/** Before steps are asked for again that could not be asked. */
const askAgainMs = 10_000;
/** Steps whose kills are asked for at once. */
const killsAtOnce = 500;

/** One run of the pipeline's workflow, from its start or from where the one before handed over. */
export class PipelineRun {
  private readonly board: StepBoard;
  private readonly startedAtMs: number;
  private readonly teller: PipelineTeller;
  private readonly id = workflowInfo().workflowId;
  /** Steps that an earlier run started: they are no children of this one. */
  private readonly adopted = new Set<string>();
  /** Children whose start isn't recorded yet: this run must not end before it is. */
  private starting = 0;
  private woken = false;
  private stopped: PipelineStop | undefined;
  /** Every step has ended: nothing is left to stop. */
  private isOver = false;
  private readonly steps = new CancellationScope({ cancellable: true });

  constructor(private readonly input: PipelineInput) {
    const { graph, carried } = input;
    this.board = new StepBoard(graph, input, this.id, carried);
    this.startedAtMs = carried?.startedAtMs ?? Date.now();
    this.teller = new PipelineTeller(input, this.board, this.startedAtMs, () => this.stopped);
  }

  async toEnd(): Promise<PipelineResult> {
    // What comes after a cancel is the larger part of the work: nothing of it may be cancelled.
    const root = CancellationScope.current();
    root.cancelRequested.catch(() => this.stop('cancelled'));
    return CancellationScope.nonCancellable(async () => {
      this.watchTheClock();
      void this.awaitAdopted();
      await this.work();
      this.isOver = true;
      // The time was up as the last steps ended: it has cut nothing off.
      if (this.stopped === 'deadline' && this.board.isDone) this.stopped = undefined;
      await this.learnKills();
      const endedAtMs = Date.now();
      this.teller.ended(endedAtMs);
      const result = resultOf(this.input, this.board, this.startedAtMs, endedAtMs);
      const kill = this.stopped === undefined ? undefined : killOf(this.board);
      const memo: PipelineMemo = { ...this.memo, counts: result.counts, kill };
      upsertMemo({ [pipelineMemoKey]: memo });
      try {
        throwUnlessDone(result, this.board, this.stopped);
      } catch (error) {
        const subject = `The pipeline ${result.pipeline}`;
        // The activity knows whether somebody wants to hear: a pipeline has activities enough.
        await notifyOfEnd(noticesOfEnds, error, { subject, kill: unprovenKill(this.board) });
        throw error;
      }
      return result;
    });
  }

  private async work(): Promise<void> {
    for (;;) {
      this.begin();
      if (this.board.isOver && this.starting === 0) return;
      await this.handOverIfLong();
      this.teller.tell();
      await condition(() => this.woken);
      this.woken = false;
    }
  }

  private begin(): void {
    if (this.stopped !== undefined) return;
    for (let step = this.board.next(); step !== undefined; step = this.board.next()) {
      this.board.started(step.name, Date.now());
      void this.run(step);
    }
  }

  private async run(step: GraphStep): Promise<void> {
    this.ended(step.name, await this.steps.run(() => this.endOf(step)));
  }

  private async endOf(step: GraphStep): Promise<StepEnd> {
    const { name, kind, retry } = step;
    const { graph, snapshot } = this.input;
    const whose: PipelineStepMemo = { pipelineId: this.id, pipeline: graph.name, step: name, kind };
    this.starting += 1;
    try {
      const child = await startChild<typeof remoteJobsPipelineStep>(pipelineWorkflowTypes.step, {
        workflowId: pipelineStepId(this.id, name),
        args: [
          {
            ...whose,
            snapshot,
            outputs: this.board.outputsFor(step),
            retry,
            attempt: 1,
          },
        ],
        memo: {
          [pipelineStepMemoKey]: whose,
          ...(kind !== 'approval' && {
            [remoteJobMemoKey]: {
              vendor: kind === 'linkis' ? 'linkis' : 'sqlflow',
              connection: '',
            },
          }),
        },
        // Its remote job is known to be over only when the step has ended.
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        // A run that continues as new has closed, too: its steps go on, and the next run takes them over.
        parentClosePolicy: ParentClosePolicy.ABANDON,
      }).finally(() => {
        this.starting -= 1;
        this.woken = true;
      });
      this.board.hasRun(name, child.firstExecutionRunId);
      return endedWith(kind, await child.result());
    } catch (error) {
      return endOfFailure(error);
    }
  }

  private ended(name: string, end: StepEnd): void {
    this.board.ended(name, end, Date.now());
    countPipelineStep(this.board.kindOf(name), end.standing);
    this.woken = true;
  }

  /** One activity waits for all of them, so that also one that is terminated is heard of. */
  private async awaitAdopted(): Promise<void> {
    for (const { name } of this.board.running()) this.adopted.add(name);
    const { remoteJobsAwaitSteps } = proxyActivities<PipelineWatchActivities>({
      taskQueue: watchTaskQueue(workflowInfo().taskQueue),
      startToCloseTimeout: longestTimeoutMs,
      heartbeatTimeout: '20s',
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      retry: { initialInterval: '1s', backoffCoefficient: 1 },
    });
    while (this.adopted.size > 0) {
      const steps = this.board
        .running()
        .filter(({ name }) => this.adopted.has(name))
        .map(({ name, runId }) => ({
          name,
          kind: this.board.kindOf(name),
          workflowId: pipelineStepId(this.id, name),
          runId,
        }));
      try {
        const { ended } = await remoteJobsAwaitSteps({ steps });
        for (const [name, end] of Object.entries(ended)) {
          this.adopted.delete(name);
          this.ended(name, end);
        }
      } catch {
        await sleep(askAgainMs);
      }
    }
  }

  private watchTheClock(): void {
    const { timeoutMs } = this.input.graph;
    if (timeoutMs === undefined) return;
    const leftMs = Math.min(this.startedAtMs + timeoutMs - Date.now(), longestTimeoutMs);
    void sleep(Math.max(1, leftMs)).then(() => this.stop('deadline'));
  }

  /** Nothing new begins, and every step under way is cancelled. */
  private stop(why: PipelineStop): void {
    if (this.stopped !== undefined || this.isOver) return;
    this.stopped = why;
    const words = why === 'cancelled' ? 'the pipeline was cancelled' : "the pipeline's time was up";
    this.board.stop(words);
    this.steps.cancel();
    for (const name of this.adopted) void this.cancelAdopted(name);
    this.woken = true;
  }

  private async cancelAdopted(name: string): Promise<void> {
    const step = getExternalWorkflowHandle(pipelineStepId(this.id, name));
    try {
      // Whoever hears of a cancel is cancelled, and sends nothing in that scope.
      await CancellationScope.nonCancellable(() => step.cancel());
    } catch {
      // It has ended; whoever waits for it hears so.
    }
  }

  /** A cancelled step tells of its kill in its memo alone. */
  private async learnKills(): Promise<void> {
    const unknown = this.board
      .standing('cancelled')
      .filter(({ kill, startedAtMs }) => kill === undefined && startedAtMs !== undefined);
    const { remoteJobsStepKills } = proxyActivities<PipelineActivities>({
      startToCloseTimeout: '5m',
      scheduleToCloseTimeout: '15m',
      heartbeatTimeout: '20s',
      retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
    });
    for (let from = 0; from < unknown.length; from += killsAtOnce) {
      const some = unknown.slice(from, from + killsAtOnce);
      const workflowIds = some.map(({ name }) => pipelineStepId(this.id, name));
      try {
        const { kills } = await remoteJobsStepKills({ workflowIds });
        for (const { name } of some) {
          this.board.change(name, kills[pipelineStepId(this.id, name)] ?? {});
        }
      } catch {
        // The steps' own workflows tell; this one has ended all the same.
      }
    }
  }

  private get memo(): PipelineMemo {
    const { graph, retryOf } = this.input;
    return { name: graph.name, steps: graph.steps.length, retryOf };
  }

  /** Goes on in a new run; steps under way don't notice. */
  private async handOverIfLong(): Promise<void> {
    const { historyLength, continueAsNewSuggested, memo } = workflowInfo();
    const most = Math.max(leastHistory, this.input.historyEvents ?? Infinity);
    const isLong = continueAsNewSuggested || historyLength > most;
    if (!isLong || this.starting > 0 || this.stopped !== undefined) return;
    let next = this.handingOver(this.board.carried(this.startedAtMs));
    if (jsonBytes(next) > historyLimitBytes) {
      next = this.handingOver(this.board.carriedBriefly(this.startedAtMs));
      // A larger one would be refused by the server; this run still has room.
      if (jsonBytes(next) > historyLimitBytes) return;
    }
    const goOn = makeContinueAsNewFunc<typeof remoteJobsPipeline>({
      workflowType: pipelineWorkflowTypes.pipeline,
      memo: memo ?? {},
    });
    await goOn(next);
  }

  private handingOver(carried: CarriedPipeline): PipelineInput {
    return { ...this.input, carried };
  }
}
