import {
  setCurrentDetails,
  setHandler,
  defineQuery,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { cutTexts } from '../../src/contracts/history-size';
import type {
  EndedJob,
  FailedSubmission,
  JobPhase,
  JobState,
  KillReport,
  RemoteJobMemo,
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
import type { NotifyEvent } from '../../src/contracts/notify';

/** Everything the workflow knows of its remote job. */
export const jobStateQuery = defineQuery<JobState>(jobStateQueryName);

/** What `jobProgressQuery` answers. */
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

/** Characters of one text in what the memo and the queries tell: a service's own may be of any length. */
const mostWords = 1000;

/** Keeps a job's state for queries, the memo and the Temporal UI. */
export class JobTracker {
  private state: JobState;
  private installation: string | undefined;
  /** Whether the worker that submitted wants to hear of the end. */
  tellsEnd = false;
  /** What a notification target wants to hear of. */
  notifies: readonly NotifyEvent[] | undefined;

  constructor(vendor: Vendor, connection: string) {
    this.state = cutTexts({ vendor, connection, phase: 'submitting' }, mostWords);
    setHandler(jobStateQuery, () => this.state);
    setHandler(jobProgressQuery, () => ({
      phase: this.state.phase,
      status: this.state.status,
      progress: this.state.phase === 'succeeded' ? 1 : 0,
    }));
  }

  /** What the memo's readers know of a job that has ended, for those who are told of it. */
  get ofEnd() {
    const { vendor, connection, key, remoteId, decision, submittedAtMs, endedAtMs, twins, kill } =
      this.state;
    return { vendor, connection, key, remoteId, decision, submittedAtMs, endedAtMs, twins, kill };
  }

  submitting(key: string): void {
    this.update({ phase: 'submitting', key });
    this.writeMemo();
  }

  /** Of a submission that is followed by another one only what became of it counts any more. */
  failedOnce(failedBefore: readonly FailedSubmission[]): void {
    const { vendor, connection } = this.state;
    this.state = { vendor, connection, phase: 'submitting' };
    this.update({ failedBefore });
    this.writeMemo();
  }

  submitted(job: SubmittedJob): void {
    this.installation = job.installation;
    this.tellsEnd = job.tellsEnd === true;
    this.notifies = job.notifies;
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
    if (twins.length === 0) return;
    this.update({ twins });
    this.writeMemo();
  }

  phase(phase: JobPhase): void {
    this.update({ phase });
  }

  private update(change: Partial<JobState>): void {
    this.state = cutTexts({ ...this.state, ...change }, mostWords);
    const { vendor, connection, phase, remoteId, kill } = this.state;
    const words = [
      `${jobNouns[vendor]} ${remoteId ?? '(not submitted yet)'} on ${connection}: ${phase}`,
    ];
    if (kill !== undefined) words.push(`kill ${kill.outcome}: ${kill.evidence}`);
    setCurrentDetails(words.join('\n\n'));
  }

  private writeMemo(): void {
    const { vendor, connection, remoteId, key, decision, twins, failedBefore, kill } = this.state;
    const { installation } = this;
    const job = { vendor, connection, remoteId, key, installation, decision };
    const memo: RemoteJobMemo = { ...job, twins, failedBefore, kill };
    upsertMemo({ [remoteJobMemoKey]: memo });
  }
}
