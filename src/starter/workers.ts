import type { Client } from '@temporalio/client';
import { watchTaskQueue } from '../contracts/names';

/** `TASK_QUEUE_TYPE_WORKFLOW` and `TASK_QUEUE_TYPE_ACTIVITY` */
const workflowTasks = 1;
const activityTasks = 2;

/** A worker asks again at least every 60 s; the server remembers it for five minutes. */
const aliveForMs = 70_000;

/** How many workers have lately asked for work. */
export interface WorkerPresence {
  readonly taskQueue: string;
  /** For workflows, on the task queue. */
  readonly workflows: number;
  /** For activities, on the task queue. */
  readonly activities: number;
  /** For waiting activities, on `<taskQueue>-watch`. */
  readonly waiting: number;
}

/** A worker that was just stopped may be counted for up to 70 s. */
export async function findWorkers(client: Client, taskQueue: string): Promise<WorkerPresence> {
  const count = async (name: string, taskQueueType: number) => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name },
      taskQueueType,
    });
    const alive = (pollers ?? []).filter(
      ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < aliveForMs,
    );
    return new Set(alive.map(({ identity }) => identity)).size;
  };
  const [workflows, activities, waiting] = await Promise.all([
    count(taskQueue, workflowTasks),
    count(taskQueue, activityTasks),
    count(watchTaskQueue(taskQueue), activityTasks),
  ]);
  return { taskQueue, workflows, activities, waiting };
}
