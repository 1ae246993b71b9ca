import { makeContinueAsNewFunc, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ScheduleActivities } from '../activities/schedules/create';
import type { RefreshOutcome } from '../src/contracts/chain';
import {
  pipelineMemoKey,
  pipelineWorkflowTypes,
  type PipelineMemo,
} from '../src/contracts/pipeline-run';
import type { PipelineInput } from '../src/contracts/pipeline-steps';
import type { LinkisTaskResult } from '../src/contracts/linkis';
import type { PreparedPipeline, PreparedRun, ScheduledRunInput } from '../src/contracts/schedule';
import type { SqlFlowJobResult } from '../src/contracts/sqlflow';
import { notifyOfEnd, wantedIn } from './engine/notify';
import { guardSize } from './engine/size-guard';
import { linkisTask } from './linkis-task';
import type { remoteJobsPipeline } from './remote-jobs-pipeline';
import { sqlflowJob } from './sqlflow-job';
import { sqlflowPersistJob } from './sqlflow-persist-job';
import { sqlflowRefreshRequest } from './sqlflow-refresh-request';

const { remoteJobsPrepareRun } = proxyActivities<ScheduleActivities>({
  scheduleToCloseTimeout: '24h',
  startToCloseTimeout: '1h',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/**
 * One run of a schedule: its files and texts are made ready for the time that it is for; then it is
 * the job's own workflow, with its memo, its queries, its kill on cancel and its failure. So one id
 * serves to list, watch and cancel it.
 */
export async function remoteJobsScheduledRun({
  definition,
}: ScheduledRunInput): Promise<SqlFlowJobResult | LinkisTaskResult | RefreshOutcome> {
  const prepared = await prepare(definition);
  switch (prepared.type) {
    case 'pipeline':
      return goOnAsPipeline(prepared.input);
    case 'chainRefresh':
      return sqlflowRefreshRequest(prepared.input);
    case 'sqlflowJob':
      return sqlflowJob(prepared.input);
    case 'sqlflowPersistJob':
      return sqlflowPersistJob(prepared.input);
    case 'linkisTask':
      return linkisTask(prepared.input);
  }
}

async function prepare({
  run,
  times,
}: ScheduledRunInput['definition']): Promise<PreparedRun | PreparedPipeline> {
  const scheduledAtMs = nominalTimeMs();
  try {
    return await remoteJobsPrepareRun({
      run,
      timeZone: times.timeZone ?? 'UTC',
      scheduledAtMs,
    });
  } catch (error) {
    const subject = `The scheduled run for ${new Date(scheduledAtMs).toISOString()}`;
    await notifyOfEnd(wantedIn(error), error, { subject });
    throw error;
  }
}

/** The same id, and a pipeline's run like any other: listed, shown and retried as one. */
async function goOnAsPipeline(input: PipelineInput): Promise<never> {
  const { graph } = input;
  const { memo } = workflowInfo();
  const own: PipelineMemo = { name: graph.name, steps: graph.steps.length };
  return makeContinueAsNewFunc<typeof remoteJobsPipeline>({
    workflowType: pipelineWorkflowTypes.pipeline,
    memo: { ...memo, [pipelineMemoKey]: own },
  })(guardSize("the pipeline's graph", input));
}

/**
 * What the schedule meant, unmoved by jitter and by waiting: a backfill's run has its own day, a
 * trigger's the moment of the call. Temporal gives it to the first workflow alone, so it is handed on.
 */
function nominalTimeMs(): number {
  const { typedSearchAttributes, startTime } = workflowInfo();
  const name = 'TemporalScheduledStartTime';
  return (typedSearchAttributes.get({ name, type: 'DATETIME' }) ?? startTime).getTime();
}
