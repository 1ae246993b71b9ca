import type { JsonReply } from '../http/exchange';
import type { Accounts } from './accounts';
import type { SqlFlowBehaviour } from './behaviour';
import { refused } from './envelope';
import { showsPreviousEnd, type Job, type JobStatus } from './job';
import type { JobStore } from './job-store';
import { ListedRows } from './listed-rows';
import type { Runner } from './runner';

/** What the endpoints share. */
export class Service {
  constructor(
    readonly accounts: Accounts,
    readonly store: JobStore,
    readonly runner: Runner,
    readonly behaviour: SqlFlowBehaviour,
  ) {
    this.rows = new ListedRows(behaviour);
  }

  /** Rows of displayUserJobsSummary. */
  readonly rows: ListedRows;

  /** Jobs whose last summary, by a scripted fault, showed how the run before had ended. */
  readonly shownStale = new Set<Job>();

  /** The status that a client sees now: what it may export is what it believes to be finished. */
  shownStatus(job: Job): JobStatus {
    const isStale = showsPreviousEnd(job) || this.shownStale.has(job);
    return (isStale ? job.previous?.status : undefined) ?? job.status;
  }

  /** What every endpoint says of a job that isn't there, or isn't the user's. */
  readonly unknownJob = (): JsonReply =>
    refused(this.behaviour.errorCode, 'The job does not exist.');
}
