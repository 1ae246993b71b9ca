import type { ApprovalMemo } from '../contracts/approval';
import { failureTypes } from '../contracts/failure-types';
import type {
  JobProgress,
  JobResources,
  KillReport,
  LogRef,
  SubmitDecision,
} from '../contracts/job';
import { jobNouns, type Vendor } from '../contracts/names';
import { isOpen } from '../contracts/workflow-status';
import type { JobDescription } from '../starter/describe';
import { formatDuration, formatSize, localTime } from './durations';
import { printable, printableLine } from './text-width';

export type Stage =
  | 'paused in Temporal'
  | 'waiting for a worker'
  | 'in the queue'
  | 'comparing files'
  | 'submitting'
  | 'waiting'
  | 'fetching'
  | 'comparing lineage'
  | 'waiting for approval'
  | 'publishing'
  | 'withdrawing'
  | 'killing'
  | 'closing'
  | 'closed';

/** By the activity that is running; the first that fits. */
const stages: readonly (readonly [RegExp, Stage])[] = [
  [/Kill/, 'killing'],
  [/AskChain/, 'in the queue'],
  [/Withdraw/, 'withdrawing'],
  [/Plan/, 'comparing files'],
  [/Settle/, 'comparing lineage'],
  [/Publish/, 'publishing'],
  [/Finish|DeleteReplaced/, 'closing'],
  [/Collect/, 'fetching'],
  [/Await/, 'waiting'],
];

/** Where a job stands, by what its workflow is doing right now. */
export function stageOf({ status, historyEvents, activity, refresh }: JobDescription): Stage {
  if (!isOpen(status)) return 'closed';
  if (status === 'PAUSED') return 'paused in Temporal';
  if (activity === undefined) {
    if (refresh?.approval !== undefined) return 'waiting for approval';
    return historyEvents <= 2 ? 'waiting for a worker' : 'closing';
  }
  return stages.find(([name]) => name.test(activity.name))?.[1] ?? 'submitting';
}

/**
 * True where a worker has begun to submit it: its request may have taken effect, whatever became of
 * the worker.
 */
export function isBeingSubmitted(job: JobDescription): boolean {
  const { activity } = job;
  if (activity === undefined || stageOf(job) !== 'submitting') return false;
  return activity.running || activity.attempt > 1;
}

/** Why it doesn't get on: looks that fail, or the last attempt's failure. */
export function troubleOf({ activity, progress }: JobDescription): string | undefined {
  const failure = activity?.lastFailure;
  // Temporal goes on showing why the attempt before ended; a wait tells by itself how its looks go.
  const isOver = activity?.running === true && progress !== undefined;
  if (isOver || failure === undefined || failure.type === failureTypes.handedOver) {
    return tryingAgain(progress?.lastError);
  }
  if (failure.message.includes('Heartbeat timeout')) {
    return 'the worker that had the job has gone; another one takes over, or the next that starts';
  }
  return tryingAgain(failure.message);
}

function tryingAgain(words: string | undefined): string | undefined {
  return words === undefined ? undefined : `${words} (trying again)`;
}

/** SQLFlow writes no log. A scheduled run tells by its memo which service it is for. */
export function keepsLog({ workflowType, job }: JobDescription): boolean {
  return workflowType.startsWith('linkis') || job?.vendor === 'linkis';
}

/** What a remote job is called to a person: "SQLFlow job 3f…", "Linkis task 12". */
export function remoteName(vendor: Vendor | undefined, remoteId: string | undefined): string {
  const id = remoteId === undefined ? '' : ` ${remoteId}`;
  return `${vendor === undefined ? 'job' : jobNouns[vendor]}${id}`;
}

/** "Running 45%", "3 of 8 engine tasks", "2 cores", "1.0 GB": as far as they are known. */
export function progressWords({
  status,
  progress,
  detail,
  resources,
}: JobProgress): readonly string[] {
  const words = [printableLine(status)];
  if (progress !== undefined) words[0] += ` ${Math.floor(progress * 100)}%`;
  if (detail) words.push(printableLine(detail));
  return [...words, ...resourceWords(resources)];
}

/** "2 cores", "1.0 GB", "queue default", "application_1690_7": as far as they are known. */
export function resourceWords(resources: JobResources | undefined): readonly string[] {
  const { cores, memoryBytes, queue, applicationId } = resources ?? {};
  return [
    cores ? `${cores} ${cores === 1 ? 'core' : 'cores'}` : '',
    memoryBytes ? formatSize(memoryBytes) : '',
    queue ? `queue ${printableLine(queue)}` : '',
    applicationId ? printableLine(applicationId) : '',
  ].filter((words) => words !== '');
}

/** "unreachable since 14:02:10 (1:02:03, 124 looks failed)"; undefined while the service answers. */
export function outageWords(
  { unreachableSinceMs, consecutiveErrors }: JobProgress,
  nowMs = Date.now(),
): string | undefined {
  if (unreachableSinceMs === undefined) return undefined;
  const since = localTime(new Date(unreachableSinceMs));
  const looks = `${consecutiveErrors} ${consecutiveErrors === 1 ? 'look' : 'looks'} failed`;
  return `unreachable since ${since} (${formatDuration(nowMs - unreachableSinceMs)}, ${looks})`;
}

/** How the remote job came about. */
export const decisionWords: Readonly<Record<SubmitDecision, string>> = {
  freshSubmit: 'freshSubmit (one request, one job)',
  adopted: 'adopted (an earlier attempt had submitted it; found by its key)',
  adoptedFinished: 'adoptedFinished (an earlier attempt had submitted it, and it had ended)',
  resubmitAfterFailure: 'resubmitAfterFailure (an earlier task failed; the policy wants another)',
  attached: 'attached (somebody else submitted it)',
};

/** What a kept log lacks, a sentence each; none where it is whole as far as is known. */
export function logGapWords(log: Partial<LogRef>): readonly string[] {
  const { lines, skippedLines, endMissing } = log;
  const words: string[] = [];
  if (skippedLines) words.push(`${skippedLines} lines of the log are missing, and maybe more`);
  if (endMissing === 'notRead') words.push('the end of the log may be missing');
  if (endMissing === 'overLimit') {
    words.push(`only the first ${lines} lines of the log were kept (limits.maxLogLines)`);
  }
  return words;
}

/** "12 confirmed: …": another job that the same submission had made. */
export function twinWords({ remoteId, outcome, evidence }: KillReport): string {
  return `${remoteId ?? '?'} ${outcome}: ${printable(evidence)}`;
}

/** As a sentence begins; the path of a setting (`connections.lineage.url`) is written as it is. */
export function sentence(words: string): string {
  if (/^\w+\.\w/.test(words)) return words;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "kill confirmed: …" */
export function killWords(kill: KillReport | undefined): string {
  if (kill === undefined) return 'nothing had been submitted, so there was nothing to kill';
  return `kill ${kill.outcome}: ${printable(kill.evidence)}`;
}

/** "Chain nightly, revision 12: waits until 2026-05-02 02:00:07" */
export function approvalWords({ title, untilMs }: ApprovalMemo): string {
  return `${printable(title)}: waits until ${localTime(new Date(untilMs))}`;
}
