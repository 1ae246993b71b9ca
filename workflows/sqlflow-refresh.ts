import { isCancellation, proxyActivities } from '@temporalio/workflow';
import type { ChainMainActivities } from '../activities/chain/types';
import type { RefreshDone, RefreshInput } from '../src/contracts/chain';
import type { RefreshPlan, SubmitPlan } from '../src/contracts/chain-steps';
import { collectOptions } from './engine/activity-options';
import { JobTracker } from './engine/job-tracker';
import { guardSize } from './engine/size-guard';
import { usableTimeoutMs } from './engine/time-budget';
import { ApprovalDesk } from './refresh/approval';
import { JobHolder } from './refresh/job-holder';
import { makeLatest } from './refresh/make-latest';
import { passGate } from './refresh/pass-gate';
import { refreshFailure, type RefreshProgress } from './refresh/refresh-failure';
import { runParts } from './refresh/run-parts';
import { told } from './refresh/words';

/**
 * One refresh of a persist chain, as the chain's child: it sends what changed, awaits the job,
 * exports its lineage, compares it with the latest good revision, lets the gate judge it, and makes
 * it the latest. A cancel leaves the job as it is, and the chain usable.
 *
 * @throws ApplicationFailure whose details hold a `FailureReport`; with `submitted: 'no'` where
 *   nothing was sent
 */
export async function sqlflowRefresh(input: RefreshInput): Promise<RefreshDone> {
  const { connection, timeoutMs } = input.request;
  const deadlineAtMs = Date.now() + usableTimeoutMs(timeoutMs);
  const tracker = new JobTracker('sqlflow', connection);
  const desk = new ApprovalDesk();
  let progress: RefreshProgress = { connection, jobId: input.current?.jobId, hasSubmitted: false };
  try {
    const plan = await planned(input, deadlineAtMs);
    if (plan.kind === 'unchanged') {
      tracker.phase('succeeded');
      return { end: 'unchanged', files: plan.files, warnings: told(plan.warnings) };
    }
    const holder = new JobHolder(input.request.requestId, plan);
    progress = {
      connection,
      get jobId() {
        return holder.jobId;
      },
      get hasSubmitted() {
        return holder.hasSubmitted || undefined;
      },
    };
    const done = await refreshed(input, plan, holder, tracker, desk, deadlineAtMs);
    tracker.phase('succeeded');
    return guardSize("the workflow's result", done);
  } catch (error) {
    tracker.phase(isCancellation(error) ? 'cancelled' : 'failed');
    throw refreshFailure(error, progress);
  }
}

function planned(input: RefreshInput, deadlineAtMs: number): Promise<RefreshPlan> {
  const options = collectOptions(deadlineAtMs - Date.now());
  const { sqlflowPlanRefresh } = proxyActivities<ChainMainActivities>(options);
  return sqlflowPlanRefresh(guardSize('the input of sqlflowPlanRefresh', input));
}

async function refreshed(
  input: RefreshInput,
  plan: SubmitPlan,
  holder: JobHolder,
  tracker: JobTracker,
  desk: ApprovalDesk,
  deadlineAtMs: number,
): Promise<RefreshDone> {
  if (plan.found !== undefined) await holder.tell(plan.found, false);
  const run = await runParts(input, plan, holder, tracker, deadlineAtMs);
  tracker.phase('collecting');
  const settled = await passGate(input, plan, run, desk, deadlineAtMs);
  return await makeLatest(input, plan, holder, run, settled, deadlineAtMs);
}
