import type { Client } from '@temporalio/client';
import { chainWorkflowTypes } from '../../contracts/chain-asking';
import { workflowTypes } from '../../contracts/names';
import { pipelineWorkflowTypes } from '../../contracts/pipeline-run';
import { shellWord } from '../../contracts/words';
import { count } from '../preview';
import { missingWorker } from '../worker-watch';
import { words, type Finding } from './finding';

/** Of the newest; one page of the server's. */
const mostJobs = 1000;

/**
 * Jobs of other task queues that no worker polls: after `defaults.taskQueue` was changed, those that
 * were started before still wait for a worker of the old one. Nothing is said where there are none.
 */
export async function checkLeftJobs(
  client: Client,
  taskQueue: string,
): Promise<readonly Finding[]> {
  const check = 'workers';
  try {
    const found: Finding[] = [];
    for (const [queue, jobs] of await openJobs(client, taskQueue)) {
      const missing = await missingWorker(client, queue);
      if (missing === undefined) continue;
      const run = jobs === 1 ? 'still runs' : 'still run';
      found.push({
        check,
        status: 'warning',
        found: `${count(jobs, 'workflow')} of task queue ${queue} ${run}, and ${missing.replace(/;.*$/, '')}`,
        cure: `start a worker for them, until they have ended: \`remote-jobs worker --task-queue ${shellWord(queue)}\``,
      });
    }
    return found;
  } catch (error) {
    const found = `jobs of other task queues can't be listed: ${words(error)}`;
    return [
      { check, status: 'warning', found, cure: 'look for them with `temporal workflow list`' },
    ];
  }
}

async function openJobs(client: Client, taskQueue: string): Promise<ReadonlyMap<string, number>> {
  const types = [workflowTypes, chainWorkflowTypes, pipelineWorkflowTypes].flatMap((group) =>
    Object.values(group).map((type) => `'${type}'`),
  );
  const queues = new Map<string, number>();
  let left = mostJobs;
  for await (const { taskQueue: queue } of client.workflow.list({
    query: `ExecutionStatus = 'Running' AND TaskQueue != '${taskQueue.replaceAll("'", "''")}' AND WorkflowType IN (${types.join(', ')})`,
    pageSize: mostJobs,
  })) {
    queues.set(queue, (queues.get(queue) ?? 0) + 1);
    left -= 1;
    if (left === 0) break;
  }
  return queues;
}
