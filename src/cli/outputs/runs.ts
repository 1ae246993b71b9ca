import type {
  FailureReport,
  JobProgress,
  JobState,
  KillReport,
  SubmitFailureReport,
} from '../../contracts/job';
import type { RefreshResult } from '../../contracts/chain';
import type { PipelineResult } from '../../contracts/pipeline-steps';
import type { JobDescription, PendingActivity } from '../../starter/describe';
import type { JobOutcome } from '../../starter/outcome';
import type { ExitCode } from '../exit-codes';
import type { Stage } from '../job-words';
import type { RefreshReturn } from '../refresh-result';
import type { JobResult, WrittenFile } from '../result-folder';

/** Instead of every other document: the command failed before it could print its own. */
export interface ErrorDocument {
  readonly error: { readonly message: string };
  readonly exitCode: ExitCode;
}

/** With `--detach`, and where Ctrl-C left the job running. */
export interface DetachedDocument {
  /** The workflow id. */
  readonly id: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly detached: true;
  readonly exitCode: ExitCode;
}

/** How a job ended. */
export interface EndedDocument {
  /** Only as the last line of `watch`. */
  readonly event?: 'ended';
  /** The workflow id. */
  readonly id: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly outcome: 'succeeded' | 'failed' | 'deadline' | 'invalid' | 'cancelled' | 'terminated';
  readonly exitCode: ExitCode;
  /** What the workflow returned, where it succeeded; `result.json` has the same. */
  readonly result?: JobResult | RefreshReturn;
  /** Of a chain's refresh: the revision that its files are of. */
  readonly revision?: RefreshResult;
  readonly message?: string;
  /** A failure type, as the troubleshooting page lists them. */
  readonly type?: string;
  /** Only `submitted` where the submit itself failed. */
  readonly report?: FailureReport | SubmitFailureReport;
  readonly kill?: KillReport;
  /** With `--out`: the folder, and what was put there. */
  readonly out?: string;
  readonly files?: readonly WrittenFile[];
}

/** One look at a job that differs from the one before. */
export interface JobEvent {
  readonly event: 'job';
  /** The workflow id. */
  readonly id: string;
  /** Temporal's own word. */
  readonly status: string;
  readonly stage: Stage;
  readonly progress?: JobProgress;
  readonly activity?: PendingActivity;
}

/** How a pipeline's run ended. */
export interface PipelineEndedDocument {
  /** Only as the last line of `watch`. */
  readonly event?: 'ended';
  /** The workflow id. */
  readonly id: string;
  readonly workflowId: string;
  readonly outcome: EndedDocument['outcome'];
  readonly exitCode: ExitCode;
  /** How many steps ended how, and why those failed that did. */
  readonly result?: PipelineResult;
  readonly message?: string;
  /** A failure type, as the troubleshooting page lists them. */
  readonly type?: string;
  readonly kill?: KillReport;
}

/** What `cancel` did, and how it is known. */
export interface CancelledDocument {
  /** The workflow id. */
  readonly id: string;
  readonly workflowId: string;
  readonly runId?: string;
  readonly outcome:
    'alreadyClosed' | 'succeeded' | 'failed' | 'deadline' | 'invalid' | 'cancelled' | 'terminated';
  /** Of a job that had ended before: Temporal's own word. */
  readonly status?: string;
  readonly kill?: KillReport;
  readonly exitCode: ExitCode;
}

/** A job in a list. */
export interface ListedJob extends JobDescription {
  /** The workflow id. */
  readonly id: string;
}

/** The newest first. */
export interface JobsDocument {
  readonly jobs: readonly ListedJob[];
}

/** The submit itself failed. */
export interface SubmitFailedOutcome {
  readonly kind: 'failed' | 'deadline' | 'invalid';
  readonly type?: string;
  readonly message: string;
  readonly report: SubmitFailureReport;
}

/** Everything that is known of a job. */
export interface JobDocument extends ListedJob {
  readonly stage: Stage;
  /** The workflow's own account; absent where no worker answers. */
  readonly state?: JobState;
  /** Once it has ended. */
  readonly outcome?: JobOutcome<JobResult | RefreshReturn> | SubmitFailedOutcome;
}

/** A log, a line each. */
export interface LogDocument {
  readonly lines: readonly string[];
}

/** With `--follow`: one line of a log. */
export interface LogEvent {
  readonly event: 'log';
  readonly line: string;
}
