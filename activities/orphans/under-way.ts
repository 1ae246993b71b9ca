import { isTerminalLinkisStatus } from '../../src/clients/linkis/status';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { LinkisConnection, SqlFlowConnection } from '../../src/config/connections';
import type { JobUnderWay, OrphanLook } from '../../src/contracts/orphans';
import { sourceKeys } from '../linkis/submission';
import { standalone } from '../owner';
import type { ActivityResources } from '../resources';
import { ownerMark, readMark, shortKeyOf } from '../sqlflow/job-name';

/** A job of this installation, as its service lists it, before anybody asked Temporal. */
export interface Candidate extends Omit<JobUnderWay, 'reason'> {
  /** Names of all connections that lead to it. */
  readonly connections: readonly string[];
  /** The hash of the workflow id; of a Linkis task's, too. */
  readonly owner: string;
  /** It holds the lineage of earlier runs, so it is never ended. */
  readonly persist: boolean;
  /** Why nothing can be told of it, whatever Temporal says. */
  readonly doubt?: string;
}

export interface UnderWay {
  readonly looks: readonly OrphanLook[];
  readonly jobs: readonly Candidate[];
}

interface Account {
  readonly look: OrphanLook;
  /** By what is the same for all connections that lead to the same job. */
  readonly jobs: ReadonlyMap<string, Candidate>;
}

interface Deployment {
  readonly installation: string;
  readonly namespace: string;
}

/** As the service spells them; it compares with case. */
const linkisUnderWay = ['Inited', 'WaitForRetry', 'Scheduled', 'Running'];
/** No remote job of ours may run for longer than 20 days. */
const windowMs = 30 * 24 * 3600_000;
const clockSkewMs = 24 * 3600_000;
const pageSize = 500;
const mostPages = 100;

/** This installation's jobs under way, on one connection or on all; an account that fails is told. */
export async function listUnderWay(
  { connections, secrets, installation }: ActivityResources,
  namespace: string,
  only: string | undefined,
  signal: AbortSignal,
): Promise<UnderWay> {
  const deployment = { installation, namespace };
  const wanted = (name: string) => only === undefined || name === only;
  const accounts: Account[] = [];
  const tried = async (
    where: Pick<OrphanLook, 'vendor' | 'connection' | 'user'>,
    look: () => Promise<Account>,
  ) => {
    try {
      accounts.push(await look());
    } catch (error) {
      signal.throwIfAborted();
      const problem = secrets.redact(error instanceof Error ? error.message : String(error));
      const failed = { ...where, underWay: 0, own: 0, problem: problem.slice(0, 500) };
      accounts.push({ look: failed, jobs: new Map() });
    }
  };
  for (const connection of connections.names('sqlflow').filter(wanted)) {
    await tried({ vendor: 'sqlflow', connection }, async () =>
      sqlflowAccount(await connections.sqlflow(connection), deployment, signal),
    );
  }
  for (const connection of connections.names('linkis').filter(wanted)) {
    for (const user of connections.linkisUsers(connection)) {
      await tried({ vendor: 'linkis', connection, user }, async () =>
        linkisAccount(await connections.linkis(connection), user, deployment, signal),
      );
    }
  }
  return { looks: accounts.map(({ look }) => look), jobs: merged(accounts) };
}

async function sqlflowAccount(
  { name, settings, client }: SqlFlowConnection,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<Account> {
  const { jobs, warnings } = await client.displayUserJobsSummary(signal);
  const underWay = jobs.filter((job) =>
    ['queued', 'running', 'unknown'].includes(sqlflowStatus(job.status)),
  );
  const own = new Map<string, Candidate>();
  for (const job of underWay) {
    const candidate = sqlflowCandidate(job, name, deployment);
    if (candidate !== undefined) own.set(`sqlflow ${settings.url} ${job.jobId}`, candidate);
  }
  const problem = warnings.length > 0 ? warnings.join('; ').slice(0, 500) : undefined;
  const counts = { underWay: underWay.length, own: own.size };
  return { look: { vendor: 'sqlflow', connection: name, ...counts, problem }, jobs: own };
}

function sqlflowCandidate(
  job: SqlFlowJob,
  connection: string,
  deployment: Deployment,
): Candidate | undefined {
  const mark = readMark(job.jobName, deployment.installation);
  if (mark === undefined) return undefined;
  const nobody = ownerMark({ ...deployment, workflowId: standalone });
  if (mark.owner !== undefined && mark.owner.scope !== nobody.scope) return undefined;
  return {
    vendor: 'sqlflow',
    connection,
    connections: [connection],
    remoteId: job.jobId,
    name: job.jobName.slice(0, 200),
    status: job.status,
    shortKey: mark.shortKey,
    owner: mark.owner?.workflow ?? '',
    persist: mark.persist || job.persist === true,
    doubt:
      mark.owner === undefined
        ? 'its name does not say which workflow submitted it: an earlier version did'
        : mark.owner.workflow === nobody.workflow
          ? 'an activity without a workflow submitted it'
          : sqlflowStatus(job.status) === 'unknown'
            ? `its status "${job.status}" is unknown`
            : undefined,
  };
}

async function linkisAccount(
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

/** Two connections may lead to one account: its jobs are found twice, and told once. */
function merged(accounts: readonly Account[]): Candidate[] {
  const all = new Map<string, Candidate>();
  for (const [id, job] of accounts.flatMap(({ jobs }) => [...jobs])) {
    const known = all.get(id);
    const names = [...(known?.connections ?? []), ...job.connections];
    all.set(id, { ...(known ?? job), connections: [...new Set(names)] });
  }
  return [...all.values()];
}
