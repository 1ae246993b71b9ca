import { executeChild, proxyActivities } from '@temporalio/workflow';
import type { StagedFile } from 'temporal-remote-jobs';
import type { RemoteJobActivities } from 'temporal-remote-jobs/activities';
import { linkisTask, sqlflowJob } from 'temporal-remote-jobs/workflows';
import type * as activities from './activities';

// The plugin leaves the workflows to the worker's own file: this line adds the package's.
export * from 'temporal-remote-jobs/workflows';

const { announce } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });
const { linkisGetTask } = proxyActivities<RemoteJobActivities>({ startToCloseTimeout: '1 minute' });

/** Runs a script on Linkis, then has SQLFlow work out the lineage of the very same bytes. */
export async function etl(script: StagedFile): Promise<string> {
  const run = await executeChild(linkisTask, {
    args: [{ codeFile: script, engine: 'spark-2.4.3', runType: 'sql' }],
  });
  // Any single call of the services is an activity too.
  const task = await linkisGetTask({ taskId: run.taskId });
  const lineage = await executeChild(sqlflowJob, {
    args: [{ jobName: 'etl', dbVendor: 'dbvsparksql', files: [script], exports: ['csv'] }],
  });
  return announce(
    `task ${task.status}, ${run.results.length} result sets, lineage ${lineage.status}`,
  );
}
