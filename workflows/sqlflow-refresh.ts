import { ApplicationFailure, isCancellation, log, proxyActivities } from '@temporalio/workflow';
import type { ChainMainActivities } from '../activities/chain/types';
import type { RefreshDone, RefreshInput } from '../src/contracts/chain';
import type { RefreshPlan, SubmitPlan } from '../src/contracts/chain-steps';
import type { LineageCounts } from '../src/contracts/lineage-gate';
import type { KillReport } from '../src/contracts/job';
import { failureTypes } from '../src/contracts/failure-types';
import type { NotifyEvent } from '../src/contracts/notify';
import { collectOptions } from './engine/activity-options';
import { ApprovalDesk } from './engine/approval';
import { countRefresh } from './engine/count';
import { failureTypeOf } from './engine/failure-words';
import { JobTracker } from './engine/job-tracker';
import { wantedIn } from './engine/notify';
import { guardSize } from './engine/size-guard';
import { usableTimeoutMs } from './engine/time-budget';
import { JobHolder } from './refresh/job-holder';
import { makeLatest } from './refresh/make-latest';
import { passGate, settle } from './refresh/pass-gate';
import { notifyOfRefresh } from './refresh/notify-of-refresh';
import { refreshFailure } from './refresh/refresh-failure';
import { runParts, type RefreshedJob } from './refresh/run-parts';
import { told } from './refresh/words';

/**
 * One refresh of a persist chain, as the chain's child: it sends what changed, awaits the job,
 * exports its lineage, compares it with the latest good revision, lets the gate judge it, and makes
 * it the latest. A cancel leaves the job as it is, and the chain usable.
 *
 * @throws ApplicationFailure whose details hold a `FailureReport`, with `submitted: 'no'` where
 *   nothing was sent, and a `RefreshProgress`
 */
export async function sqlflowRefresh(input: RefreshInput): Promise<RefreshDone> {
  const { chain, connection, timeoutMs, requestId } = input.request;
  const deadlineAtMs = Date.now() + usableTimeoutMs(timeoutMs);
  const tracker = new JobTracker('sqlflow', connection);
  const desk = new ApprovalDesk();
  const holder = new JobHolder(requestId);
  let hasEnded = false;
  let wanted: readonly NotifyEvent[] | undefined;
  let lineage: LineageCounts | undefined;
  try {
    const { plan, run } = await submitted(input, holder, tracker, deadlineAtMs, (events) => {
      wanted = events;
    });
    if (run === undefined) {
      tracker.phase('succeeded');
      countRefresh('unchanged');
      return { end: 'unchanged', files: plan.files, warnings: told(plan.warnings) };
    }
    hasEnded = true;
    tracker.phase('collecting');
    const settled = await settle(input, plan, run, deadlineAtMs);
    lineage = settled.counts;
    const gate = await passGate(input, plan, run, settled, desk, deadlineAtMs);
    const done = await makeLatest(input, plan, holder, run, settled, gate, deadlineAtMs);
    tracker.phase('succeeded');
    const result = guardSize("the workflow's result", done);
    countRefresh('refreshed');
    return result;
  } catch (error) {
    if (hasEnded && isCancellation(error)) {
      const kill = nothingToLeave(holder.jobId);
      tracker.killed(kill);
      await holder.left(kill);
    }
    const end = isCancellation(error) ? 'cancelled' : 'failed';
    tracker.phase(end);
    countRefresh(end);
    const { remoteId, kill } = tracker.ofEnd;
    const subject = `The refresh of the chain ${chain} on ${connection}`;
    const about = {
      subject,
      vendor: 'sqlflow',
      connection,
      remoteId: holder.jobId ?? remoteId,
    } as const;
    await notifyOfRefresh(wanted ?? wantedIn(error), error, { ...about, kill });
    throw refreshFailure(error, connection, holder, lineage);
  }
}

function nothingToLeave(remoteId: string | undefined): KillReport {
  const evidence = 'the job had ended by itself when the refresh was cancelled';
  return { outcome: 'alreadyFinished', remoteId, evidence };
}

function planned(input: RefreshInput, deadlineAtMs: number): Promise<RefreshPlan> {
  const options = collectOptions(Math.max(1000, deadlineAtMs - Date.now()));
  const { sqlflowPlanRefresh } = proxyActivities<ChainMainActivities>(options);
  return sqlflowPlanRefresh(guardSize('the input of sqlflowPlanRefresh', input));
}

/** Rounds of plan and submit: the job may be taken away, or be another one, again and again. */
const mostRounds = 3;

type Submitted =
  | { readonly plan: SubmitPlan; readonly run: RefreshedJob }
  | { readonly plan: Exclude<RefreshPlan, SubmitPlan>; readonly run?: undefined };

/**
 * Plans and submits, and plans anew where the submit shows that the job isn't the one that the plan
 * looked at: deleted meanwhile, or under another id. What is behind a new id is anybody's guess, so
 * it gets every file.
 */
async function submitted(
  input: RefreshInput,
  holder: JobHolder,
  tracker: JobTracker,
  deadlineAtMs: number,
  asked: (events: readonly NotifyEvent[] | undefined) => void,
): Promise<Submitted> {
  const warnings: string[] = [];
  // A rebuild stays one, also where the next plan takes its job for the chain's.
  let rebuilds = false;
  let replaced: readonly string[] = [];
  let now = input;
  for (let round = 1; ; round++) {
    const found = await planned(now, deadlineAtMs);
    asked(found.notifies);
    warnings.push(...found.warnings);
    if (found.kind === 'unchanged') return { plan: { ...found, warnings } };
    rebuilds ||= found.candidate;
    replaced = [...new Set([...replaced, ...found.replacedJobs])];
    const plan: SubmitPlan = { ...found, candidate: rebuilds, replacedJobs: replaced, warnings };
    await holder.plan(plan, now.current);
    try {
      const run = await runParts(now, plan, holder, tracker, deadlineAtMs);
      if (run !== 'movedWithAPart') return { plan, run };
      if (round === mostRounds) throw neverSettled(holder.warnings);
      now = afterMove(input, plan, holder);
    } catch (error) {
      const isGone = failureTypeOf(error) === failureTypes.notFound && !holder.hasSubmitted;
      if (!isGone || plan.generation.jobId === undefined || round === mostRounds) throw error;
      log.warn('the job was deleted after the refresh had looked at it', { jobId: holder.jobId });
    }
  }
}

function afterMove(
  input: RefreshInput,
  { inputs }: SubmitPlan,
  { generation }: JobHolder,
): RefreshInput {
  // What asked for a rebuild would ask again; changes alone have become the whole snapshot.
  const request = { ...input.request, inputs, rebuild: false, rebuildEvery: undefined };
  return { ...input, request, current: generation, unsettled: 'all', mayBeSubmitted: false };
}

function neverSettled(words: readonly string[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `SQLFlow gave the job another id with every submit, so what it holds can't be known: ${words.join('; ')}`.slice(
      0,
      1000,
    ),
    failureTypes.submitOutcomeUnknown,
  );
}
