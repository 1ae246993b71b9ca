import { CancellationScope } from '@temporalio/workflow';
import type { KillReport, RemovedTwins, SubmittedJob } from '../../src/contracts/job';
import { firstWords } from './failure-words';

/** How long a workflow stays open for a request that may take effect late, in milliseconds. */
const lateEffectMs = 30_000;
/** While the job runs, twins are looked for this long; a later one is found when the job ends. */
const besideTheJobMs = 10 * 60_000;

type RemoveTwins = (untilMs: number, known?: readonly KillReport[]) => Promise<RemovedTwins>;

/**
 * Looks for twins of a job whose submission may have more than one, beside the job's own course and
 * once more when that is over: a request can take effect long after its client gave up.
 */
export class TwinWatch {
  private readonly submittedAtMs = Date.now();
  /** Deaf to the workflow's cancel, but not to ours. */
  private readonly scope = new CancellationScope({
    cancellable: true,
    parent: new CancellationScope({ cancellable: false }),
  });
  private readonly beside: Promise<readonly KillReport[]> | undefined;
  private all: Promise<readonly KillReport[]> | undefined;

  /** @param remove absent where a submission can't make a second job. */
  constructor(
    job: SubmittedJob,
    private readonly remove: RemoveTwins | undefined,
  ) {
    if (job.mayHaveTwin === true && remove !== undefined) {
      this.beside = this.scope.run(() => this.lookBeside(remove));
    }
  }

  /** The job's own course is over: what became of its twins. None where there can't be any. */
  ended(): Promise<readonly KillReport[]> {
    this.all ??= this.lastLook();
    return this.all;
  }

  /** Whatever ends it, be it our own cancel, the last look is still to come. */
  private async lookBeside(remove: RemoveTwins): Promise<readonly KillReport[]> {
    try {
      return (await remove(this.submittedAtMs + besideTheJobMs)).twins;
    } catch {
      return [];
    }
  }

  private async lastLook(): Promise<readonly KillReport[]> {
    const { beside, remove } = this;
    if (beside === undefined || remove === undefined) return [];
    this.scope.cancel();
    const known = await beside;
    try {
      const { twins } = await CancellationScope.nonCancellable(() =>
        remove(this.submittedAtMs + lateEffectMs, known),
      );
      return twins;
    } catch (error) {
      const evidence = `whether the submission made another job could not be found out: ${firstWords(error)}`;
      return [...known, { outcome: 'unconfirmed', evidence: evidence.slice(0, 500) }];
    }
  }
}
