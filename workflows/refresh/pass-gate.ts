import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { ChainMainActivities } from '../../activities/chain/types';
import { revisionFolder, type RefreshInput, type RefreshResult } from '../../src/contracts/chain';
import type { SettledRevision, SubmitPlan } from '../../src/contracts/chain-steps';
import { failureTypes } from '../../src/contracts/failure-types';
import type { FailureReport } from '../../src/contracts/job';
import { collectOptions } from '../engine/activity-options';
import { whereItRuns } from '../engine/bad-end';
import type { ApprovalDesk } from './approval';
import type { RefreshedJob } from './run-parts';

/** How long an approval is waited for, where the gate doesn't say: 24 hours. */
const defaultApproveWithinMs = 24 * 3600_000;

export interface PassedGate {
  readonly settled: SettledRevision;
  readonly gate: RefreshResult['gate'];
}

/**
 * Compares the revision with the latest good one, and lets the gate judge it.
 *
 * @throws `Chain.GateClosed`, `Chain.ApprovalRefused`, `Chain.ApprovalTimedOut`; the revision's
 *   artifacts stay to be looked at
 */
export async function passGate(
  { request, latest }: RefreshInput,
  { revision }: SubmitPlan,
  run: RefreshedJob,
  desk: ApprovalDesk,
  deadlineAtMs: number,
): Promise<PassedGate> {
  const { chain, connection, gate, tableToTable, exportSettings } = request;
  const { sqlflowSettleRevision } = proxyActivities<ChainMainActivities>(
    collectOptions(Math.max(1000, deadlineAtMs - Date.now())),
  );
  const settled = await sqlflowSettleRevision({
    chain,
    connection,
    revision,
    lineage: run.lineage,
    exportedWith: { tableToTable, exportSettings },
    before: latest && { revision: latest.revision, lineage: latest.lineage },
    gate,
  });
  const { verdict } = settled;
  if (verdict?.closed !== true) return { settled, gate: verdict };
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
  const approvedBy = await desk.approvedBy({
    title,
    reasons: verdict.reasons,
    sinceMs,
    untilMs: Math.min(sinceMs + withinMs, deadlineAtMs),
    diff: settled.artifacts.diffMarkdown,
  });
  return { settled, gate: { ...verdict, approvedBy } };
}
