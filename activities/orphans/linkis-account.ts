import { isTerminalLinkisStatus } from '../../src/clients/linkis/status';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import type { LinkisConnection } from '../../src/config/connections';
import { sourceKeys } from '../linkis/submission';
import { standalone } from '../owner';
import { ownerMark, shortKeyOf } from '../sqlflow/job-name';
import type { Account, Candidate, Deployment } from './candidate';

/** As the service spells them; it compares with case. */
const linkisUnderWay = ['Inited', 'WaitForRetry', 'Scheduled', 'Running'];
/** No remote job of ours may run for longer than 20 days. */
const windowMs = 30 * 24 * 3600_000;
const clockSkewMs = 24 * 3600_000;
const pageSize = 500;
const mostPages = 100;

/** The tasks under way of one Linkis user: jobhistory, page by page. */
export async function linkisAccount(
  { name, settings, client }: LinkisConnection,
  user: string,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<Account> {
  const nowMs = Date.now();
  const window = { startDateMs: nowMs - windowMs, endDateMs: nowMs + clockSkewMs };
  const seen = new Map<string, LinkisTask>();
  let problem: string | undefined;
  // An over-range page answers the last page again, so the count ends the search.
  for (let pageNow = 1; ; pageNow++) {
    const filter = { ...window, status: linkisUnderWay, pageNow, pageSize };
    const { tasks, total } = await client.listTasks(filter, { signal, user });
    for (const task of tasks) seen.set(task.taskId, task);
    if (tasks.length === 0 || pageNow * pageSize >= total) break;
    if (pageNow < mostPages) continue;
    problem = `jobhistory has ${total} tasks under way; only the newest ${mostPages * pageSize} were looked at`;
    break;
  }
  const underWay = [...seen.values()].filter(({ status }) => !isTerminalLinkisStatus(status));
  const own = new Map<string, Candidate>();
  for (const task of underWay) {
    const candidate = linkisCandidate(task, name, user, deployment);
    if (candidate !== undefined) own.set(`linkis ${settings.url} ${task.taskId}`, candidate);
  }
  const counts = { underWay: underWay.length, own: own.size };
  return { look: { vendor: 'linkis', connection: name, user, ...counts, problem }, jobs: own };
}

function linkisCandidate(
  task: LinkisTask,
  connection: string,
  user: string,
  { installation, namespace }: Deployment,
): Candidate | undefined {
  const { source, labels } = task;
  const workflowId = source[sourceKeys.workflowId];
  if (source[sourceKeys.installation] !== installation || workflowId === undefined) {
    return undefined;
  }
  const where = source[sourceKeys.namespace];
  if (where !== undefined && where !== namespace) return undefined;
  return {
    vendor: 'linkis',
    connection,
    connections: [connection],
    user,
    remoteId: task.taskId,
    name: (labels['engineType'] ?? task.engineType ?? 'task').slice(0, 200),
    status: task.status,
    workflowId,
    shortKey: shortKeyOf(source[sourceKeys.key] ?? ''),
    owner: ownerMark({ installation, namespace, workflowId }).workflow,
    persist: false,
    doubt:
      where === undefined
        ? 'its source does not say which namespace its workflow is in: an earlier version submitted it'
        : workflowId === standalone
          ? 'an activity without a workflow submitted it'
          : undefined,
  };
}
