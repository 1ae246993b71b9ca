import {
  CancellationScope,
  getExternalWorkflowHandle,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import {
  chainMessages,
  type ChainGeneration,
  type FileCounts,
  type JobHeld,
} from '../../src/contracts/chain';
import type { SubmitPlan } from '../../src/contracts/chain-steps';
import type { KillReport } from '../../src/contracts/job';
import { told } from './words';

/**
 * The job that a refresh works on. The chain hears of it at once, whatever becomes of the refresh:
 * a jobId that is lost is a job that is lost.
 */
export class JobHolder {
  private held: ChainGeneration | undefined;
  private planned: FileCounts | undefined;
  private isCandidate = false;
  private taken = 0;
  private planWarnings: readonly string[] = [];
  /** What is remarkable about its jobIds. */
  readonly warnings: string[] = [];

  constructor(private readonly requestId: string) {}

  /**
   * Takes over what a plan says of the job. The chain hears of a new generation before its first
   * submit: a job whose jobId nobody learns is found by the generation's key alone.
   *
   * @param known the generation that the chain knows
   */
  async plan(
    { generation, candidate, found, files, warnings }: SubmitPlan,
    known: ChainGeneration | undefined,
  ): Promise<void> {
    this.planWarnings = warnings;
    this.held = generation;
    this.isCandidate = candidate;
    this.planned = files;
    if (found !== undefined) await this.tell(found, false);
    const replaces = known !== undefined && known.key !== generation.key;
    if (replaces && !candidate) await this.tell(generation, false);
  }

  /** The files of the latest plan. */
  get files(): FileCounts | undefined {
    return this.planned;
  }

  /** False while nothing can have been sent. */
  get isPlanned(): boolean {
    return this.held !== undefined;
  }

  get generation(): ChainGeneration {
    if (this.held === undefined) throw new Error('nothing is planned yet');
    return this.held;
  }

  get candidate(): boolean {
    return this.isCandidate;
  }

  get jobId(): string | undefined {
    return this.held?.jobId;
  }

  /** True once a submit was answered. */
  get hasSubmitted(): boolean {
    return this.taken > 0;
  }

  /** A submit was answered. True where the service put another job in the place of the one named. */
  async took(jobId: string): Promise<boolean> {
    const before = this.generation;
    const submits = before.submits + (this.hasSubmitted ? 0 : 1);
    this.taken += 1;
    this.held = { ...before, jobId, submits };
    if (before.jobId === jobId) return false;
    if (before.jobId !== undefined) {
      this.warnings.push(
        `SQLFlow answered a submit to job ${before.jobId} with jobId ${jobId}: the chain goes on with that one`,
      );
    }
    await this.tell(this.held, this.isCandidate);
    return before.jobId !== undefined;
  }

  /** The job is left before its end; its submit may not have been answered. */
  async left(kill: KillReport, jobId = this.jobId): Promise<void> {
    if (jobId !== undefined) await this.tell({ ...this.generation, jobId }, this.isCandidate, kill);
  }

  /** Heard even where the refresh was cancelled meanwhile; and there may be nobody to hear it. */
  private async tell(
    generation: ChainGeneration,
    candidate: boolean,
    kill?: KillReport,
  ): Promise<void> {
    const { parent } = workflowInfo();
    if (parent === undefined) return;
    const { requestId } = this;
    const warnings = told([...this.planWarnings, ...this.warnings]);
    const held: JobHeld = { requestId, generation, candidate, kill, warnings };
    // Not to a chain of the same name that was begun anew. A chain stays the same run under a refresh.
    const chain = getExternalWorkflowHandle(parent.workflowId, parent.runId);
    try {
      await CancellationScope.nonCancellable(() => chain.signal(chainMessages.held, held));
    } catch (error) {
      log.warn('the chain could not be told of its job', { error: String(error) });
    }
  }
}
