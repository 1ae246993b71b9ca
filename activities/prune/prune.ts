import { Context } from '@temporalio/activity';
import { VendorError } from '../../src/clients/http/errors';
import { ConfigurationError } from '../../src/config/errors';
import type { SqlFlowListedJob } from '../../src/clients/sqlflow/job-selection';
import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import {
  deletesPerRun,
  type PrunedAccount,
  type PruneInput,
  type PruneReport,
} from '../../src/contracts/prune';
import type { Deployment } from '../orphans/candidate';
import { Owners } from '../orphans/owners';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { readMark } from '../sqlflow/job-name';
import { summaryIfKnown } from '../sqlflow/watch-source';
import { isDue, isOwnEnded, knownRuns } from './due';

interface PruneCheckpoint {
  readonly deleted?: number;
}

interface Look {
  readonly account: PrunedAccount;
  readonly client?: SqlFlowClient;
  readonly ended: readonly SqlFlowListedJob[];
}

/**
 * Deletes ended jobs of this installation whose workflows closed long ago. The accounts are asked
 * first: who began to follow a listed job meanwhile is among the open workflows then.
 */
export async function prune(
  resources: ActivityResources,
  input: PruneInput,
  session: ActivitySession,
): Promise<PruneReport> {
  const { connections, installation } = resources;
  const { namespace } = Context.current().info;
  const deployment = { installation, namespace };
  const names = connections.names('sqlflow');
  refuseUnknown(names, input.connection);
  const looks: Look[] = [];
  for (const name of names.filter((one) => one === (input.connection ?? one))) {
    looks.push(await lookAt(resources, name, deployment, session.signal));
  }
  const run = new Run(session, input.dryRun === true);
  const accounts: PrunedAccount[] = [];
  let due = 0;
  const known = looks.some(({ ended }) => ended.length > 0)
    ? await knownRuns(new Owners(session), new Date(Date.now() - input.olderThanMs))
    : undefined;
  for (const { account, client, ended } of looks) {
    const jobs = known === undefined ? [] : ended.filter((job) => isDue(job, deployment, known));
    due += jobs.length;
    const problem =
      client === undefined
        ? account.problem
        : await problemOf(resources, session.signal, () => run.removeAll(client, jobs, deployment));
    accounts.push({ ...account, due: jobs.length, problem });
  }
  const { deleted } = run;
  return { installation, namespace, accounts, deleted, left: due - run.deletedNow };
}

function refuseUnknown(names: readonly string[], connection: string | undefined): void {
  if (connection === undefined || names.includes(connection)) return;
  const known = names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
  throw new ConfigurationError([
    `There is no SQLFlow connection "${connection}"; the worker's configuration has ${known}.`,
  ]);
}

/** An account that fails is told of, and the others go on. */
async function lookAt(
  resources: ActivityResources,
  connection: string,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<Look> {
  const wants = (name: string) => readMark(name, deployment.installation)?.owner !== undefined;
  let look: Look = { account: { connection, listed: 0, ended: 0, due: 0 }, ended: [] };
  const problem = await problemOf(resources, signal, async () => {
    const { client } = await resources.connections.sqlflow(connection);
    const list = await client.selectUserJobs({ field: 'jobName', wants }, signal);
    const ended = list.jobs.filter((job) => isOwnEnded(job, deployment));
    const account = { connection, listed: list.listed, ended: ended.length, due: 0 };
    look = { account, client, ended };
  });
  return { ...look, account: { ...look.account, problem } };
}

async function problemOf(
  { secrets }: ActivityResources,
  signal: AbortSignal,
  run: () => Promise<void>,
): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return secrets.redact(error instanceof Error ? error.message : String(error)).slice(0, 500);
  }
}

class Run {
  /** By this attempt. */
  deletedNow = 0;
  private readonly before: number;

  constructor(
    private readonly session: ActivitySession,
    private readonly isDryRun: boolean,
  ) {
    this.before = session.lastDetails<PruneCheckpoint>()?.deleted ?? 0;
  }

  get deleted(): number {
    return this.before + this.deletedNow;
  }

  async removeAll(
    client: SqlFlowClient,
    jobs: readonly SqlFlowListedJob[],
    deployment: Deployment,
  ): Promise<void> {
    if (this.isDryRun) return;
    for (const job of jobs) {
      if (this.deleted >= deletesPerRun) return;
      if (!(await removed(client, job, deployment, this.session.signal))) continue;
      this.deletedNow += 1;
      this.session.beat({ deleted: this.deleted } satisfies PruneCheckpoint);
    }
  }
}

/** After a last look: somebody may have run the job again since the list. */
async function removed(
  client: SqlFlowClient,
  { jobId, jobName }: SqlFlowListedJob,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<boolean> {
  const now = await summaryIfKnown(client, jobId, signal);
  if (now === undefined || now.jobName !== jobName || !isOwnEnded(now, deployment)) return false;
  try {
    await client.deleteUserJob(jobId, signal);
    return true;
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'notFound') return true;
    throw error;
  }
}
