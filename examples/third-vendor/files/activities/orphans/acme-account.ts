import { acmeStatus, hasEnded } from '../../src/clients/acme/status';
import type { AcmeConnection } from '../../src/config/connections';
import type { KillReport } from '../../src/contracts/job';
import type { JobUnderWay } from '../../src/contracts/orphans';
import { killAcmeRun } from '../acme/kill-run';
import { tagNames } from '../acme/submission';
import { runIfKnown } from '../acme/watch-source';
import { standalone } from '../owner';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { ownerMark, shortKeyOf } from '../sqlflow/job-name';
import type { Account, Candidate, Deployment } from './candidate';

/** The runs under way that this installation submitted: they bear its name. */
export async function acmeAccount(
  { name: connection, settings, client }: AcmeConnection,
  { installation, namespace }: Deployment,
  signal: AbortSignal,
): Promise<Account> {
  const runs = await client.listByTag(tagNames.installation, installation, signal);
  const underWay = runs.filter(({ state }) => !hasEnded(state));
  const jobs = new Map<string, Candidate>();
  for (const { runId, state, tags } of underWay) {
    const workflowId = tags[tagNames.workflowId] ?? standalone;
    if (tags[tagNames.namespace] !== namespace) continue;
    jobs.set(`acme ${settings.url} ${runId}`, {
      ...{ vendor: 'acme', connection, connections: [connection], remoteId: runId, name: 'run' },
      ...{ status: state, workflowId, persist: false },
      shortKey: shortKeyOf(tags[tagNames.key] ?? ''),
      owner: ownerMark({ installation, namespace, workflowId }).workflow,
      doubt:
        workflowId === standalone
          ? 'an activity without a workflow submitted it'
          : acmeStatus(state) === 'unknown'
            ? `its status "${state}" is unknown`
            : undefined,
    });
  }
  return {
    look: { vendor: 'acme', connection, underWay: underWay.length, own: jobs.size },
    jobs,
  };
}

/** Run ids are never used again, so the id alone names it. */
export async function killAcmeOrphan(
  { connections }: ActivityResources,
  { connection, remoteId }: JobUnderWay,
  session: ActivitySession,
): Promise<KillReport> {
  const { client } = await connections.acme(connection);
  const run = await runIfKnown(client, remoteId, session.signal);
  if (run === undefined) {
    return { outcome: 'nothingToKill', remoteId, evidence: 'the service knows no such run' };
  }
  return await killAcmeRun(client, remoteId, session);
}
