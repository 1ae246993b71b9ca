import {
  CancellationScope,
  getExternalWorkflowHandle,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import { chainMessages, type ChainGeneration, type JobHeld } from '../../src/contracts/chain';
import type { SubmitPlan } from '../../src/contracts/chain-steps';
import type { KillReport } from '../../src/contracts/job';

/**
 * The job that a refresh works on. The chain hears of it at once, whatever becomes of the refresh:
 * a jobId that is lost is a job that is lost.
 */
export class JobHolder {
  private held: ChainGeneration;
  private submitted = false;
  readonly candidate: boolean;

  constructor(
    private readonly requestId: string,
    plan: Pick<SubmitPlan, 'generation' | 'candidate'>,
  ) {
    this.held = plan.generation;
    this.candidate = plan.candidate;
  }

  /** True once a submit was answered. */
  get hasSubmitted(): boolean {
    return this.submitted;
  }

  get generation(): ChainGeneration {
    return this.held;
  }

  get jobId(): string | undefined {
    return this.held.jobId;
  }

  /** A submit was answered. Says in words what is remarkable about the jobId. */
  async took(jobId: string): Promise<readonly string[]> {
    const before = this.held.jobId;
    const submits = this.held.submits + (this.submitted ? 0 : 1);
    this.submitted = true;
    this.held = { ...this.held, jobId, submits };
    if (before !== jobId) await this.tell(this.held);
    if (before === undefined || before === jobId) return [];
    return [
      `SQLFlow answered a submit to job ${before} with jobId ${jobId}: the chain goes on with that one`,
    ];
  }

  /** The job is left before its end. */
  async left(kill: KillReport): Promise<void> {
    if (this.jobId !== undefined) await this.tell(this.held, this.candidate, kill);
  }

  /** Heard even where the refresh was cancelled meanwhile; and there may be nobody to hear it. */
  async tell(
    generation: ChainGeneration,
    candidate = this.candidate,
    kill?: KillReport,
  ): Promise<void> {
    const { parent } = workflowInfo();
    if (parent === undefined) return;
    const held: JobHeld = { requestId: this.requestId, generation, candidate, kill };
    const chain = getExternalWorkflowHandle(parent.workflowId);
    try {
      await CancellationScope.nonCancellable(() => chain.signal(chainMessages.held, held));
    } catch (error) {
      log.warn('the chain could not be told of its job', { error: String(error) });
    }
  }
}
