import {
  makeContinueAsNewFunc,
  proxyActivities,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { PipelineActivities } from '../activities/pipeline/create';
import type { RefreshOutcome } from '../src/contracts/chain';
import { chainRefreshMemoKey, type ChainRefreshMemo } from '../src/contracts/chain-asking';
import type { LinkisTaskResult } from '../src/contracts/linkis';
import type { ApprovalResult } from '../src/contracts/pipeline-ends';
import { pipelineStepMemoKey } from '../src/contracts/pipeline-run';
import type { PipelineStepInput, PreparedStep, StepRetry } from '../src/contracts/pipeline-steps';
import type { SqlFlowJobResult } from '../src/contracts/sqlflow';
import { remoteJobMemoKey } from '../src/contracts/names';
import type { WantsNotice } from '../src/contracts/notify';
import { ApprovalDesk } from './engine/approval';
import { firstWords } from './engine/failure-words';
import { notifyOfApproval } from './engine/notify';
import { usableTimeoutMs } from './engine/time-budget';
import { linkisTask } from './linkis-task';
import { mayBeTriedAgain } from './pipeline/step-end';
import { tellPipeline } from './pipeline/tell-pipeline';
import { sqlflowJob } from './sqlflow-job';
import { sqlflowPersistJob } from './sqlflow-persist-job';
import { sqlflowRefreshRequest } from './sqlflow-refresh-request';

type StepResult = SqlFlowJobResult | LinkisTaskResult | RefreshOutcome | ApprovalResult;

/**
 * One step of a pipeline: its texts are filled in and checked; then it is the job's own workflow, with
 * its memo, its queries, its kill on cancel and its failure, so that one id serves to watch, cancel
 * and fetch it. Each attempt is a run of this workflow: it has a history and artifacts of its own.
 */
export async function remoteJobsPipelineStep(input: PipelineStepInput): Promise<StepResult> {
  const { retry, attempt } = input;
  try {
    return await carryOut(input);
  } catch (error) {
    const isLast = retry === undefined || attempt >= retry.maxAttempts;
    if (isLast || !mayBeTriedAgain(error)) throw error;
    await tellPipeline(input, firstWords(error));
    await sleep(waitMs(retry, attempt));
  }
  const tryAgain = makeContinueAsNewFunc<typeof remoteJobsPipelineStep>({ memo: freshMemo() });
  return tryAgain({ ...input, attempt: attempt + 1 });
}

/** Nothing of the attempt that failed: neither its remote job's id nor its kill. */
function freshMemo(): Record<string, unknown> {
  const { memo = {} } = workflowInfo();
  const whose = { [pipelineStepMemoKey]: memo[pipelineStepMemoKey] };
  const job = memo[remoteJobMemoKey] as { readonly vendor: string } | undefined;
  if (job === undefined) return whose;
  return { ...whose, [remoteJobMemoKey]: { vendor: job.vendor, connection: '' } };
}

async function carryOut({
  pipelineId,
  snapshot,
  step,
  outputs,
  pipeline,
}: PipelineStepInput): Promise<StepResult> {
  const { remoteJobsPrepareStep } = proxyActivities<PipelineActivities>({
    scheduleToCloseTimeout: '24h',
    startToCloseTimeout: '10m',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  });
  const prepared = await remoteJobsPrepareStep({ snapshot, step, outputs });
  switch (prepared.type) {
    case 'linkisTask':
      return linkisTask(prepared.input);
    case 'sqlflowJob':
      return sqlflowJob(prepared.input);
    case 'sqlflowPersistJob':
      return sqlflowPersistJob(prepared.input);
    case 'chainRefresh': {
      const { connection, chain } = prepared.input;
      const whose: ChainRefreshMemo = { connection, name: chain };
      upsertMemo({ [chainRefreshMemoKey]: whose });
      return sqlflowRefreshRequest(prepared.input);
    }
    case 'approval':
      return approved(
        `the step ${step} of the pipeline ${pipeline}`,
        `remote-jobs approve ${pipelineId} ${step}`,
        prepared,
      );
  }
}

async function approved(
  title: string,
  next: string,
  { message, timeoutMs, notifies }: Extract<PreparedStep, { type: 'approval' }> & WantsNotice,
): Promise<ApprovalResult> {
  const sinceMs = Date.now();
  const untilMs = sinceMs + usableTimeoutMs(timeoutMs);
  const desk = new ApprovalDesk();
  const asked = { title, reasons: [message], sinceMs, untilMs };
  // An answer may come before a slow webhook has taken the question.
  void notifyOfApproval(notifies, asked, { next });
  const approvedBy = await desk.approvedBy(asked);
  return { approvedBy, approvedAtMs: Date.now() };
}

/** Before the attempt that follows this one, in milliseconds. */
function waitMs({ initialMs, factor, mostMs }: StepRetry, attempt: number): number {
  return Math.max(1, Math.min(mostMs, initialMs * factor ** (attempt - 1)));
}
