import type { LinkisClient } from '../../src/clients/linkis/client';
import { isTerminalLinkisStatus, linkisStatus } from '../../src/clients/linkis/status';
import type { LinkisSubmission } from '../../src/clients/linkis/submission';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import { IncompleteError } from '../../src/clients/http/errors';
import type { SubmitDecision } from '../../src/contracts/job';
import type { LinkisScalar, LinkisTaskInput } from '../../src/contracts/linkis';
import { isSecretRef } from '../../src/contracts/secret';
import { LimitError } from '../../src/contracts/limits';
import type { ActivityResources } from '../resources';
import type { TaskCall } from './watch-source';

/** Keys that this package adds to `source`; the service gives them back in `sourceJson`, verbatim. */
export const sourceKeys = {
  key: 'remoteJobsKey',
  installation: 'remoteJobsInstallation',
  namespace: 'remoteJobsNamespace',
  workflowId: 'remoteJobsWorkflowId',
} as const;

/** How far the service's clock may be off, when a submission is looked for by time. */
const clockSkewMs = 15 * 60_000;
const pageSize = 200;
/** The search must stay bounded; one that ends here has not found out that there is no task. */
const longestSearchRows = 10_000;

type SubmissionResources = Pick<ActivityResources, 'artifacts' | 'limits' | 'secrets'>;

/** The task as the client sends it: code read from the store, secrets resolved, our key in `source`. */
export async function submissionOf(
  task: LinkisTaskInput,
  own: Readonly<Record<string, string>>,
  creator: string,
  resources: SubmissionResources,
  signal: AbortSignal,
): Promise<LinkisSubmission> {
  const { secrets } = resources;
  const resolved = async (values: LinkisTaskInput['variables']) => {
    const entries = Object.entries(values ?? {}).map(
      async ([name, value]): Promise<[string, LinkisScalar]> => [
        name,
        isSecretRef(value) ? await secrets.resolve(value) : value,
      ],
    );
    return Object.fromEntries(await Promise.all(entries));
  };
  return {
    code: task.code ?? (await readCode(task, resources, signal)),
    engine: task.engine,
    runType: task.runType,
    variables: await resolved(task.variables),
    runtime: await resolved(task.runtime),
    startup: await resolved(task.startup),
    source: { ...task.source, ...own },
    labels: task.labels,
    creator,
    executeApplicationName: task.executeApplicationName,
    requestApplicationName: task.requestApplicationName,
  };
}

async function readCode(
  task: LinkisTaskInput,
  { artifacts, limits }: SubmissionResources,
  signal: AbortSignal,
): Promise<string> {
  const uri = task.codeFile?.artifact.uri ?? '';
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of await artifacts.open(uri, signal)) {
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes > limits.maxCodeBytes) {
      const name = JSON.stringify(task.codeFile?.name.slice(0, 200) ?? '');
      throw new LimitError(
        'maxCodeBytes',
        limits.maxCodeBytes,
        `the code in ${name} is longer`,
        'split the task',
      );
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

/**
 * The tasks of a submission whose reply was lost: the row is inserted before anything runs, so it
 * stands in jobhistory around the time of the submit. More than one: a request took effect late.
 * Those that the entrance has taken, which have an execId, come first.
 */
export async function findAllByKey(
  client: LinkisClient,
  key: string,
  fromMs: number,
  call: TaskCall,
): Promise<readonly LinkisTask[]> {
  const found: LinkisTask[] = [];
  const startDateMs = fromMs - clockSkewMs;
  const endDateMs = Date.now() + clockSkewMs;
  // An over-range page answers the last page again, so the count ends the search.
  for (let page = 1, seen = 0; ; page++) {
    const { tasks, total } = await client.listTasks(
      { startDateMs, endDateMs, pageNow: page, pageSize },
      call,
    );
    found.push(...tasks.filter((task) => task.source[sourceKeys.key] === key && !wasRefused(task)));
    seen += tasks.length;
    if (tasks.length === 0 || seen >= total) break;
    if (seen < longestSearchRows) continue;
    if (found.length === 0) throw searchTooLong(total);
    break;
  }
  // A row that moves to the next page between two requests is read twice.
  const unique = [...new Map(found.map((task) => [task.taskId, task])).values()];
  const taken = unique.filter((task) => task.execId !== undefined);
  return [...taken, ...unique.filter((task) => task.execId === undefined)];
}

/** A submit that is refused (queue full, say) leaves a Failed row: no task, so it may be sent again. */
function wasRefused(task: LinkisTask): boolean {
  return linkisStatus(task.status) === 'failed' && task.execId === undefined;
}

function searchTooLong(total: number): IncompleteError {
  return new IncompleteError(
    'Linkis.SearchTooLong',
    `jobhistory holds ${total} tasks of the time of the submit, and the newest ${longestSearchRows} have not its key: whether the task is there can't be told`,
  );
}

export function adoption(task: LinkisTask): SubmitDecision {
  return isTerminalLinkisStatus(task.status) ? 'adoptedFinished' : 'adopted';
}
