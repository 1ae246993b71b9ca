import type { Vendor } from '../../contracts/names';
import { choicesOf, type Choosable } from '../choices';
import type { CliContext } from '../context';
import { Session } from '../session';
import type { Candidate, Place } from './place';
import type { Askable } from './tree';

const vendors: Partial<Record<Askable, Vendor>> = {
  sqlflowConnection: 'sqlflow',
  linkisConnection: 'linkis',
};

/** Asks the configuration or Temporal, as the options on the line name them. */
export async function findOut(
  { given, kind }: Place,
  context: CliContext,
): Promise<readonly Candidate[]> {
  const { ask } = kind;
  if (ask === undefined) return [];
  const session = new Session(context, {
    config: given['--config'],
    output: 'json',
    address: given['--address'],
    namespace: given['--namespace'],
    taskQueue: given['--task-queue'],
    quiet: true,
  });
  try {
    return await findWith(session, ask, given['--connection']);
  } finally {
    await session.close();
  }
}

async function findWith(
  session: Session,
  ask: Askable,
  connection: string | undefined,
): Promise<readonly Candidate[]> {
  switch (ask) {
    case 'connection':
    case 'sqlflowConnection':
    case 'linkisConnection': {
      const { jobs } = await session.settings();
      return Object.entries(jobs.connections)
        .filter(([, { type }]) => vendors[ask] === undefined || vendors[ask] === type)
        .map(([value, { type, url }]) => ({ value, about: `${type}, ${url}` }));
    }
    case 'secret':
      return names((await session.settings()).config.secrets);
    case 'target':
      return names((await session.settings()).config.openlineage);
    default:
      return choices(session, ask, connection);
  }
}

async function choices(session: Session, what: Choosable, connection: string | undefined) {
  const found = await choicesOf(session, what, { connection });
  return found.map(({ value, hint }) => ({ value, about: hint }));
}

function names(group: object): readonly Candidate[] {
  return Object.keys(group).map((value) => ({ value }));
}
