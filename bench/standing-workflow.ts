import { proxyActivities } from '@temporalio/workflow';
import type { LinkisWatchActivities } from '../activities/linkis/types';
import type { SqlFlowWatchActivities } from '../activities/sqlflow/types';
import type { LinkisAwaitTaskInput } from '../src/contracts/linkis-steps';
import type { SqlFlowAwaitJobInput } from '../src/contracts/sqlflow-steps';
import { waitOptions } from '../workflows/engine/activity-options';

export * from '../workflows/public';

export interface StandingJobs {
  readonly sqlflow: readonly SqlFlowAwaitJobInput[];
  readonly linkis: readonly LinkisAwaitTaskInput[];
  readonly deadlineAtMs: number;
}

/**
 * Waits for many jobs, with the waiting activity of each as its own workflow would: thousands of
 * workflows take a development server longer to start than a bench may take.
 */
export async function waitForJobs({ sqlflow, linkis, deadlineAtMs }: StandingJobs): Promise<void> {
  const options = waitOptions(deadlineAtMs);
  const { sqlflowAwaitJob } = proxyActivities<SqlFlowWatchActivities>(options);
  const { linkisAwaitTask } = proxyActivities<LinkisWatchActivities>(options);
  await Promise.all([...sqlflow.map(sqlflowAwaitJob), ...linkis.map(linkisAwaitTask)]);
}
