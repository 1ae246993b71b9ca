import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Option } from 'commander';
import { chainName } from '../contracts/chain';
import { LineageError } from '../lineage/errors';
import type { Lineage } from '../lineage/model';
import { readLineage } from '../lineage/read-lineage';
import { latestRevision, openRevision, type ChainPlace } from '../lineage/revisions';
import { chainConnection, checkedChainName } from './chain-connection';
import { CommandError, usageError } from './errors';
import type { Session } from './session';

export interface LineageSourceOptions {
  /** `NAME` or `NAME@REVISION`. */
  readonly chain?: string;
  readonly connection?: string;
}

/** The flags of every command that reads lineage. */
export const lineageSourceOptions = (): Option[] => [
  new Option('--chain <NAME[@REVISION]>', "a chain's revision in the artifact store"),
  new Option('--connection <NAME>', "the chain's SQLFlow connection"),
];

/** Lineage, and where it came from. */
export interface LoadedLineage {
  readonly lineage: Lineage;
  /** For a person: a file's path, or `nightly@42`. */
  readonly label: string;
  readonly chain?: { readonly place: ChainPlace; readonly revision: number };
}

/**
 * Reads what an argument names: a file if there is one of that name, else a chain's revision
 * (`nightly`, `nightly@42`).
 *
 * @throws CommandError, LineageError
 */
export async function loadLineage(
  session: Session,
  argument: string | undefined,
  options: LineageSourceOptions,
): Promise<LoadedLineage> {
  if (argument !== undefined && options.chain !== undefined) {
    throw usageError(`Give ${argument} or --chain ${options.chain}, not both.`);
  }
  const named = argument ?? options.chain;
  if (named === undefined) throw usageError('Name a lineage file, or a chain with --chain NAME.');
  if (argument !== undefined) {
    const file = path.resolve(session.context.cwd, argument);
    if (await isFile(file)) {
      const lineage = await told(session, argument, () => createReadStream(file));
      return { lineage, label: argument };
    }
    if (!chainName.test(argument.replace(/@[^@]*$/, ''))) {
      throw usageError(`There is no file ${argument}.`);
    }
  }
  try {
    return await loadRevision(session, named, options);
  } catch (error) {
    const isAbsent =
      error instanceof CommandError ||
      (error instanceof LineageError && error.code === 'Lineage.NoSuchRevision');
    if (!isAbsent || argument === undefined) throw error;
    throw usageError(`There is no file ${argument}. If it is a chain: ${error.message}`);
  }
}

async function loadRevision(
  session: Session,
  named: string,
  options: LineageSourceOptions,
): Promise<LoadedLineage> {
  const { name, revision: wanted } = parseRevision(named);
  const place = await chainPlace(session, name, options.connection);
  const revision = wanted ?? (await latestRevision(place)).revision;
  const label = `${name}@${revision}`;
  const body = await openRevision(place, revision);
  return { lineage: await told(session, label, () => body), label, chain: { place, revision } };
}

/** `nightly@42` → the chain and its revision; `nightly` and `nightly@latest` → the latest one. */
export function parseRevision(text: string): { name: string; revision?: number } {
  const at = text.lastIndexOf('@');
  const name = checkedChainName(at === -1 ? text : text.slice(0, at));
  const revision = at === -1 ? 'latest' : text.slice(at + 1);
  if (revision === 'latest') return { name };
  if (/^[1-9]\d{0,8}$/.test(revision)) return { name, revision: Number(revision) };
  throw usageError(
    `${JSON.stringify(text)} names no revision: write ${name}@ and its number, or ${name} alone for the latest.`,
  );
}

/** Where a chain's revisions lie. */
export async function chainPlace(
  session: Session,
  chain: string,
  connection: string | undefined,
): Promise<ChainPlace> {
  const { artifacts: store } = await session.settings();
  const { signal } = new AbortController();
  return { store, connection: await chainConnection(session, connection), chain, signal };
}

/** Reads it, and names it where that fails. */
async function told(session: Session, label: string, open: () => Readable): Promise<Lineage> {
  session.output.status(`reading ${label} …`);
  try {
    return await readLineage(open(), { signal: new AbortController().signal });
  } catch (error) {
    if (!(error instanceof LineageError)) throw error;
    throw new LineageError(error.code, `${label}: ${error.message}.`);
  } finally {
    session.output.status();
  }
}

async function isFile(file: string): Promise<boolean> {
  try {
    return !(await stat(file)).isDirectory();
  } catch {
    return false;
  }
}
