import {
  setCurrentDetails,
  setHandler,
  defineQuery,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type {
  EndedJob,
  JobPhase,
  JobState,
  KillReport,
  SubmittedJob,
} from '../../src/contracts/job';
import {
  jobNouns,
  jobProgressQueryName,
  jobStateQueryName,
  remoteJobIdAttribute,
  remoteJobMemoKey,
  type Vendor,
} from '../../src/contracts/names';

/** Everything the workflow knows of its remote job. */
export const jobStateQuery = defineQuery<JobState>(jobStateQueryName);

export interface CoarseProgress {
  readonly phase: JobPhase;
  /** The vendor's own status word, as last known to the workflow. */
  readonly status?: string;
  /** 0 until the job has ended, 1 after it succeeded. */
  readonly progress: number;
}

/**
 * The phases only. The live figures (percent, resources, log lines) are in the heartbeat details of
 * the waiting activity, where they cost no history; the starter's `describeJob` reads both.
 */
export const jobProgressQuery = defineQuery<CoarseProgress>(jobProgressQueryName);

/** Keeps a job's state for queries, the memo and the Temporal UI. */
export class JobTracker {
  private state: JobState;
  private installation: string | undefined;

  constructor(vendor: Vendor, connection: string) {
    this.state = { vendor, connection, phase: 'submitting' };
    setHandler(jobStateQuery, () => this.state);
    setHandler(jobProgressQuery, () => ({
      phase: this.state.phase,
      status: this.state.status,
      progress: this.state.phase === 'succeeded' ? 1 : 0,
    }));
  }

  submitting(key: string, failedBefore: JobState['failedBefore']): void {
    const { vendor, connection } = this.state;
    // Of an earlier submission only what became of it counts any more.
    this.state = { vendor, connection, phase: 'submitting', key, failedBefore };
    this.update({});
    this.writeMemo();
  }

  submitted(job: SubmittedJob): void {
    this.installation = job.installation;
    this.update({
      phase: 'waiting',
      connection: job.connection,
      remoteId: job.remoteId,
      decision: job.decision,
      submittedAtMs: job.submittedAtMs,
    });
    this.writeMemo();
    if (job.searchAttribute) upsertSearchAttributes({ [remoteJobIdAttribute]: [job.remoteId] });
  }

  ended(job: EndedJob): void {
    this.update({ status: job.status, endedAtMs: job.endedAtMs, error: job.errorMessage });
  }

  killed(kill: KillReport): void {
    this.update({ kill });
    this.writeMemo();
  }

  twins(twins: readonly KillReport[]): void {
    if (twins.length > 0) this.update({ twins });
  }

  phase(phase: JobPhase): void {
    this.update({ phase });
  }

  private update(change: Partial<JobState>): void {
    this.state = { ...this.state, ...change };
    const { vendor, connection, phase, remoteId, kill } = this.state;
    const words = [
      `${jobNouns[vendor]} ${remoteId ?? '(not submitted yet)'} on ${connection}: ${phase}`,
    ];
    if (kill !== undefined) words.push(`kill ${kill.outcome}: ${kill.evidence}`);
    setCurrentDetails(words.join('\n\n'));
  }

  private writeMemo(): void {
    const { vendor, connection, remoteId, key, kill } = this.state;
    const { installation } = this;
    upsertMemo({ [remoteJobMemoKey]: { vendor, connection, remoteId, key, installation, kill } });
  }
}
