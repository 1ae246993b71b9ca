import { vendors, type Vendor } from '../../src/contracts/names';
import type { OrphanLook } from '../../src/contracts/orphans';
import type { ActivityResources } from '../resources';
import type { Account, Candidate } from './candidate';
import { linkisAccount } from './linkis-account';
import { sqlflowAccount } from './sqlflow-account';

export interface UnderWay {
  readonly looks: readonly OrphanLook[];
  readonly jobs: readonly Candidate[];
}

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
  const listed: Readonly<Record<Vendor, (connection: string) => Promise<void>>> = {
    sqlflow: (connection) =>
      tried({ vendor: 'sqlflow', connection }, async () =>
        sqlflowAccount(await connections.sqlflow(connection), deployment, signal),
      ),
    async linkis(connection) {
      for (const user of connections.linkisUsers(connection)) {
        await tried({ vendor: 'linkis', connection, user }, async () =>
          linkisAccount(await connections.linkis(connection), user, deployment, signal),
        );
      }
    },
  };
  for (const vendor of vendors) {
    for (const connection of connections.names(vendor).filter(wanted)) {
      await listed[vendor](connection);
    }
  }
  return { looks: accounts.map(({ look }) => look), jobs: merged(accounts) };
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
