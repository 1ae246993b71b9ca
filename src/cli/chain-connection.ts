import { chainName } from '../contracts/chain';
import { usageError } from './errors';
import type { Session } from './session';

/** A chain's own name, checked: it is a part of its workflow's id and of its folder. */
export function checkedChainName(name: string): string {
  if (chainName.test(name)) return name;
  throw usageError(
    `${JSON.stringify(name)} is no name for a chain: take up to 63 letters, digits, ".", "_" and "-", a letter or a digit first.`,
  );
}

/** ` --connection NAME` for a line to copy, where a command would not choose this one by itself. */
export async function connectionFlag(session: Session, connection: string): Promise<string> {
  const chosen = await chainConnection(session, undefined).catch(() => undefined);
  return chosen === connection ? '' : ` --connection ${connection}`;
}

/**
 * The name of the SQLFlow connection, which is a part of a chain's id: here nobody else can choose
 * it later.
 *
 * @throws CommandError where there are none or several and none is named
 */
export async function chainConnection(
  session: Session,
  named: string | undefined,
): Promise<string> {
  const chosen = await session.connectionName('sqlflow', named);
  if (chosen !== undefined) return chosen;
  const names = (await session.settings()).connections.names('sqlflow');
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw usageError(
    names.length === 0
      ? "No SQLFlow connection is configured here: name the worker's with --connection."
      : `There are several SQLFlow connections (${names.join(', ')}): name one with --connection.`,
  );
}
