import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { ChainMainActivities } from '../../activities/chain/types';
import type { ApprovalState } from '../../src/contracts/approval';
import { revisionFolder, type RefreshInput, type RefreshResult } from '../../src/contracts/chain';
import type { SettledRevision, SubmitPlan } from '../../src/contracts/chain-steps';
import { failureTypes } from '../../src/contracts/failure-types';
import type { FailureReport } from '../../src/contracts/job';
import { collectOptions } from '../engine/activity-options';
import type { ApprovalDesk } from '../engine/approval';
import { whereItRuns } from '../engine/bad-end';
import { notifyOfApproval } from '../engine/notify';
import type { RefreshedJob } from './run-parts';

/** What is left for the end of a refresh when its approval comes at the last moment, in milliseconds. */
const keptForTheEndMs = 5 * 60_000;

/** How long an approval is waited for, where the gate doesn't say: 24 hours. */
const defaultApproveWithinMs = 24 * 3600_000;

/** Compares the revision with the latest good one, and has the gate judge it. */
export function settle(
  { request, latest }: RefreshInput,
  { revision }: SubmitPlan,
  { lineage, status }: RefreshedJob,
  deadlineAtMs: number,
): Promise<SettledRevision> {
  const { chain, connection, gate, tableToTable, exportSettings } = request;
  const { sqlflowSettleRevision } = proxyActivities<ChainMainActivities>(
    collectOptions(Math.max(1000, deadlineAtMs - Date.now())),
  );
  return sqlflowSettleRevision({
    chain,
    connection,
    revision,
    lineage,
    status,
    exportedWith: { tableToTable, exportSettings },
    before: latest && { revision: latest.revision, lineage: latest.lineage },
    gate,
  });
}

/**
 * Goes through an open gate, and through a closed one where somebody approves.
 *
 * @returns the verdict, and who approved
 * @throws `Chain.GateClosed`, `Chain.ApprovalRefused`, `Chain.ApprovalTimedOut`; the revision's
 *   artifacts stay to be looked at
 */
export async function passGate(
  { request, latest }: RefreshInput,
  { revision, notifies }: SubmitPlan,
  run: RefreshedJob,
  { verdict, artifacts }: SettledRevision,
  desk: ApprovalDesk,
  deadlineAtMs: number,
): Promise<RefreshResult['gate']> {
  const { chain, connection, gate } = request;
  if (verdict?.closed !== true) return verdict;
  const title = `revision ${revision} of the chain ${chain} on ${connection}`;
  if (gate?.onClosed !== 'approve') {
    const folder = revisionFolder(connection, chain, revision);
    const stays =
      latest === undefined ? 'there is no latest one' : `${latest.revision} stays the latest`;
    throw ApplicationFailure.create({
      type: failureTypes.gateClosed,
      message:
        `${title} did not pass its gate, ${stays}: ${verdict.reasons.join('; ')}`.slice(0, 850) +
        ` (look at ${folder})`,
      nonRetryable: true,
      details: [{ ...whereItRuns('sqlflow', run.job), status: run.status } satisfies FailureReport],
    });
  }
  const sinceMs = Date.now();
  const withinMs = gate.approveWithinMs ?? defaultApproveWithinMs;
  const leftMs = Math.max(0, deadlineAtMs - sinceMs);
  const untilEndMs = leftMs - Math.min(keptForTheEndMs, Math.floor(leftMs / 2));
  const asked: ApprovalState = {
    title,
    reasons: verdict.reasons,
    sinceMs,
    untilMs: sinceMs + Math.min(withinMs, untilEndMs),
    diff: artifacts.diffMarkdown,
  };
  // An answer may come before a slow webhook has taken the question.
  void notifyOfApproval(notifies, asked, { vendor: 'sqlflow', connection });
  const approvedBy = await desk.approvedBy(asked);
  return { ...verdict, approvedBy };
}
